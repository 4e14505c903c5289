/**
 * Every bound and time-out of the program, with its reason: nothing else may grow or wait without one of these.
 * Times are in milliseconds, sizes in bytes, as the names say.
 */

// Worker pools and hashing

/** Runs that may wait for a thread of one pool. Pool owners keep their own queues, so this only stops a fault. */
export const maxPoolQueue = 1024;
