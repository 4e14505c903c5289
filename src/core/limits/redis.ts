/** The Redis store. */

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
/**
 * Peers that a tracker could not send away before it stopped stay listed for so long: who loses it turns to another within
 * four seconds, and has to be let in there.
 */
export const redisBequestMs = 20_000;
/** A peer that was hidden or lost, or that comes in at two trackers at once, is mended and tried again so often. */
export const maxRedisMends = 3;
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
