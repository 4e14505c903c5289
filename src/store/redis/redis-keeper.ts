/**
 * Keeps a tracker's peers online in a cluster: renews its lease with each part, shows again those that were hidden
 * while it could not, attaches those anew that a part has lost, hides those that left when a part was away, takes out
 * rows that crashes left behind, and says when rows may be gone. Invariant: what it does not get done now it does with
 * the next beat.
 */
import {
  maxRedisFarewells,
  redisBeatMs,
  redisBeatPauseMs,
  redisBequestMs,
  redisGarbagePerCall,
  redisLeaseMs,
  redisPeersPerCall,
  redisShardSearchMs,
} from '../../core/limits/redis.ts';
import { collectGarbage } from './redis-garbage.ts';
import type { RedisMember, RedisMembers } from './redis-members.ts';
import { RedisUnavailable } from './redis-problem.ts';
import type { RedisShards } from './redis-shards.ts';

/** How long leases hold and how often they are renewed (the limits say why), and what the time is. */
export interface RedisTimes {
  readonly leaseMs: number;
  readonly beatMs: number;
  /** All leases begin anew after a pause of all trackers longer than this. */
  readonly pauseMs: number;
  /** Peers that are handed over stay listed for so long. */
  readonly bequestMs: number;
  /** How long a part may take to answer a search. */
  readonly searchMs: number;
  /** Since 1970. */
  readonly wallMs: () => number;
}

export const usualTimes: RedisTimes = {
  leaseMs: redisLeaseMs,
  beatMs: redisBeatMs,
  pauseMs: redisBeatPauseMs,
  bequestMs: redisBequestMs,
  searchMs: redisShardSearchMs,
  wallMs: () => Date.now(),
};

interface Farewell {
  readonly member: RedisMember;
  readonly leftMs: number;
}

const garbagePerBeat = 64 * redisGarbagePerCall;

export class RedisKeeper {
  readonly #shards: RedisShards;
  readonly #members: RedisMembers;
  readonly #times: RedisTimes;
  readonly #attachAgain: (member: RedisMember) => Promise<void>;
  readonly #farewells = new Map<string, Farewell>();
  /** Of each part, who was online by us without being here, and what our last attach was then. */
  readonly #strays = new Map<number, { readonly numbers: ReadonlySet<string>; readonly attach: number }>();
  /** Of each part, what the history of its server was called at the last beat. */
  readonly #histories = new Map<number, string>();
  #hasLost = false;
  #isHandedOver = false;
  /** Told after a beat that found a part with less than it had, or with a server that may have less. */
  onLoss: () => void = () => undefined;
  #timer: NodeJS.Timeout | undefined;
  #beating: Promise<void> | undefined;

  constructor(
    shards: RedisShards,
    members: RedisMembers,
    times: RedisTimes,
    attachAgain: (member: RedisMember) => Promise<void>,
  ) {
    this.#shards = shards;
    this.#members = members;
    this.#times = times;
    this.#attachAgain = attachAgain;
  }

