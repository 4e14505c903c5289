/**
 * Every bound and time-out of the program, with its reason: nothing else may grow or wait without one of these.
 * Times are in milliseconds, sizes in bytes, as the names say.
 */

// Worker pools and hashing

/** Runs that may wait for a thread of one pool. Pool owners keep their own queues, so this only stops a fault. */
export const maxPoolQueue = 1024;

/** What a hash job reads at once: a multiple of the smallest piece that still fits a core's cache. */
export const hashReadBytes = 1024 * 1024;

/** Threads that hash, at most: disks rarely deliver more than four can take. */
export const maxHashThreads = 4;

/** How much nicer than ours the priority of hash threads is: transfers and drawing come first. */
export const hashNiceness = 10;

/** Hash threads without work end after this long, and give their memory back. */
export const hashThreadIdleMs = 10_000;

// Profile

/** How long one process waits for another that is writing to the same profile. */
export const databaseBusyTimeoutMs = 5_000;

/** Files not seen for so many days are forgotten by the hash cache: longer than a disk is usually away. */
export const hashCacheKeepDays = 90;

/** Files that the hash cache is asked for in one query: its text and rows are garbage right after. */
export const hashCacheAskFiles = 500;

/** Files that the hash cache remembers at most; those not seen for longest go first. About 200 bytes each. */
export const maxHashCacheFiles = 2_000_000;

/** The largest configuration file of a profile. */
export const maxConfigBytes = 1024 * 1024;

/** Texts that one field of the screen remembers in the profile. */
export const maxConfigHistory = 500;

/** The longest text in a list of a configuration file. */
export const maxConfigTextLength = 4096;

// Peer listener

/** Connections that may wait in the kernel until we accept them. */
export const listenBacklog = 511;

// Engine and its clients

/** Questions of clients under way at once; more are answered with `busy`. */
export const maxDeskConversations = 1024;

/** The part of the engine's heap where garbage gathers, in MiB: V8's default grows to several times that. */
export const engineYoungGenerationMb = 12;

/**
 * The rest of the engine's heap, in MiB. Half a million shared files, the most there are, take 155 of it, 230 with
 * names of a hundred Cyrillic letters, and with these 285 while each of four trackers refuses most of them; a folder of
 * a million files that is downloaded takes 300. The less V8 is given, the less garbage it lets come together: it
 * collects when the heap has grown by a half, and at four times its size with the default of 4 GiB.
 */
export const engineOldGenerationMb = 768;
/**
 * What the heap of the engine's thread may grow to in a command that leaves before all of it is collected for the first
 * time, in MiB: more than it mostly ever holds. It took a tenth off the processor time of 10,000 small files.
 */
export const briefOldGenerationMb = 64;

/** How long a client's question waits for the part that answers it; longer than any of its own time-outs. */
export const deskAskTimeoutMs = 60_000;

/** Pages of one peer's share that are listed at most: twice what a full library fills. */
export const maxBrowsePages = 4_000;

/** How often the desk looks how much room the disk has. */
export const diskLookEveryMs = 10_000;

/** Downloads shown in a snapshot at most, the newest: as many as there can be, those that have ended included. */
export const maxTransferHistory = 11_000;

/** Messages to or from the engine that are packed into one buffer at most; the rest follow in the next. */
export const channelBatch = 512;

/** How long the engine may take to stop gracefully before its thread is ended. */
export const engineStopTimeoutMs = 8_000;

/** How often a client hears of one transfer at most: ten times a second, which is as fast as a screen is drawn. */
export const viewIntervalMs = 100;

/** Characters of JSON that the command line puts together before it writes them. */
export const jsonTextAtOnce = 32 * 1024;

/** Bytes on their way to a client that has not said yet that it dealt with them; more waits as events. */
export const clientWindowBytes = 1024 * 1024;

/** Events that wait for a slow client of another process; beyond it the client is told anew how all is. */
export const maxClientBacklog = 10_000;

/** The same for the client whose process the engine lives in: a line for each file of a large share. */
export const maxOwnerBacklog = 250_000;

/** Questions of one client under way at once; more are answered with `busy`. */
export const maxClientQuestions = 256;

/** Clients attached to one engine at once. */
export const maxAttachedClients = 16;

/** How long after a snapshot for a client that missed events failed the next one is tried. */
export const resyncRetryMs = 1_000;

/** The largest frame of a client: a command about all transfers there can be. */
export const maxClientFrameBytes = 1024 * 1024;

/** The largest frame of an engine: a snapshot with all transfers there can be, several times over. */
export const maxEngineFrameBytes = 64 * 1024 * 1024;

/** How long a program on this machine may take to answer at the engine's socket. */
export const attachTimeoutMs = 5_000;

/** How long the last words to attached clients may take when the engine ends. */
export const lastWordsTimeoutMs = 1_000;

/** Lines of the log that new clients are shown. */
export const maxLogLines = 1_000;

/** A log file is put away when it is so long, and one that was put away is kept: days of trouble, not the disk. */
export const maxLogFileBytes = 5 * 1024 * 1024;

/** After so much written to it a log file is looked at, whether it is full or was put away by another thread. */
export const logCheckBytes = 64 * 1024;

/** The exit code of a program whose supervisor gave up; `docs/operations.md` lists all of them. */
export const exitInternal = 70;

/** The exit code of a program that lost the engine it was attached to. */
export const exitUnavailable = 69;

// Moving files: speed and pipelining

/** The time over which a speed is averaged. */
export const rateWindowMs = 2_000;
/** Nothing came for so long, three of these times: then there is no speed, which the average alone would never say. */
export const rateSilenceMs = 6_000;

/** How far ahead of the measured speed a connection is kept busy (libtorrent's `request_queue_time`). */
export const pipelineSeconds = 3;

/** Asked for ahead at least: a new connection starts with this, and a slow one is never starved by it. */
export const minPipelineBytes = 1024 * 1024;

/** Asked for ahead at most over one connection (Syncthing's figure). */
export const maxPipelineBytes = 32 * 1024 * 1024;

/** What a rate limit lets go at once when nothing was moved for a while: too little to be seen. */
export const rateBurstMs = 100;
/** What those who are late make up for in full: timers and disks of a busy machine are this late, nobody pauses so shortly. */
export const rateCatchUpMs = 400;
/** Under a limit so much is moved at a time as it allows in this time: smooth, and cheap enough … */
export const rateQuantumMs = 20;
/** … but at least so much, less than half a second at 10 kB/s, and at most what is read and sent at once. */
export const minRateQuantumBytes = 4 * 1024;
export const maxRateQuantumBytes = 1024 * 1024;
/** From this limit on the portions are as large as it allows in this time: fewer, for a fifth less processor time. */
export const fastRateBytesPerSecond = 5_000_000;
export const fastRateQuantumMs = 50;
/** Who waits for its turn looks so often whether the limit has changed. */
export const rateLookMs = 250;
/** Of one download under a limit so much is asked for ahead over one connection, a piece at least. */
export const limitedPipelineMs = 1_000;

// The wire: sizes. Each message type has its own limit in the message tables; these are what they are made of.

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
/** A bit for each of 65 536 pieces. */
export const maxBitfieldBytes = 8 * 1024;
/** A bitfield, or the runs of pieces that have come since: up to 512 of them, at most 11 bytes each. */
export const maxHaveFrameBytes = 9 * 1024;
export const maxRangesPerHave = 512;
/** Contents of one connection whose new pieces are told; each takes up to 8 KiB to remember what was told. */
export const maxWatches = 64;

// The wire: conversations

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

// Names and paths

/** Bytes of one name on the file systems in common use. */
export const maxFileNameBytes = 255;

/** Bytes of a safe name left free for what we add to it: ` (9999)`, `.part` and the like. */
export const nameSuffixRoomBytes = 24;

/** Bytes of a whole relative path that a download may make on a disk: Linux's PATH_MAX. */
export const maxDiskPathBytes = 4096;

/** Folders one within the other in one path. */
export const maxPathDepth = 64;

// The command line

