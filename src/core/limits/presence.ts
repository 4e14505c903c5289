/** Presence: when to believe that peers are dead. */

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