  start(): void {
    const next = (): void => {
      // A fault of ours shows in the calls of peers; here it must not keep the lease from being renewed.
      if (this.#beating === undefined) this.beat().catch(() => undefined);
    };
    this.#timer = setInterval(next, this.#times.beatMs).unref();
    next();
  }

  /** Renews the lease with all parts, after this call. Parts that are away are left for the next beat. */
  async beat(): Promise<void> {
    await this.#beating?.catch(() => undefined);
    this.#beating ??= this.#beatAll().finally(() => {
      this.#beating = undefined;
    });
    return this.#beating;
  }

  /** From now on who leaves stays listed for a while, as does who is here at the end: others take them over. */
  handOver(): void {
    this.#isHandedOver = true;
  }

  /** Hides members; those whose part is away, as soon as it is back. */
  async farewell(members: readonly RedisMember[], leftMs: number): Promise<void> {
    if (this.#isHandedOver) return;
    const shards = Map.groupBy(members, ({ shard }) => shard);
    await Promise.all(
      Array.from(shards, async ([shard, here]) => {
        for (const some of slices(here)) await this.#sayFarewell(shard, some, leftMs);
      }),
    );
  }

  /** Shows members of a part again that were hidden; `missing` ones are attached anew. Throws `RedisUnavailable`. */
  async revive(shard: number, members: readonly RedisMember[]): Promise<void> {
    for (const some of slices(members)) {
      const pairs = some.flatMap(({ number, owner }) => [number, owner]);
      const found = (await this.#shards.write(shard, 'revive', pairs)) as readonly Buffer[];
      for (const [at, member] of some.entries()) {
        const is = String(found[at]);
        if (is === 'missing') {
          this.#hasLost = true;
          await this.#attachAgain(member);
        } else if (is === 'other') this.#members.remove(member);
      }
    }
  }

  /** Stops, and hides all peers of this tracker, or has that done later, as far as that is quickly done. */
  async close(timeoutMs: number): Promise<void> {
    clearInterval(this.#timer);
    const endMs = performance.now() + timeoutMs;
    await this.#inEach(async (shard) => {
      if (this.#isHandedOver) {
        await this.#shards.write(shard, 'bequeath', [this.#members.tracker, String(this.#times.bequestMs)]);
        return;
      }
      const args = [this.#members.tracker, String(redisPeersPerCall), String(this.#times.wallMs())];
      while (performance.now() < endMs && (await this.#shards.write(shard, 'leave', args)) === 1);
    });
  }

  async #beatAll(): Promise<void> {
    const { leaseMs, pauseMs } = this.#times;
    const args = [this.#members.tracker, leaseMs, pauseMs, redisPeersPerCall].map(String);
    await this.#inEach(async (shard) => {
      for (;;) {
        const [online, more, garbage, history] = (await this.#shards.write(shard, 'beat', args)) as readonly [
          number,
          0 | 1,
          number,
          Buffer,
        ];
        if (more === 1) continue;
        this.#lookBack(shard, String(history));
        const expected = this.#members.countIn(shard);
        if (online < expected) await this.revive(shard, this.#members.in(shard));
        else if (online > expected) await this.#dismissStrays(shard);
        else this.#strays.delete(shard);
        if (garbage > 0) await collectGarbage(this.#shards, shard, garbagePerBeat);
        break;
      }
      const waiting = [...this.#farewells.values()].filter(({ member }) => member.shard === shard);
      for (const { member, leftMs } of waiting) await this.#sayFarewell(shard, [member], leftMs);
    });
    if (!this.#hasLost) return;
    this.#hasLost = false;
    this.onLoss();
  }

  /** A server that has another history may lack the end of the one before, which no replica had yet. */
  #lookBack(shard: number, history: string): void {
    this.#hasLost ||= (this.#histories.get(shard) ?? history) !== history;
    this.#histories.set(shard, history);
  }

  /** Those seen twice: one that is just attaching is not here yet. */
  async #dismissStrays(shard: number): Promise<void> {
    const { tracker, lastAttach } = this.#members;
    const online = (await this.#shards.read(shard, 'mine', [tracker])) as readonly Buffer[];
    const here = new Set(this.#members.in(shard).map(({ number }) => number));
    const numbers = new Set(online.map(String).filter((number) => !here.has(number)));
    const before = this.#strays.get(shard) ?? { numbers: new Set<string>(), attach: 0 };
    const twice = [...numbers].filter((number) => before.numbers.has(number));
    this.#strays.set(shard, { numbers, attach: lastAttach });
    for (const some of slices(twice)) {
      const args = [tracker, this.#times.wallMs(), before.attach].map(String);
      await this.#shards.write(shard, 'dismiss', [...args, ...some]);
    }
  }

  async #sayFarewell(shard: number, members: readonly RedisMember[], leftMs: number): Promise<void> {
    try {
      const pairs = members.flatMap(({ number, owner }) => [number, owner]);
      await this.#shards.write(shard, 'detach', [String(leftMs), ...pairs]);
      for (const { owner } of members) this.#farewells.delete(owner);
    } catch (error) {
      if (!(error instanceof RedisUnavailable)) throw error;
      for (const member of members)
        if (this.#farewells.size < maxRedisFarewells) this.#farewells.set(member.owner, { member, leftMs });
    }
  }

  async #inEach(work: (shard: number) => Promise<void>): Promise<void> {
    const all = Array.from({ length: this.#shards.count }, (_, shard) => shard);
    await Promise.all(
      all.map(async (shard) => {
        try {
          await work(shard);
        } catch (error) {
          if (!(error instanceof RedisUnavailable)) throw error;
        }
      }),
    );
  }
}

function slices<T>(all: readonly T[]): readonly (readonly T[])[] {
  const count = Math.ceil(all.length / redisPeersPerCall);
  return Array.from({ length: count }, (_, at) =>
    all.slice(at * redisPeersPerCall, (at + 1) * redisPeersPerCall),
  );
}
