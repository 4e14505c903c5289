/** Worker pools and hashing. */

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