/** How long an answer of the engine may take before a command gives up: a tracker's own time-outs are shorter. */
export const answerTimeoutMs = 20_000;
/** Results a search asks for unless told otherwise: what a few screens hold. */
export const defaultSearchLimit = 50;
/** Results that one search gives at most, ten pages of a tracker: people read less, and scripts ask more exactly. */
export const maxSearchLimit = 10 * maxSearchResults;
/** How long `get` looks for a source of a file unless told otherwise. */
export const findTimeoutMs = 60_000;
/** Questions of one command at a time about what its targets mean: more of them wait in the engine's places. */
export const targetsAskedAtOnce = 16;
/** A list of targets that is read from a file or from standard input: some hundred thousand ids. */
export const maxTargetListBytes = 16 * 1024 * 1024;
/** Contents that one such question is about: eight messages to each tracker. */
export const contentsAskedAtOnce = 512;
/** Who says that it is too much is asked again after so long, for as long as a source is looked for. */
export const askAgainAfterMs = 500;
/** The same where the trackers answer that nobody has it: somebody may just be coming back. */
export const notFoundTimeoutMs = 10_000;
/** The same once nothing at all has come of any file for as long as one may take. */
export const hopelessTimeoutMs = 2_000;
/** Even a place in a queue is no hope any more after a day without a byte. */
export const maxStallMs = 24 * 3_600_000;
/** Downloads `get` hands to the engine at once; the rest waits here. Several times what the engine runs at once. */
export const getWindow = 32;
/** Folders of which files failed that are told together at the end; with more, those so far are told. */
export const maxFailedFolders = 256;
/** Downloads of which news may come before the engine has said which they are. */
export const maxEarlyViews = 64;
/** Downloads the engine of a command runs at once. */
export const downloadsAtOnce = 8;
export const uploadSlots = 8;
/** How long a download waits to hear what of it is shared here; then it is fetched. */
export const localCopiesTimeoutMs = 2_000;
/** Files in one folder that is downloaded: at some 300 bytes each, what fits a small machine's memory. */
export const maxTreeFiles = 1_000_000;
/** At most two progress lines a second for each file. */
export const progressEveryMs = 500;
/** Progress in plain lines, for people who read a log. */
export const plainProgressEveryMs = 5_000;
/** At least so long passes between two lines of a log that say what one download waits for. */
export const waitLineEveryMs = 5_000;
/** How often bars are redrawn: smooth to the eye, nothing to the processor. */
export const barsEveryMs = 250;
/** New shares are told to people in batches of this time, each file by name up to this many. */
export const shareLogEveryMs = 1_000;
export const shareLogFiles = 5;
/** How long something on this machine may take to accept a connection when we look whether it is there. */
export const probeTimeoutMs = 1_500;
/** How long a peer waits for another process to bring up the tracker that both want. */
export const embeddedTrackerWaitMs = 10_000;
/** How often it looks whether the tracker is there meanwhile. */
export const embeddedTrackerRetryMs = 100;
/** Files of our own share whose paths a peer's running log remembers, to say what is sent; others go by name. */
export const maxLoggedPaths = 5_000;
/** How long a peer may take to come up in the background before who started it no longer waits. */
export const backgroundStartTimeoutMs = 60_000;

/** The time over which `status` measures speeds. */
export const statusSampleMs = 1_000;
/** Waiting downloads that it gives the reason of. */
export const maxStatusWaits = 10;
/** Downloads that `queue` shows to people, or tells them what was done to; scripts are told of all. */
export const maxQueueRows = 200;
/** So much of a content's id is enough to say which download is meant, where only one begins so. */
export const minIdPrefix = 4;
/** Downloads that are named where what was written could mean any of them. */
export const maxNamedChoices = 10;

/** Entries of a folder that a path which is being written is completed from. */
export const maxPathCompletions = 1_000;

/** Characters that are kept of what else was printed while the screen was drawn, the last ones. */
export const maxStrayOutput = 64 * 1024;

/** A program that the system has not stopped so long after it asked for it has no shell that would continue it. */
export const suspendTimeoutMs = 250;

/** How long a program that was started to open a file is watched: one that fails does so at once. */
export const openingWatchMs = 1_500;

/** Names that are tried for a new file before that is given up. */
export const maxNewFileTries = 1_000;

/** How long `doctor` waits for what may not be there. */
export const doctorAnswerTimeoutMs = 5_000;
/** Below this `doctor` warns: a film no longer fits. */
export const minFreeDiskBytes = 1024 ** 3;
/** How long the peers of the demo may take to hash and register their samples. */
export const demoStartTimeoutMs = 30_000;
/** Slow enough to watch the demo, fast enough not to leave. */
export const demoBytesPerSecond = 40 * 1024 ** 2;

// The tracker link: a peer's side of one tracker

/** Share changes in one message, estimated: well below `maxShareFrameBytes`, so that a long path never breaks it. */
export const shareBatchBytes = 192 * 1024;
/** TCP and TLS to a tracker together. */
export const trackerDialTimeoutMs = 10_000;
/** How long a tracker may take to answer one request. */
export const trackerAnswerTimeoutMs = 10_000;
/** Requests of a connection that questions leave to the share: a sync and a commit. */
export const requestsKeptForShare = 2;
/** Share changes and answers that may wait for a link. The library's batches are bounded too. */
export const trackerLinkMailbox = 8_192;
/** How long the library may take to say what is shared. */
export const shareStateTimeoutMs = 30_000;
/** Late answers in a row after which a tracker is taken to be stuck, and dialled anew. */
export const maxOverdueAnswers = 4;
/** How long a question to all trackers may take: a connection attempt, an answer, and once more after a loss. */
export const trackersAskTimeoutMs = 45_000;
/** How often a tracker is asked how many peers are online: its own heartbeat is no rarer. */
export const countPeersEveryMs = 60_000;
/** Who looks at our state has it asked anew, unless that was so short a time ago. */
export const countPeersAgainMs = 1_000;
/** How fast a tracker answers is told at most so often, however many questions it answers. */
export const latencyShownEveryMs = 1_000;
/** Once one tracker has answered, the others are waited for this long. */
export const slowTrackerGraceMs = 500;
/** Questions, parts of answers and changes that may wait for the actor of all trackers. */
export const trackersMailbox = 4_096;
/** Questions that may wait for a tracker's connection. */
export const maxWaitingQuestions = 1_024;
/** Pages of a tracker that are asked for in one search, empty ones included: what stops a tracker that has no end. */
export const maxSearchPages = 16;
/** The cursors of several trackers as one text. */
export const maxJoinedCursorLength = 16 * 1024;
/** Peers listed by one tracker that are taken in at most. */
export const maxListedPeers = 100_000;
/** Waits between attempts to reach a tracker, with full jitter, for ever. */
export const trackerBackoff = { baseMs: 1_000, maxMs: 60_000 };
/** A connection that lasted so long was a good one: its loss is followed by an attempt almost at once. */
export const stableConnectionMs = 5_000;
export const quickRetryMs = 250;
/** Trackers of a catalogue that nobody tells of any more are tried for so long when all others have failed. */
export const formerNeighbourMs = 10 * 60_000;
/** Between attempts at a tracker that refused us, until somebody changes something. */
export const trackerRefusedRetryMs = 60_000;
/** Who loses one tracker of several turns to another within so long: a thousand do not come in one instant. */
export const moveSpreadMs = 4_000;
/** No tracker has us wait longer than that before we leave it for another. */
export const maxRedirectMs = 60_000;
/** A tracker that said it comes back is tried so often: a restart takes seconds … */
export const comeBackBackoff = { baseMs: 250, maxMs: 2_000 };
/** … and after so many attempts it is one that cannot be reached. */
export const maxComeBackAttempts = 30;
/** No tracker that is busy has us wait longer than that before we ask again. */
export const maxRetryAfterMs = 5 * 60_000;
/** Trackers that a person has named of which a profile remembers the neighbours. */
export const maxRememberedTrackers = 32;
/** For so long after a failed attempt, questions fail at once; later ones bring the next attempt forward. */
export const minDialGapMs = 1_000;
/** How long the answer to a sync or commit is waited for: it comes after all rows of the share. */
export const syncAnswerTimeoutMs = 120_000;
/** Comparisons after which a tracker that still contradicts us is left alone until the next connection. */
export const maxStaleCommits = 3;
/** More changes at once than these wait for the tracker to have time: a new share of two hundred files does not. */
export const maxUnaskedChanges = 256;
/** Files touched since earlier commits that are remembered, for a tracker that comes back: some 100 bytes each. */
export const maxJournalFiles = 4_096;
/** Commits from which on changes are known: a store that fails over may have lost the last ones. */
export const maxJournalCommits = 64;
/** A share is compared with what the tracker has each time so many heartbeats have passed, instead of a ping. */
export const heartbeatsPerCompare = 4;
/**
 * No tracker has us compare it again sooner after the last time than this, as one that answers with false buckets is
 * sent the whole share each time. A tracker on a cluster looks for losses no more often.
 */
