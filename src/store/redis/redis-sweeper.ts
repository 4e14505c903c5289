/**
 * Forgets peers that left a cluster long ago: first their files, a bounded piece of work at a time, then their names,
 * then them. Invariant: broken off anywhere it can be taken up again, and a peer that returns in between keeps
 * what is left of its share.
 */
import type { PeerId } from '../../core/ids.ts';
import { redisGarbagePerCall, redisRowsPerCall } from '../../core/limits/redis.ts';
import type { SweepLimits, SweepOutcome } from '../catalog-store.ts';
import { collectGarbage } from './redis-garbage.ts';
import type { RedisNames } from './redis-names.ts';
import { RedisUnavailable } from './redis-problem.ts';
import type { RedisShards } from './redis-shards.ts';

type Swept = readonly [
  removed: number,
  rest: number,
  number: Buffer,
  left: Buffer,
  peer: Buffer,
  ...keys: Buffer[],
];

export class RedisSweeper {
  readonly #shards: RedisShards;
  readonly #names: RedisNames;
  /** The part to begin with, another each time. */
  #first = 0;

  constructor(shards: RedisShards, names: RedisNames) {
    this.#shards = shards;
    this.#names = names;
  }

  /** Parts that are away are left for another time. */
  async sweep({ leftBeforeMs, maxRows, maxFilesAway }: SweepLimits): Promise<SweepOutcome> {
    const swept = { peers: 0, rows: 0, more: false };
    // Peers, and so their files, lie evenly in all parts.
    const mostAway = maxFilesAway === undefined ? '' : String(Math.ceil(maxFilesAway / this.#shards.count));
    const first = this.#first;
    this.#first = (first + 1) % this.#shards.count;
    for (let at = 0; at < this.#shards.count && !swept.more; at++) {
      try {
        await this.#sweepPart(
          (first + at) % this.#shards.count,
          [String(leftBeforeMs), mostAway],
          maxRows,
          swept,
        );
      } catch (error) {
        if (!(error instanceof RedisUnavailable)) throw error;
      }
    }
    return swept;
  }

  async #sweepPart(
    shard: number,
    [leftBeforeMs, mostAway]: readonly [string, string],
    maxRows: number,
    swept: { peers: number; rows: number; more: boolean },
  ): Promise<void> {
    const before = swept.rows;
    for (;;) {
      const budget = Math.max(0, maxRows - swept.rows - swept.peers);
      const most = Math.min(redisRowsPerCall, budget);
      const reply = await this.#shards.write(shard, 'sweep', [leftBeforeMs, String(most), mostAway]);
      const [removed, rest, number, left, peer, ...keys] = reply as Swept | readonly [];
      if (number === undefined || removed === undefined) break;
      if (budget === 0) {
        swept.more = true;
        break;
      }
      swept.rows += removed;
      if (rest === 0) {
        for (const key of keys) await this.#names.release(String(key), String(peer) as PeerId);
        const forgotten = await this.#shards.write(shard, 'forget', [String(left), String(number)]);
        swept.peers += Number(forgotten);
      }
    }
    if (swept.rows > before)
      await collectGarbage(this.#shards, shard, swept.rows - before + redisGarbagePerCall);
  }
}
