/** Profile: what one user's databases and configuration may hold. */

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