export const minCompareGapMs = 15_000;

// Search and the catalogue stores

/** UTF-16 units of a search: the longest file name there is, and some. */
export const maxQueryLength = 256;
/** Words and phrases of a search. Each costs the index one more list to walk. */
export const maxQueryTerms = 24;
/** Alternatives of all words of a search together, which `OR` multiplies: lists of the index that one search walks. */
export const maxQueryAlternatives = 96;
/** Peers that one search names. */
export const maxQueryPeers = 16;
/** Sources shown of one content: more than a download asks at first. */
export const maxSourcesPerResult = 32;
/** Contents asked for at once by id. */
export const maxContentsPerQuestion = 64;
/** Matching rows ranked against one another for every result asked for: newest first, so old ones lose. */
export const candidatesPerResult = 4;
/** Index hits looked at in one search, those without a live source included: a bound on its time, some 20 ms. */
export const maxSearchHits = 8_000;
/** Rows that the index gave and a closer look refused, as for a phrase of common words: some 5 ms of it. */
export const maxRefusedHits = 500;
/** Of files with the words of a search, but of another type or size, one of so many is told: a power of two. */
export const entriesPerRefusalTold = 64;
/** To read a row takes as long as passing so many of those: 6 µs, and 75 ns each. */
export const entriesPerRow = 80;
/** So many of those are passed before the index is asked for words and type together … */
export const refusedBeforeFacets = 2_000;
/**
 * … where they are more than one of so many files: to pass one takes as long as passing the files between two of them in
 * the index's list of a type, of which every fourth file may be (75 ns, and 7 each).
 */
export const facetFilesPerEntry = 40;
/** All rows that are looked at in that way. */
export const maxRowsBeforeFacets = 1_000;
/**
 * Rows that a catalogue changes in one transaction at most, of all who change something at the same moment: as many
 * again make it hardly cheaper, and nobody else is served meanwhile.
 */
export const maxGroupRows = 8_192;
/**
 * As so many of those rows counts a file that others have already: in large groups it is not cheaper, and while all peers
 * wait for the same transaction, the other threads have nothing to do.
 */
export const knownRowWeight = 8;
/** Rows that a peer adds between two looks at whether somebody waits for what a search finds: some 0.3 ms of work. */
export const rowsBeforeGivingWay = 32;
/** How long who registers sleeps at a time while somebody does. */
export const givingWayMs = 0.5;
/** How long together, before it has to work as long as it goes on sleeping. */
export const maxGivingWayMs = 20;
/** Pages of the index of words that are merged at a time when nothing else is to be done: some 20 ms of it. */
export const mergePages = 256;
/** Words of the index told at once, for what somebody may have meant. */
export const maxWordsLike = 1_000;
/** Words that are told of those with one beginning when a search found nothing and another word is sought … */
export const maxSuggestionWords = 256;
/** … of which so many are tried for one word: some 50 microseconds each. */
export const maxSuggestionHeads = 256;
/** Searches that are tried before nothing is suggested. */
export const maxSuggestionTries = 8;
/** Files that a word may be in and still be taken for another one mistyped, where every word is known. */
export const maxSuspectFiles = 16;
/** How long a tracker looks for what to suggest … */
export const suggestionMs = 150;
/** … as long as that is the only question it has to answer: others would wait for a guess … */
export const calmLookUps = 1;
/** … and as long as a thread spends no more than so many milliseconds on guesses: searches that find nothing are many. */
export const suggestionTime = { perSecond: 50, burst: 2 * suggestionMs };
/** Files of those words that are counted on the way: some 20 ms of it. */
export const maxWordRows = 200_000;
/** Pages of a catalogue (4 KiB) copied at once by a backup; between two such steps everybody else has a turn. */
export const backupStepPages = 256;
/** Files of the peers that a search names, up to which all are looked at instead of asking the index: some 10 ms. */
export const maxWalkedShare = 1_000;
/** Rows of one content, live or not, that are looked through: a licence lies in thousands of folders. */
export const maxRowsSeenPerContent = 2_000;
/** Rows of them that give its names and sources. */
export const maxRowsPerContent = 64;
/** Files of one peer; eD2k servers stop between 5 000 and 100 000. The rest is refused with `limit`. */
export const maxFilesPerShare = 100_000;
/** Beyond so many a peer is told that its share is large; they are listed all the same. */
export const usualFilesPerShare = 50_000;

// The Redis store

/** Parts of a new catalogue on a cluster; it keeps this number for good. Enough for ten primaries. */
export const redisShards = 32;
export const maxRedisShards = 128;
/** Numbers in one set of a list, which Redis keeps packed up to this many by default (`set-max-intset-entries`). */
export const maxRedisListNumbers = 512;
/** Bytes of the holders of a row that lie beside it, 4 each; more become a list. */
export const maxRedisPackedBytes = 60;
/** Names that a peer has had and that may not have been let go of; a further one is refused until some are. */
export const maxRedisOldNames = 8;
/** Words that the beginning of a word may stand for in one part; of more, the list of its first letters is taken. */
export const maxRedisBeginnings = 64;
/** Numbers that one call of a search looks at in a part, and rows that it reads, before it says where to go on. */
export const maxRedisSearchWork = 4_000;
export const maxRedisSearchSeen = 400;
/** Commands that may be on their way to one server; more are refused, so that one that hangs costs no memory. */
export const redisPendingCommands = 4_096;
export const redisConnectTimeoutMs = 1_000;
/** How soon a server that could not be reached is dialled again. */
export const redisRedialMs = 100;
/** A server that has answered nothing for so long, with questions waiting, is hung up on. */
export const redisHangMs = 1_000;
/** How long one try of a write may take, and a write with all its tries: a failover takes two seconds. */
export const redisTryMs = 1_000;
export const redisWriteMs = 4_000;
/** How long a catalogue is waited for at the start while its servers are busy, load or form their cluster. */
export const redisOpenMs = 60_000;
/** How long it is left alone between two tries, and so how often is said what is waited for. */
export const redisOpenRetryMs = 1_000;
/** Waiting between tries, doubled up to the second number. */
export const redisRetryMs = { first: 20, most: 200 };
/**
 * How long the parts of a cluster may take to find what a search asks for, with all their rounds; a page, with who has
 * what was found, takes twice as long at most.
 */
export const redisShardSearchMs = 150;
/** Times that parts of a cluster are asked for more of what one page needs. */
export const redisSearchRounds = 24;
/** How long asking a server for the parts of its cluster may take, and how often that is done while things fail. */
export const redisTopologyMs = 500;
export const redisTopologyGapMs = 100;
/** Files added or removed in one call: two to four milliseconds of a server. More at once share more of their words. */
export const redisFilesPerCall = 64;
/** Sizes that may be claimed for one content at one path of a part: all but one are lies, and each is looked at. */
export const maxSizesPerPath = 64;
/** Rows walked in one call, when a share is compared, dropped or forgotten. */
export const redisRowsPerCall = 128;
/** Rows without holders that are taken out of the index in one call. */
export const redisGarbagePerCall = 16;
/** Contents asked for in one call to one part. */
export const redisContentsPerCall = 32;
/** A tracker that has not renewed its lease for so long has its peers hidden by the others. */
export const redisLeaseMs = 90_000;
/** How often it renews its lease with each part of the cluster. */
export const redisBeatMs = 15_000;
/** After a pause of all trackers longer than this, all leases begin anew: it was Redis that was away. */
export const redisBeatPauseMs = 45_000;
/** Peers hidden, or shown again, in one call. */
export const redisPeersPerCall = 128;
/** Peers that left and of whom a part of the cluster could not be told yet; beyond, they stay until the lease ends. */
export const maxRedisFarewells = 200_000;
/** A name that was taken and never used is free again after this: above a lease, below patience. */
export const redisNameHoldMs = 300_000;
/** Pages and sources that a reader answers again without asking: how old, how many. */
export const redisPageFreshMs = 2_000;
export const redisHoldersFreshMs = 5_000;
export const redisCachedAnswers = 2_000;

