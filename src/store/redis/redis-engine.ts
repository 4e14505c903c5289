/** The two ways to open a catalogue on a Redis Cluster: for changing it, and for looking things up. */
import type { Result } from '../../core/result.ts';
import type { ThreadCounters } from '../../core/tracker/tracker-counters.ts';
import type { CatalogReader, StorePatience } from '../catalog-store.ts';
import { CachedReader } from '../cached-reader.ts';
import { usualTimes, type RedisTimes } from './redis-keeper.ts';
import { openRedisShards, redisPlaceOf } from './redis-open.ts';
import { RedisReader } from './redis-reader.ts';
import type { RedisShards } from './redis-shards.ts';
import { RedisStore } from './redis-store.ts';

/**
 * Opens the catalogue that a redis:// or rediss:// URL names. `bad-request`: the URL or the servers' settings do not
 * fit; `unreachable`, `unauthorised`, `version`: what the servers had to say. Those that are busy are waited for.
 */
export async function openRedisStore(
  url: string,
  times: RedisTimes = usualTimes,
  counters?: ThreadCounters,
  patience?: StorePatience,
): Promise<Result<RedisStore>> {
  return opened(url, (shards) => new RedisStore(shards, times), counters, times.searchMs, patience);
}

/** Opens it for looking things up, with answers that may be some seconds old. Problems as above. */
export async function openRedisReader(
  url: string,
  counters?: ThreadCounters,
  patience?: StorePatience,
): Promise<Result<CatalogReader>> {
  const make = (shards: RedisShards): CatalogReader =>
    new CachedReader(new RedisReader(shards), { counters });
  return opened(url, make, counters, undefined, patience);
}

async function opened<T>(
  url: string,
  make: (shards: RedisShards) => T,
  counters?: ThreadCounters,
  searchMs?: number,
  patience?: StorePatience,
): Promise<Result<T>> {
  const place = redisPlaceOf(url);
  if (!place.ok) return place;
  const shards = await openRedisShards(place.value, searchMs, counters, patience);
  return shards.ok ? { ok: true, value: make(shards.value) } : shards;
}
