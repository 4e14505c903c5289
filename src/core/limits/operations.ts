/** Operating a tracker. */

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