// Downloads on the disk

/** `name (1).ext` to `name (9999).ext`, then we give up. */
export const maxNameSuffix = 9_999;

// Moving files: connections between peers

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

// Reaching peers: calls

/** The token of a call: nobody guesses it while it is good. */
export const callTokenBytes = 16;
/** How long it is good: a question to the tracker, its word to the other side, and a dial over a slow line. */
export const callTokenMs = 30_000;
/** How long the trackers may take to pass on a call. */
export const callAskTimeoutMs = 12_000;
/** How long who was called is waited for once the tracker has told it: as long as it may dial, and a little. */
export const callAnswerMs = 12_000;
/** Calls of ours that nobody has answered yet. */
export const maxOpenCalls = 64;
/** Calls that we answer: a tracker makes nobody dial more strangers than this … */
export const answeredCalls = { perSecond: 1, burst: 30 };
/** … of whom so many have not answered yet. */
export const maxCallersDialled = 16;
/** Calls that are remembered, since each of several trackers may pass on the same. */
export const maxRememberedCalls = 256;

// Reaching peers: the tracker's side

/** How long a peer has been here before it is dialled back: whoever only looks in need not be. */
export const firstProbeMs = 1_000;
/** From the dial to the proved key, when a tracker looks whether a peer can be reached. */
export const dialBackTimeoutMs = 5_000;
/** Peers that are dialled back at once … */
export const maxProbesAtOnce = 16;
/** … how often in all: each costs a TLS handshake, and nobody waits for it … */
export const probes = { perSecond: 20, burst: 40 };
/** … and how often in one network: nobody has a tracker knock at all ports of a host by as many identities. */
export const probesOfNetwork = { perSecond: 0.2, burst: 10 };
/** A peer that can be reached is dialled back again after this; connections to it would show sooner. */
export const reprobeMs = 30 * 60_000;
/** One that cannot be reached is dialled again after this, doubling up to `reprobeMs`: somebody may be at its router. */
export const reprobeUnreachableMs = 2 * 60_000;
/** Peers whose reach is remembered after they have left, so that coming and going costs no dial each time. */
export const maxRememberedProbes = 20_000;
/** How often it is looked who is to be dialled back. */
export const probeLookMs = 1_000;
/** Calls by one network or one identity: a download of a folder calls once, a queue of downloads each peer once. */
export const callsByCaller = { perSecond: 1, burst: 60 };
/** Calls to one peer, by whomever: each makes it dial. */
export const callsToPeer = { perSecond: 1, burst: 30 };
/** How long the store may take to pass on a call to another tracker. */
export const callPostTimeoutMs = 5_000;
/** How often a tracker looks what calls others of its catalogue have left for its peers. */
export const callLettersMs = 500;
/** Calls that wait for one tracker, and how long: whoever calls waits no longer. */
export const maxCallLetters = 256;
export const callLetterMs = 10_000;
/** Callers and called that have used up some of their allowance; more wait until some have it back. */
export const maxCallAllowances = 50_000;

// The tracker

/** How long a tracker may take to stop gracefully before its thread is ended. */
export const trackerStopTimeoutMs = 8_000;
/** Peers that may send much of their shares at once … */
export const maxSyncPermits = 64;
/** … and at least, however slow the registry is; the step by which there are more again. */
export const minSyncPermits = 4;
/** A write that waits longer than this for those before it is a reason for fewer permits. */
export const registryWaitTargetMs = 250;
export const registryProbeEveryMs = 500;
/** A permit that is not given back lapses after so long: a share of 100 000 files takes some seconds. */
export const syncPermitLeaseMs = 60_000;
/** When those are told to ask again who may not send now. */
export const minSyncRetryMs = 1_000;
export const maxSyncRetryMs = 120_000;
/** Above what all connections may ask and give back at once. */
export const permitsMailbox = 32_768;
/** Messages of files that the registry has from a peer before it has answered the first … */
export const maxMessagesAhead = 4;
/** … as long as they have fewer bytes (ids, sizes and paths): three usual messages do. One more is let in after that. */
export const maxBytesAhead = 128 * 1024;
/** Changes that a peer may send between two commits without having asked; for more it waits for a permit. */
export const maxUnpermittedChanges = 1_024;
/** Who did not ask is looked at again so often at least. */
export const maxUnaskedWaitMs = 5_000;
/** How often a tracker says in a shared store that it is there, and how long that is believed. */
export const announceEveryMs = 4_000;
export const neighbourLeaseMs = 12_000;
/** How long a tracker that goes tries to say so in the store. */
export const withdrawTimeoutMs = 1_000;
/** Peers that are sent away go within so long: 2 ms for each, as many handshakes are what a tracker can do. */
export const drainMsPerPeer = 2;
export const minDrainMs = 500;
export const maxDrainMs = 8_000;
/**
 * Peers that are told to compare their shares do so within so long: 2 ms for each of those who are here. At most half of
 * the time in which they would do it anyway, so that it is never more than a few times the usual work.
 */
export const compareMsPerPeer = 2;
export const maxCompareSpreadMs = 60_000;
/**
 * A tracker does not have them do it again sooner than this, by when all have: a cluster whose slots move may say with
 * every beat that it has lost something. What it loses meanwhile is compared then.
 */
export const minCompareRoundGapMs = 60_000;
/** How often a tracker that is being emptied looks whether it is. */
export const drainLookMs = 100;
/** How long the word takes to get out that a tracker goes and comes back. */
export const drainGraceMs = 300;
/** How long a tracker takes at most to send its peers away … */
export const trackerDrainTimeoutMs = 11_000;
/** … and to have stopped, whatever still goes on. */
export const trackerExitMs = 14_000;
/** Messages that may wait for the registry; a connection whose question is refused waits and reads no more. */
export const registryMailbox = 4_096;
/**
 * Files that a tracker remembers to have prepared, on all its threads together, 4 bytes each: memory is taken as they
 * come. Of a million files registered last four fifths are found.
 */
export const knownFilePlaces = 2 ** 22;
/**
 * Bytes of a path up to which it may be taken for a known one: what finding words in it takes, where they are missing
 * after all, is the registry's time, of which there is one.
 */
