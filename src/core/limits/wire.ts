/** The wire: sizes and conversations. Each message type has its own limit in the message tables; these are what they are made of. */

/** The largest frame before both sides have said hello: a hello needs a few hundred bytes. */
export const maxHelloFrameBytes = 4 * 1024;
/** Messages of a few numbers and one id or digest. */
export const maxSmallFrameBytes = 256;
/** Messages of types that only newer versions know; they are answered and otherwise ignored. */
export const maxUnknownFrameBytes = 64 * 1024;
/** A tracker's largest frame from a peer: 512 files of ordinary path lengths, several times over. */
export const maxShareFrameBytes = 256 * 1024;
/** A peer's largest frame from a tracker or from another peer: one page of an answer. */
export const maxAnswerFrameBytes = 1024 * 1024;
/** A host name, or an IPv6 address with its zone. */
export const maxHostBytes = 255;
/** Names of peers. */
export const maxNameBytes = 64;
export const maxAgentBytes = 64;
/** Virtual paths. */
export const maxPathBytes = 1024;
/** 256 characters of up to four bytes. */
export const maxQueryBytes = 1024;
/** What a page gives to get the next one; opaque to who asks. */
export const maxCursorBytes = 1200;
/** Trackers of one catalogue that a peer is told of. */
export const maxToldTrackers = 8;
export const maxErrorTextBytes = 512;
export const maxErrorDetailBytes = 1024;
export const maxFilesPerAdd = 512;
export const maxFilesPerRemove = 1024;
export const maxRejectedPerCommit = 64;
export const maxSearchResults = 200;
export const maxNamesPerResult = 16;
export const maxSourcesPerContent = 50;
export const maxIdsPerGetSources = 64;
export const maxPeersPerPage = 500;
export const maxEntriesPerPage = 500;
/** 65 536 leaves of 32 bytes. */
export const maxManifestDataBytes = 2 * 1024 * 1024;
/** Small enough that other answers get through between two blocks, large enough that headers cost nothing. */
export const maxBlockBytes = 1024 * 1024;
/** 64 MiB of the smallest pieces. */
export const maxPiecesPerRequest = 256;
/** What one request weighs beside those for other contents: the parts that each is to have of a connection. */
export const maxRequestWeight = 10_000;
/** A bit for each of 65 536 pieces. */
export const maxBitfieldBytes = 8 * 1024;
/** A bitfield, or the runs of pieces that have come since: up to 512 of them, at most 11 bytes each. */
export const maxHaveFrameBytes = 9 * 1024;
export const maxRangesPerHave = 512;
/** Contents of one connection whose new pieces are told; each takes up to 8 KiB to remember what was told. */
export const maxWatches = 64;

/** Requests that a peer may have outstanding at a tracker. */
export const maxTrackerRequests = 64;
/** Requests that a downloader may have outstanding at an uploader: thousands of small files in flight. */
export const maxPeerRequests = 256;
/** Automatic answers (pongs, errors for unknown types) that may wait to be sent. */
export const maxPendingOutputBytes = 64 * 1024;
/** From the first byte to the other side's hello. */
export const helloTimeoutMs = 10_000;
/** From the first byte of a frame to its last. */
export const frameTimeoutMs = 30_000;
/** A peer that sent nothing for this long sends a ping. */
export const peerPingMs = 30_000;
/** A peer that was not heard for this long is gone: three lost pings. */
export const peerSilenceMs = 90_000;
/** A tracker's default terms, given in its welcome. */
export const heartbeatMs = 30_000;
export const leaseMs = 90_000;
/** No tracker has us say less than a ping in so long, nor wait for its own more than three times that. */
export const maxHeartbeatMs = 10 * 60_000;
/** Heartbeats are spread by this fraction either way, so that peers do not come in waves. */
export const heartbeatJitter = 0.15;
