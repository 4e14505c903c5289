/** Connections between peers. */

/** Connections that may wait in the kernel until we accept them. */
export const listenBacklog = 511;

/** How long a closing connection may take to say its last words. */
export const partingTimeoutMs = 2_000;
/** From the dial to the proved certificate. */
export const connectTimeoutMs = 10_000;
/** Sessions with other peers that a thread keeps, a kilobyte each, to be resumed without certificates. */
export const maxTlsSessions = 256;
/** Larger ones are not kept: ours have less than two kilobytes, and others may make theirs as large as they like. */
export const maxTlsSessionBytes = 8 * 1024;
/** How long a session of two peers may be resumed. */
export const tlsSessionSeconds = 3_600;
/** The same with a tracker: peers stay there for long, and all come back at once after its restart. */
export const trackerTlsSessionSeconds = 12 * 3_600;
/** So long a tracker gives tickets under the same secrets, over restarts too. */
export const ticketKeyLifeMs = 12 * 3_600_000;
/** TLS contexts that a thread keeps: there is one identity, and a few in tests. */
export const maxTlsContexts = 8;
/** From the accepted connection to the proved certificate: strangers wait in line no longer than this. */
export const tlsTimeoutMs = 10_000;
/** Nothing came for so long though it was promised: the source is given up. Others have 20 to 60 s. */
export const stallTimeoutMs = 30_000;

/** Files that one served connection keeps open. */
export const maxServedFiles = 8;
/** Who was sent some of a download that is over is served so long: then it is shared, or not served any more. */
export const finishedPartialMs = 5_000;
/** Four of the smallest pieces with their headers: large enough that reading and encrypting cost little more than the bytes. */
export const sendBufferBytes = 1024 * 1024 + 4 * 64;
/** One is filled while the others are being sent. */
export const sendBuffers = 3;
/**
 * Pieces that are sent to one visitor in turn, a part of each at a time, have together at most so many bytes, or are a
 * large and a small one: the visitor keeps memory for each. Eight of the smallest, each of another of `maxServedFiles`.
 */
export const maxBegunPieceBytes = 2 * 1024 * 1024;
/** A slot is given back when there was nothing to send for so long. */
export const slotIdleMs = 1_500;
/** Uploads of small files beside those in slots, so that they never wait behind large ones (Nicotine+ has two) … */
export const uploadMinislots = 4;
/** … which are passed on when held for so long while others wait. */
export const minislotQuantumMs = 2_000;
/** Contents that one report of a connection tells of at most, and that it knows it has sent before. */
export const maxSentParts = 256;
/** Contents whose names are known for one connection, to be shown. */
export const maxNamedContents = 512;
export const maxRememberedSent = 4_096;
/** Manifests, lists and watches of one visitor: a tree of large files costs one each; a flood waits. */
export const visitorQuestions = { perSecond: 200, burst: 1_000 };
/** Requests of one visitor for what is not here, above which it is shown out. */
export const visitorRefusals = { perSecond: 20, burst: 500 };
/** A visitor may have each content so often over one connection, and so much of it besides: for lost disks. */
export const maxCopiesPerVisitor = 3;
export const spareBytesPerContent = 1024 * 1024;
/** What is said of wrong pieces is looked into for one content so often at most … */
export const pieceCheckEveryMs = 60_000;
/** … and so much of it waits; the rest is not believed. */
export const maxPieceChecks = 16;
export const maxRememberedChecks = 1_000;
/** Requests for pieces that do not exist, before the connection is closed (libtorrent closes after 50 rejects). */
export const maxForbiddenRequests = 8;