export const knownPathBytes = 192;
/** Files of a message that a listener prepares before it hears what else has come: some 0.4 ms … */
export const filesPreparedAtOnce = 64;
/** … as long as they have no more bytes (id, size and path), which is about what so many usual ones have. */
export const bytesPreparedAtOnce = 10 * 1024;
/** Questions the registry's store may have under way; more are answered with `busy`. */
export const maxRegistryOperations = 1_024;
/** How long the registry may take to answer. */
export const registryAskTimeoutMs = 15_000;
/** Threads that look things up beside the registry, unless told otherwise and where there are so many processors. */
export const defaultSearchers = 2;
/** Questions that may wait for one searcher, all connections together: a second of hard ones. More are `busy`. */
export const maxWaitingLookUps = 256;
/** Room for them and for as many that others sent at the same moment. */
export const searcherMailbox = 1_024;
/** How long a look-up may take before the question is answered with `busy`. */
export const lookUpTimeoutMs = 5_000;
/** How soon a question is put again to a registry that had no room for it. */
export const registryRetryMs = 50;
/** One page of an answer, estimated: well below `maxAnswerFrameBytes`. */
export const answerPageBytes = 512 * 1024;
/** What waits to be sent to a peer before its next request is read (uhub drops at 96 KiB). */
export const maxUnsentBytes = 256 * 1024;
/** A peer that has not taken all that waits for it after this long is closed. */
export const slowReaderTimeoutMs = 15_000;
/** How long a connection that is being closed may take to send its last words. */
export const farewellTimeoutMs = 2_000;
/** Searches of one host: a script may ask some dozens in a row, a flood may not. */
export const trackerSearches = { perSecond: 20, burst: 60 };
/** Tokens that a search takes beyond the first: for a beginning of two characters, and at most in all. */
export const shortPrefixCost = 4;
export const maxSearchCost = 12;
/** Ways to spell what is searched for that a search may have for nothing. */
export const cheapAlternatives = 8;
/** What one identity may use up of what its address may: some people share an address. */
export const identityShare = 2 / 3;
/** How full the searchers' queues may be before work of that kind is refused. */
export const overloadShares = { 'wide-search': 0.5, search: 0.75, 'look-up': 0.9 };
/** How late the events of a listener's thread may be, on average and for a while, before work of that kind is refused. */
export const overloadLagMs = { 'wide-search': 250, search: 750, 'look-up': 2_000 };
/** When to try again: the first at the bound, more beyond it; each at some moment up to twice that. */
export const overloadRetryMs = { minMs: 1_000, maxMs: 8_000 };
/** Nobody is told to wait for longer, however little is given to all together. */
export const maxToldWaitMs = 60_000;
/** How often a listener looks how late its events were, and how often it measures that. */
export const lagLookMs = 500;
export const lagSampleMs = 20;
/** Other questions of one host: a peer with hundreds of downloads asks for sources in batches. */
export const trackerLookups = { perSecond: 50, burst: 500 };
/** Contents whose sources may be asked for at the price of one such question. */
export const contentsPerLookUp = 16;
/** Files that one host adds or removes, above which it waits: the first two largest shares cost no wait. */
export const trackerChanges = { perSecond: 10_000, burst: 200_000 };
/** Dropping buckets takes the registry as long as so many files do; so does comparing a share (sync, commit). */
export const dropBucketsCost = 1_000;
export const compareCost = 20;
/** How often a change that waits for its host's allowance looks whether there is room. */
export const allowanceRetryMs = 100;
/** Below the 20 000 descriptors that a process may usually have. */
export const maxTrackerConnections = 16_384;
/** Many people share an address behind one router; a flood has few addresses. */
export const maxConnectionsPerHost = 256;
/** The same of one /24, or one /48: who has many addresses has them there. */
export const maxConnectionsPerNetwork = 1_024;
/** Connections whose TLS handshake is not done, those included that wait for their turn: some seconds of work. */
export const maxPendingHandshakes = 4_096;
/** Of them, those that one listener is at: the others have cost nothing yet. */
export const maxTlsHandshakes = 200;
/** One that takes longer than this keeps nobody waiting: else some addresses that say nothing would shut out all others. */
export const slowHandshakeMs = 2_000;
/** How often handshakes are looked at whose time may be over. */
export const handshakeLookMs = 500;
/** Threads that connections live on, unless told otherwise and where there is a processor more than those. */
export const defaultListeners = 4;
/** The part of a listener's heap where garbage gathers, in MiB: with V8's default a tracker of 2,500 peers has 25 MB more. */
export const listenerYoungGenerationMb = 8;
/** Sockets that may wait for the gate. */
export const gateMailbox = 4_096;
/** Peers coming in, and what listeners and others have to tell, that may wait for the directory. */
export const directoryMailbox = 16_384;
/** Peers that a registry which has begun anew is told of at a time. */
export const maxRestoreBatch = 500;
/** Leases after a start in which nobody expires: who was here before has yet to come back (Eureka waits 5 minutes). */
export const graceLeases = 2;
/** From accept to the end of the TLS handshake. */
export const tlsHandshakeTimeoutMs = 10_000;
/** How often the reaper looks for silent peers. */
export const reapEveryMs = 1_000;
/** Sockets, ended handshakes and commands that may wait for a listener; beyond, sockets are destroyed. */
export const listenerMailbox = 16_384;
/** How often addresses that are gone are forgotten; only those that searched a lot just before are kept so long. */
export const pruneHostsEveryMs = 10_000;
/** The reaper is only told that there is something to do, once with each lot of news. */
export const reaperMailbox = 1_024;
/** Downloads under way of which a tracker remembers who they are for, in all: some 200 bytes each. */
export const maxMemberships = 200_000;
/** The same from one address, so that none keeps others out: some dozens of busy peers behind one router. */
export const maxMembershipsPerHost = 10_000;
/** The same of one visitor, twice what an engine works on at once; and of one content: beyond, who comes is not named. */
export const maxSwarmsPerVisitor = 512;
export const maxMembersPerSwarm = 1_000;
/** Who downloads a content is told of at most so many at once when somebody comes: they tell others by serving. */
export const maxToldOfNewcomer = 50;
/** Who downloads says so every twenty seconds; who has not for so long does no more. */
export const swarmLeaseMs = 5 * 60_000;
export const swarmSweepMs = 10_000;
/** Places of the table that tells which contents somebody downloads, 4 bytes each: others at the same one are told of in vain. */
export const wantedPlaces = 2 ** 18;
/** What others are told of peers of one host, contents times listeners; the rest they find by asking again. */
export const swarmNews = { perSecond: 200, burst: 5_000 };
/** Contents wanted and shared by nobody, for which those who come back are looked at. */
export const maxLonelyContents = 1_000;
/** Above what all connections may say at once. */
export const swarmsMailbox = 32_768;
/** A scan so much late means that this process was paused, and that silence meant nothing. */
export const deafAfterMs = 5_000;
/** Peers taken out of results in one step. */
export const maxDetachBatch = 1_000;
/** The files of a peer that left are kept for so long, so that its return costs nothing. */
export const retainShareMs = 24 * 60 * 60 * 1_000;
/** Files of peers that are away, beyond which those that left first are forgotten: some 3 GB of disk. */
export const maxFilesAway = 10_000_000;
/** How often what was kept too long is looked for, and how many rows are deleted at a time. */
export const sweepEveryMs = 10_000;
export const maxSweepRows = 500;
/** A serve job tells how far it is at most so often. */
export const serveReportMs = 200;
/** What one read from the network takes in at most. */
export const receiveBufferBytes = 256 * 1024;
/** Memory of its own that one connection has for pieces in the making or on their way to the disk. */
export const maxPieceBufferBytes = 16 * 1024 * 1024;
/** With so much on the way, slots of the sink included, reading pauses while there is no free slot. */
export const pieceBacklogBytes = 2 * 1024 * 1024;
/**
 * Slots, each of one of the smallest pieces, that a receiving thread shares with the thread that proves and writes
 * them: 32 MiB, about what comes while a write waits for a file system that gives blocks to what was written before,
 * 20 to 50 ms (8 MiB still leave a pause of a tenth of a second for each GiB). A power of two.
 */
export const sinkSlots = 128;
/** Of these each such thread may use so many; the others are touched only while the disk is behind … */
export const sinkOwnSlots = 16;
/** … and of the others all threads of an engine together no more than so many: 28 MiB. */
export const sinkReserveSlots = sinkSlots - sinkOwnSlots;
/** With fewer free slots than these the sink is to say when it is done with a piece … */
export const sinkEagerSlots = 4;
/** … and with more it is looked after so long, if nothing has come meanwhile. */
export const sinkLookMs = 2;
/** That thread has the system begin to write to the disk whenever it has written so much to a file. */
export const writeBackBytes = 4 * 1024 * 1024;
/** Contents from this size on are proved and written on that thread: for less it is not worth starting. */
export const sinkFromBytes = 16 * 1024 * 1024;
/** What that thread makes is a hash for each piece: without this its heap grows to tens of MiB. */
export const sinkYoungGenerationMb = 2;
/**
 * Neighbouring pieces are written together up to so much. Larger writes make the page cache take larger runs of
 * memory, which a virtual machine may have to get from its host first: 4 MiB cost half a second more for each GiB.
 */
