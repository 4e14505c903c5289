/**
 * Actor runtime. All of its bounds and times: they live here and not with the domain's limits because the runtime
 * knows nothing of the domain; a definition or a spawn may override those that are called defaults.
 */

/** Messages a mailbox holds when its definition does not say. */
export const defaultMailboxCapacity = 1024;

/** Messages one actor handles before the other ready actors get their turn. */
export const cellBatchMessages = 64;

/** Messages all actors of a system handle before I/O, timers and everything else get their turn. */
export const turnMessages = 1024;

/** How long `stopped()`, or a `setup` that is still running, may hold up a stop. */
export const defaultShutdownMs = 5_000;

/** Restarts a supervisor allows its children within `defaultRestartWindowMs` before it fails itself. */
export const defaultMaxRestarts = 3;
export const defaultRestartWindowMs = 5_000;

/** Dead letters logged one by one per window; the rest of the window is one summary. */
export const deadLettersLoggedPerWindow = 5;
export const deadLetterLogWindowMs = 10_000;

/**
 * Messages on their way from one thread to one actor of another, sent and not yet taken from its mailbox: as
 * many as its mailbox holds, and no more than this.
 */
export const maxInFlightMessages = 8192;

/**
 * Messages taken from a mailbox are reported to the thread they came from when they are this share of what may
 * be in flight, so that frames do not get ever smaller, or with whatever else is sent, or after this time.
 */
export const takenShareReported = 1 / 4;
export const takenReportedMs = 20;

/** A frame between threads is sent when the tick ends, or before when it holds this much. */
export const frameMessages = 512;
export const frameBytes = 1024 * 1024;

/** When a direct way that could not be made, or was lost, is tried again. */
export const directRetryMs = 100;

/** What a thread gets beyond the `shutdownMs` of its actor before it is terminated. */
export const threadGraceMs = 1_000;

/** How long a full snapshot waits for a thread; one that does not answer is left out. */
export const threadSnapshotMs = 1_000;
