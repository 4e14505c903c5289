/** Speed of moving files: limits of rate, and pipelining. */

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

/** How much of a connection a download has beside others over the same one, by its priority. */
export const priorityWeights = { high: 9, normal: 3, low: 1 };

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