export const maxWriteBytes = 256 * 1024;
/** One request for pieces asks for about so much: large enough to cost nothing, small enough to take back. */
export const pieceRequestBytes = 4 * 1024 * 1024;
/** … and for no more than comes in so long: what others have sooner can still be taken back. */
export const pieceRequestMs = 100;
/** Requests for pieces under way over one connection; the rest of `maxPeerRequests` is for other questions. */
export const maxPieceRequests = 224;
/** A fetch job tells how far it is at most so often … */
export const fetchReportMs = 40;
/** … and so soon when nothing has happened but that bytes of pieces under way came: as often as views are shown. */
export const bytesReportMs = 200;
/** Under a limit a report tells of no more bytes than may come in so long: they are read many at a time. */
export const maxEvenSpanMs = 1_000;
/** Bytes of a piece under way are counted so many at a time, and whenever a report is due. */
export const countBytes = 64 * 1024;
/** Threads that move files: more only wait for the same disk and network. */
export const maxTransferThreads = 4;
/** Threads at once that may have slots of the reserve: these, those about to end, and the engine's own. */
export const maxSinkThreads = 4 * maxTransferThreads;
/** Connections and checks at once on each of these threads. */
export const transferJobsPerThread = 256;
/** Buffers are outside this heap; what is in it is small. */
export const transferThreadHeapMb = 128;
/** Larger pieces are not fetched: files above 4 TiB. A made-up size must not make us allocate at will. */
export const maxFetchedPieceLength = 64 * 1024 * 1024;
/** Reads that may come between the handshake and our looking at who it is with. */
export const maxEarlyChunks = 4;

// Operating a tracker

/** What `maxConnections` may be set to: more than one machine can hold. */
export const mostTrackerConnections = 1_000_000;
/** The largest settings file of a tracker: all lists full. */
export const maxTrackerSettingsBytes = 16 * 1024 * 1024;
/** Denied addresses and networks: a blocklist for the whole internet, summed up by networks, is as long. */
export const maxDeniedAddresses = 20_000;
/** Denied peers, and denied contents: about 100 bytes each on every thread that serves peers. */
export const maxDeniedIds = 100_000;
/** Denied words: each of them narrows every search, and is looked for in every file that comes. */
export const maxDeniedWords = 200;
/** How much of a value that does not fit is shown. */
export const maxShownValueLength = 60;

/** Programs that speak with a tracker's admin door at once: a collector, a view or two, and some to spare. */
export const maxAdminConnections = 32;
export const maxAdminHeaderBytes = 8 * 1024;
/** A path to back up to is the longest thing that is asked. */
export const maxAdminBodyBytes = 8 * 1024;
/** From the first byte of a request to the end of its head, and to its last byte. */
export const adminHeaderTimeoutMs = 5_000;
export const adminRequestTimeoutMs = 10_000;
/** A connection without a request is closed after this. */
export const adminIdleMs = 60_000;
/** How long the parts of a tracker may take to tell how they are; one that does not is told of as silent. */
export const adminAskTimeoutMs = 2_000;
/** What is told of a tracker is at most so old: asking more often costs nothing. */
export const trackerStatsAgeMs = 250;
/** How often each thread looks how busy it is. */
export const threadMeterMs = 1_000;
/** How closely the lateness of a thread is watched: it wakes this often. */
export const lagResolutionMs = 20;
/** How long a backup may take before whoever asked is told that it has not ended. */
export const backupTimeoutMs = 60 * 60_000;
/** How long a command waits for the running tracker to answer, and what it takes of an answer. */
export const adminAnswerTimeoutMs = 10_000;
export const maxAdminAnswerBytes = 8 * 1024 * 1024;

/** How much more than it was started for a tracker may let in without a restart: its tables are made for twice as many. */
export const maxConnectionsGrowth = 1.5;
/** A tracker whose disk has less room is told of as not well. */
export const minTrackerRoomBytes = 64 * 1024 * 1024;
/** From where on an operator is warned: parts of connections, of file descriptors and of an actor's mailbox. */
export const warnConnectionsPart = 0.9;
export const warnFilesPart = 0.9;
export const warnQueuePart = 0.5;
/** … a thread that is so late, bytes that peers do not read, and the catalogue's log. */
export const warnLagMs = 100;
export const warnUnsentBytes = 256 * 1024 * 1024;
export const warnWalBytes = 256 * 1024 * 1024;

/** How often a view of a tracker asks it how it is. */
export const trackerViewMs = 1_000;

/** Seconds without anybody being told that the tracker is busy, after which it is not overloaded any more. */
export const overloadCalmLooks = 5;

/** The same without a change that the disk refused: peers that were refused ask again within a minute. */
export const unwritableCalmLooks = 90;

// Library

/** Files known in all shares together; what is beyond is skipped with `limit`. About half a kilobyte each. */
export const maxLibraryFiles = 500_000;

/** What one scan job looks at, at most: folders, or single names. Enough that jobs cost little beside it. */
export const scanFoldersAtOnce = 16;
export const scanNamesAtOnce = 1_000;

/** A scan job that has found so many files leaves the rest of its targets to the next, so that both hold little. */
export const scanFilesAtOnce = 2_000;

/** After a scan was lost with its thread, everything is looked at again this much later. */
export const scanRetryMs = 1_000;

/** The thread that scans ends when there was nothing to look at for this long: before a new share is told of. */
export const scanThreadIdleMs = 1_000;

/** Folders watched at most. The system's own limit is shared with everything else that the user runs. */
export const maxWatchedFolders = 32_768;

/** Changed names remembered in one folder between two looks; beyond that the whole folder is looked at. */
export const maxDirtyNames = 4_096;

/** How long changes are collected before they are looked at. */
export const watchDebounceMs = 300;

/** A file is hashed when it has been quiet for this long: longer than the steps of any file system's clock. */
export const fileSettleMs = 700;

/** How long a start waits for hashes before it shares what it has: a small new share is announced whole. */
export const firstHashesMs = 2_500;

/** Everything is looked at again this often, give or take a tenth, for what the watches missed. */
export const rescanIntervalMs = 600_000;

/** The same while the system's limit on watches leaves some folder unwatched. */
export const unwatchedRescanIntervalMs = 60_000;

/** A shared folder that is not there is looked for this often: a disk may be plugged in at any time. */
export const missingShareProbeMs = 2_000;

/** A hash job takes one file, or small ones up to so many bytes and files: jobs cost more than small files. */
export const hashBatchBytes = 8 * 1024 * 1024;
export const hashBatchFiles = 64;

/** Tries of one version of a file before it waits for the next full scan, and the first wait between them. */
export const maxHashAttempts = 5;
export const hashBackoffMs = 1_000;

/** Changes of the share are told this long after the first of them, and so many to a message. */
export const shareFlushMs = 200;
export const shareBatchFiles = 1_000;

/** How long the list of what is shared waits on the disk to be compared again when it could not be written. */
export const indexRetryMs = 60_000;

/** How soon what an observer had no room for is offered again, and how often, before it is given up. */
export const noticeRetryMs = 10;
export const maxNoticeRetries = 500;

/** Reasons for skipping that are remembered, so that each is told once. */
export const maxSkippedNotes = 10_000;

/** Paths of one content that are tried when it is asked for; those found changed are looked at again. */
export const maxOpenAttempts = 16;

/** So long after the first scan all trackers have usually been told of it, and memory that it took is given back. */
export const startOverMs = 10_000;

/** Shared folders, those added while it runs included. */
export const maxShares = 256;
/** At most two views of the shared folders a second go to the engine's clients. */
export const shareViewMs = 500;
/** Contents of which it is known how much of them was sent; those sent last are kept. About 200 bytes each. */
export const maxSentContents = 100_000;

// Downloads: sources and what they are asked for

