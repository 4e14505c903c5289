/** The tracker link: a peer's side of one tracker. */

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
/** A tracker is asked how many peers are online when it welcomes us, again after this, after twice as long … */
export const countPeersSoonMs = 2_000;
/** … and so on up to this: its own heartbeat is no rarer. */
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
/** Files that a tracker denied and is offered again when it is met again: its operator may have changed his mind. */
export const maxDeniedOffered = 1_000;
/** A share is compared with what the tracker has each time so many heartbeats have passed, instead of a ping. */
export const heartbeatsPerCompare = 4;
/**
 * No tracker has us compare it again sooner after the last time than this, as one that answers with false buckets is
 * sent the whole share each time. A tracker on a cluster looks for losses no more often.
 */
export const minCompareGapMs = 15_000;
