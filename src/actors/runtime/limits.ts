/**
 * Every bound and time of the runtime. They live here and not with the domain's limits because the runtime
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