/** A connection without work is kept for so long, in case more comes. */
export const sessionIdleMs = 15_000;
/** Connections to peers that we download from, in all. */
export const maxSessions = 64;
/** Sources of one content that are used at once. */
export const maxSourcesInUse = 16;
/** When all of those are in use and others are known, so often the least useful one makes room … */
export const rotateSourcesMs = 15_000;
/** … and is left alone for so long. */
export const sourceRestMs = 60_000;
/** How often any source is tried rather than the one that promises most: nobody would be known otherwise. */
export const sourceExploration = 0.25;
/** Sources of one content that are remembered. */
export const maxKnownSources = 200;
/** Wrong or falsely promised pieces after which a source is never asked for this content again … */
export const maxStrikes = 2;
/** … and after so many stalls in a row not for so long. */
export const stallBanMs = 30 * 60_000;
/** A source that failed is tried again after a jittered wait that doubles from here … */
export const sourceRetryBaseMs = 1_000;
/** … to here. */
export const sourceRetryMaxMs = 5 * 60_000;
/** A source that said no is asked again after this. */
export const refusedRetryMs = 60_000;
/** New pieces are told to those who watch a download at this beat. */
export const haveEveryMs = 100;
/** How many seconds of its speed a source is given to do: more than it asks for ahead, so that it never idles. */
export const assignSeconds = 4;
export const minAssignedBytes = 8 * 1024 * 1024;
export const maxAssignedBytes = 128 * 1024 * 1024;
/** For how long a source that was given work and has delivered nothing yet is believed to be about to. */
export const sourceCreditMs = 5_000;
/** A source that delivered this recently is delivering now. */
export const deliveringMs = 3_000;
/** How soon a source for which there was nothing to do is looked at again, if nothing changes for it. */
export const idleSourceLookMs = 50;
/** Where others download the same, neighbours are fetched together for so long at a time. */
export const swarmRunMs = 100;
/** Work changes hands when it would be done so many times sooner … */
export const stealMargin = 1.25;
/** … and two fetch the same piece when the second would have it so many times sooner than its turn comes. */
export const raceMargin = 2;
/** What a source that has not delivered yet is taken for. */
export const unknownSourceBytesPerSecond = 2 * 1024 * 1024;
/** The trackers are asked for more sources at this beat while some are wanted, ± a fifth. */
export const seekEveryMs = 20_000;
/** The same while no more are wanted, so that they know that it goes on. */
export const relaxedSeekMs = 60_000;
/** The same at once, but no sooner than this after the last time, when the last source is lost. */
export const minSeekGapMs = 1_000;
/** Smaller downloads are over before others could be told that something of them is to be had here. */
export const minSwarmBytes = 4 * 1024 * 1024;
/** How long an answer of a tracker or a source is waited for. */
export const sourceAnswerTimeoutMs = 30_000;
/** Files of so few pieces have no journal: to fetch one again costs less than to wait for the disk for each. */
export const maxPiecesWithoutJournal = 4;
/** How often a folder that other downloads keep removing as they end is made again before that is a fault. */
export const maxPartialFolderAttempts = 20;
/** Data is flushed and the journal written when this much has come since the last time … */
export const flushBytes = 16 * 1024 * 1024;
/** … or this much time has passed. */
export const flushEveryMs = 2_000;
/** At most five views of a transfer a second go to the engine's clients. */
export const transferViewMs = 200;
/** The beat at which a download looks whether there is something to do. */
export const downloadTickMs = 200;
/** What has room on the disk, and what of the queue will not, is looked at again so soon after a change. */
export const roomLookMs = 250;
/** … and so much later for each download that is looked at: that costs up to 10 µs. */
export const roomLookEachMs = 0.2;
/** A disk that refused is looked at again after this, ± a fifth, then after twice as long … */
export const diskProbeMinMs = 2_000;
/** … and so on up to this: a look costs next to nothing, and somebody may be waiting for it. */
export const diskProbeMaxMs = 15_000;
/** What downloads leave free: this part of a volume, as Syncthing does … */
export const diskReserveFraction = 0.01;
/** … but no more than this: enough for what the system itself has to write. */
export const maxDiskReserveBytes = 128 * 1024 * 1024;
/** Claimed pieces that are looked at before an earlier run is believed (rqbit's figure). */
export const maxSampledPieces = 64;
/** Read and hashed of a file at a stretch when what an earlier run left is looked at: a fraction of a second. */
export const checkedAtOnceBytes = 64 * 1024 * 1024;
/** Downloads with an actor at work, those that wait for a source included; the rest waits in the queue. */
export const maxDownloadActors = 256;
/** Downloads that wait or run, and those that ended and are still shown. */
export const maxDownloads = 10_000;
export const maxEndedDownloads = 1_000;
/** Times a download is started again after a fault of ours, before it is given up. */
export const maxDownloadCrashes = 5;
export const crashRetryMs = 250;
/** Sources of one download that are asked for its manifest at once: the second in case the first is slow. */
export const manifestsAskedAtOnce = 2;
/** How long a connection may take to finish its last writes to a file. */
export const detachTimeoutMs = 10_000;
/** What is to be deleted while a slow disk still holds up who wrote it is tried so often … */
export const maxDiscardAttempts = 60;
/** … and at this beat. */
export const discardRetryMs = 500;
export const downloadPoolMailbox = 4_096;
/** Of more downloads than can have a worker, one that has waited so long waits on without … */
export const waitBeforeRestMs = 20_000;
/** … for so long, ± a fifth, so that each has its turn. */
export const restMs = 5 * 60_000;
/** Changes of the queue are written to the profile so long after the first of them … */
export const saveTransfersMs = 500;
/** … so many rows at a time: some milliseconds of the engine's thread. */
export const maxTransfersSavedAtOnce = 500;
/** … and the next ones when others have had their turn. */
export const saveMoreMs = 20;
/** A profile that could not be written is tried again after this. */
export const saveRetryMs = 5_000;
/** Cells of the map of one download's pieces: more than a screen can show. */
export const maxPieceMapCells = 4_096;
/** Places in the queue that have shifted are told at this beat, so many at a time, the first ones first. */
export const renumberMs = 500;
export const maxRenumberedAtOnce = 500;

// Uploads

/** Connections to us, those that have not said who they are included. */
export const maxUploadConnections = 256;
export const maxUploadConnectionsPerPeer = 32;
/** From one address: identities cost nothing, addresses do. */
export const maxUploadConnectionsPerHost = 64;
/** So much not yet read by a visitor, and no more of its requests are read: above all send buffers at once. */
export const maxUnreadBytes = 6 * 1024 * 1024;
/** Questions of one visitor that wait: four times the requests that may be open, as some have no answer. */
export const maxWaitingAnswers = 1_024;
/** Of answers to them so much is not read yet, and none is made; one has up to 2 MiB. */
export const maxUnreadAnswerBytes = 1024 * 1024;
/**
 * A visitor that has asked for nothing for so long, or read nothing of what waits for it, is shown out;
 * downloaders leave by themselves much earlier.
 */
export const visitorIdleMs = 120_000;
/** A slot is kept for so long while others wait for one. */
export const slotQuantumMs = 60_000;
export const slotRotateMs = 1_000;
/** How long the library may take for an answer to a visitor. */
export const libraryAnswerTimeoutMs = 15_000;
export const uploadPoolMailbox = 4_096;

// What the user sets

/** Each slot has some megabytes of buffers while it is in use. */
export const maxUploadSlots = 64;
export const maxDownloadsAtOnce = 256;
export const maxBlockedPeers = 10_000;

// Presence: when to believe that peers are dead

/** Up to so many peers, each is believed dead when it is silent: a handful may well leave together. */
export const smallFleet = 20;
/** Of more peers, at most this part expires in one window (Eureka: 15 % a pass). */
export const maxExpiredFraction = 0.15;
export const expiryWindowSeconds = 60;
/** When more than this part is silent at once, the network or this process is at fault (Kubernetes: 55 %). */
export const freezeFraction = 0.55;
/** A fleet that stays silent for so many leases more is gone after all, and expires window by window. */
export const maxFreezeLeases = 2;

/** The part of a scan or hash thread's heap where garbage gathers, in MiB: V8's default is many times that. */
export const jobYoungGenerationMb = 3;

/** Hashed files are written down and published together: so many, or those of so long. What waits is in memory twice. */
export const hashCommitFiles = 128;
export const hashCommitMs = 200;

/** Pages of the profile's log (4 KiB each) before they go into the database, for which the disk is waited for. */
export const databaseCheckpointPages = 4_000;

// The terminal UI: text

/** Measured widths of texts that are kept; all are forgotten when there are more. */
export const maxKeptTextWidths = 8_192;
/** Steps from one look of a cell to another that are kept; all are forgotten when there are more. */
export const maxKeptCellStyles = 1_024;
/** Code points of a name that are shown. */
export const maxShownNamePoints = 512;
/** Marks on one character that are shown: more of them draw over other lines. */
export const maxShownMarks = 3;

// The terminal UI: lists, speeds, input

