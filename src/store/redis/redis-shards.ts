/**
 * The parts of a catalogue on a cluster: each peer with all its files lies in one, chosen by its id. Invariant: the
 * number of parts never changes after the catalogue was made.
 */
import { decodeId, type PeerId } from '../../core/ids.ts';
import { redisShardSearchMs, redisTryMs, redisWriteMs } from '../../core/limits/redis.ts';
import type { CallTimes, RedisCluster } from './redis-cluster.ts';
import type { RedisReaderFunction, RedisWriter } from './redis-library.ts';
import type { RedisArgument } from './redis-node.ts';
import { RedisUnavailable } from './redis-problem.ts';
import { shardTags } from './redis-tags.ts';

const writing: CallTimes = { tryMs: redisTryMs, allMs: redisWriteMs };

/** What each part answered, undefined where one did not in time. */
export type Gathered<T> = readonly (T | undefined)[];

export class RedisShards {
  readonly cluster: RedisCluster;
  /** What the keys of everything that belongs to no part begin with. */
  readonly name: string;
  /** How long a part may take to answer a search, and asking for more of a page may go on. */
  readonly searchMs: number;
  readonly #keys: readonly string[];

  constructor(cluster: RedisCluster, name: string, shards: number, searchMs = redisShardSearchMs) {
    this.searchMs = searchMs;
    this.cluster = cluster;
    this.name = name;
    this.#keys = shardTags(shards).map((tag) => `${name}{${tag}}`);
  }

  get count(): number {
    return this.#keys.length;
  }

  /** The part that a peer lies in. */
  of(peer: PeerId): number {
    const [a = 0, b = 0, c = 0, d = 0] = decodeId(peer) ?? [];
    return (((a << 24) | (b << 16) | (c << 8) | d) >>> 0) % this.count;
  }

  /** Changes something in a part. Throws `RedisUnavailable` when that cannot be reached in time. */
  async write(shard: number, name: RedisWriter, args: readonly RedisArgument[]): Promise<unknown> {
    return this.cluster.call(name, this.#key(shard), args, writing);
  }

  /** Reads what a writer goes by: with as much patience. */
  async read(shard: number, name: RedisReaderFunction, args: readonly RedisArgument[]): Promise<unknown> {
    return this.cluster.call(name, this.#key(shard), args, writing, true);
  }

  /** Asks one part for what somebody waits for; undefined when it does not answer in time. */
  async ask(shard: number, name: RedisReaderFunction, args: readonly RedisArgument[]): Promise<unknown> {
    return unlessAway(this.cluster.call(name, this.#key(shard), args, within(this.searchMs), true));
  }

  /** Asks every part, or some, at once; parts for which `argsOf` gives nothing are not asked. */
  async gather(
    name: RedisReaderFunction,
    argsOf: (shard: number) => readonly RedisArgument[] | undefined,
    timeoutMs = this.searchMs,
  ): Promise<Gathered<unknown>> {
    const times = within(timeoutMs);
    return Promise.all(
      this.#keys.map(async (key, shard) => {
        const args = argsOf(shard);
        return args && unlessAway(this.cluster.call(name, key, args, times, true));
      }),
    );
  }

  /** Changes something that is kept once for the whole catalogue. */
  async writeAt(key: string, name: RedisWriter, args: readonly RedisArgument[]): Promise<unknown> {
    return this.cluster.call(name, this.name + key, args, writing);
  }

  /** Asks for it; undefined when nobody answers in time. */
  async askAt(key: string, name: RedisReaderFunction, timeoutMs = this.searchMs): Promise<unknown> {
    return unlessAway(this.cluster.call(name, this.name + key, [], within(timeoutMs), true));
  }

  #key(shard: number): string {
    const key = this.#keys[shard];
    if (key === undefined) throw new RangeError(`There is no part ${shard}`);
    return key;
  }
}

function within(timeoutMs: number): CallTimes {
  const ms = Math.max(1, timeoutMs);
  return { tryMs: ms, allMs: ms };
}

async function unlessAway<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof RedisUnavailable) return undefined;
    throw error;
  }
}