/** Slots sorted in one go; such runs are then merged. A run takes about 2 ms. */
export const sortRunSlots = 2_048;
/** Slots merged in one step. */
export const sortStepSlots = 4_096;
/** New rows put into a list one by one; more of them and it is sorted anew, in steps. */
export const maxPlacedAtOnce = 4_096;
/** Lines that stay visible above and below the cursor. */
export const listScrollMargin = 2;
/** So long after the cursor moved no row changes its place. */
export const cursorHoldOffMs = 1_000;
/** Rows change their places at most so often. */
export const resortEveryMs = 1_000;
/** Sorting and filtering work so long at a stretch; then keys are read and the screen is drawn. */
export const listWorkMs = 8;
/** … but so long while less than a page of rows is found: a frame of a few rows costs more than finding others. */
export const listPageMs = 24;
/** While a list is sorted or filtered what is found so far is drawn no sooner than this after what was drawn before. */
export const listFrameMs = 50;
/** Speeds are averages over about so long. */
export const rateAverageMs = 5_000;
export const rateSampleMs = 1_000;
/** Samples of a speed that are kept for its curve. */
export const maxSpeedSamples = 120;
/** From this size on the young generation of a screen of its own grows no further: each collection doubles it at most. */
export const screenYoungBytes = 4 * 1024 * 1024;
/** A screen of its own has its old generation collected when it has grown by this much since the last time. */
export const screenHeapGrowthPercent = 40;
/** Figures on the screen change at most so often. */
export const figuresEveryMs = 500;
/** A bar is redrawn when it has moved by this part: an eighth of a cell of the widest one. */
export const barSteps = 400;
/** The screen is looked at for changes so often at most: bars move so fast. */
export const tickMs = 100;
/** The ticks of slow terminals, and of one whose user has not pressed a key for `quietAfterMs`. */
export const slowTickMs = 200;
export const slowestTickMs = 500;
export const quietAfterMs = 60_000;
/** Painting that takes longer than this, or a write that the terminal takes longer for, slows the ticks down. */
export const slowPaintMs = 20;
export const slowWriteMs = 50;
/** Painting times that are looked at, of which one in twenty may be slow. */
export const watchedPaints = 40;
/** So long without a slow one and the ticks are faster again. */
export const paceRecoveryMs = 10_000;
export const maxInputGraphemes = 1_024;
export const maxInputHistory = 200;
export const maxCompletions = 100;
export const maxMessages = 200;
export const toastInfoMs = 4_000;
export const toastWarningMs = 8_000;
/** Ctrl-C twice within so long quits at once. */
export const forceQuitWithinMs = 2_000;
/** Lines of the log that the UI keeps. */
export const maxShownLogLines = 5_000;
/** How long the engine may take for an answer to the UI. */
export const uiAnswerTimeoutMs = 30_000;
/** How long the cursor waits for a folder that was added to be listed: longer, and the user looks at something else. */
export const addedShareAwaitedMs = 10_000;
/** Downloads that the UI asks for at once; others wait for answers … */
export const uiDownloadsAskedAtOnce = 96;
/** … and all other questions, beside them. Both together stay below what the engine lets a client ask. */
export const uiQuestionsAtOnce = 32;
/** Downloads that may wait, and other questions: every entry of a share that is listed, each with one of its own. */
export const maxUiQuestionsWaiting = 100_000;
/** Bytes of base64 that terminals accept for the clipboard. */
export const maxClipboardBytes = 74_000;

// Trees and small files

/** Files up to so much are sent whole, many in one answer: two of the smallest pieces. */
export const maxSmallFileBytes = 512 * 1024;
/** Small files that one request asks for at most … */
export const maxFilesPerRequest = 256;
/** … and about how many bytes: enough that a request costs nothing beside its files. */
export const filesRequestBytes = 1024 * 1024;
/** Bytes of files behind one header: what is sent is read into one buffer and comes into one. */
export const maxFilesDataBytes = 1024 * 1024;
/** Requests for small files under way over one connection: some twenty round trips' worth on a local network. */
export const maxFilesRequests = 16;
/** Bytes of files that wait to be written; beyond, nothing more is read from the connection they came over. */
export const maxStoreBacklogBytes = 8 * 1024 * 1024;
/** How long files are read or written at a stretch before others on the same thread have their turn. */
export const fileSliceMs = 8;
/** Files written before they are flushed together; fewer when no more are to come … */
export const flushGroupFiles = 4_096;
/** … or bytes, of which as many are gathered meanwhile before who sends more waits: the end of the process costs both. */
export const flushGroupBytes = 12 * 1024 * 1024;
/** Files flushed that wait, hidden, for the rest of their folders; beyond, they get their names without it. */
export const maxFolderWaitBytes = 8 * 1024 * 1024;
/** Up to so many files are flushed one by one; more by one call for the whole volume. */
export const maxFilesFlushedSingly = 16;
/** Single flushes under way at once. */
export const flushesAtOnce = 4;
/** Files of a tree that are open at once; its list is read no further while there are so many. */
export const maxOpenTreeFiles = 16_384;
/** Larger files of one tree that are downloaded at once, like any others. */
export const treeContentsAtOnce = 4;
/** One of them that waits gives way after so long to those that have not had their turn. */
export const treeContentTurnMs = 5_000;
/** Contents of a tree of which it is remembered where they lie, for the next file that is the same. */
export const maxTreeCopies = 100_000;
/** Read of files that are being copied between two signs of life: a slow disk is not taken for one that hangs. */
export const copyReportBytes = 16 * 1024 * 1024;
/** Files of a tree that are told of in one event: each is told of and printed while the next are counted. */
export const maxTreeFilesPerEvent = 1_024;
/** Files of a tree that its details show at most. */
export const maxTreeDetails = 200;
/** Reports of files and answers that may wait for the actor of a tree. */
export const treeMailbox = 8_192;
/** Peers that small files of one tree come from at once, the one whose folder it is included. */
export const maxTreeSupplies = 4;
/** A tree that has taken so long looks for others who have its files … */
export const treeHelpAfterMs = 3_000;
/** … and asks the trackers about so many files at a time, those to come last first … */
export const treeSeekFiles = 256;
/** … until so many questions in a row have named nobody of use: then after `seekEveryMs`. */
export const maxVainTreeSeeks = 4;
/** What one peer has to bring and another takes over at once: at most so much, and so many files. */
export const treeMoveBytes = 16 * 1024 * 1024;
export const treeMoveFiles = 2_048;
/** One of the others that has nothing to bring is let go after so long. */
export const treeSupplyIdleMs = 2_000;
/** Files that came wrong after which the peer of a tree is asked for nothing more of it. */
export const maxTreeStrikes = 2;
/** How long the first list of a tree, and each further page, is waited for. */
export const treeListTimeoutMs = 45_000;
/** Files called `name (1)`, `name (2)`, … that are looked at for the one that is wanted. */
export const maxSameNames = 16;

// The terminal UI: transfers

/** Times left that are kept from one drawing to the next: more than any screen has rows. */
export const maxShownEtas = 1_024;
/** The details of a download on the screen are asked for this often. */
export const detailsEveryMs = 1_000;
/** Cancelling downloads of which more than this is on the disk is asked about. */
export const askCancelBytes = 10 * 1024 * 1024;
/** Getting folders of a peer with more files than this together is asked about: a key too many queues a whole share. */
export const askFolderFiles = 20;
/** The same for folders with more bytes than this together. */
export const askFolderBytes = 1024 * 1024 * 1024;

// The terminal UI: searching

/** Results asked for at once: what a tracker gives at most. */
export const searchLimit = maxSearchResults;
/** Results of one search that the list takes in, page by page. */
export const maxShownResults = 5_000;
/** A query repeated within this time shows the answer it had. */
export const searchFreshMs = 10_000;
/** Searches whose answers are kept for that. */
export const maxKeptSearches = 8;
/** Saved searches of one profile. */
export const maxSavedSearches = 50;
/** A saved search is repeated this often while the UI runs. */
export const savedSearchEveryMs = 5 * 60_000;
/** Contents of which a saved search remembers that they are not new. */
export const maxKnownPerSearch = 500;
/** Shared files that are known to be here when results are shown. */
export const maxKnownCopies = 100_000;

// The terminal UI: peers and shares

/** Who is online is asked again this often while it is on the screen. */
export const peersEveryMs = 15_000;
/** Entries of one peer's share that are kept while it is browsed. */
export const maxBrowsedEntries = 50_000;
/** What was uploaded of our own files is asked again this often while it is on the screen. */
export const shareEntriesEveryMs = 2_000;
