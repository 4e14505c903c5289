/**
 * Brings peers online in a cluster, each under a name that nobody else has. Invariant: of two trackers that a peer has
 * come to the later keeps it, however late the servers do what the earlier has asked for.
 */
import type { PeerId } from '../../core/ids.ts';
import { maxRedisMends } from '../../core/limits/redis.ts';
import { ok } from '../../core/result.ts';
import type { PeerArrival, ShareState } from '../catalog-store.ts';
import type { RedisMember, RedisMembers } from './redis-members.ts';
import type { RedisNames } from './redis-names.ts';
import { RedisUnavailable, unlessAway } from './redis-problem.ts';
import { stateOf } from './redis-share.ts';
import type { RedisShards } from './redis-shards.ts';

export class RedisArrivals {
  readonly #shards: RedisShards;
  readonly #names: RedisNames;
  readonly #members: RedisMembers;
  readonly #leaseMs: number;
  readonly #leave: (peer: PeerId, nowMs: number) => Promise<void>;

  /** `leave`: takes a peer out again. */
  constructor(
    shards: RedisShards,
    names: RedisNames,
    members: RedisMembers,
    leaseMs: number,
    leave: (peer: PeerId, nowMs: number) => Promise<void>,
  ) {
    this.#shards = shards;
    this.#names = names;
    this.#members = members;
    this.#leaseMs = leaseMs;
    this.#leave = leave;
  }

  /** Brings a peer online under its name; undefined: that is somebody else's. Throws `RedisUnavailable`. */
  async comeIn(arrival: PeerArrival, key: string, nowMs: number): Promise<ShareState | undefined> {
    const { peer } = arrival;
    // Coming in elsewhere under another name at the same time lets go of this one.
    for (let tries = 0; tries < maxRedisMends; tries++) {
      const [isOurs, epoch] = await Promise.all([this.#names.reserve(key, peer), this.#epochOf(peer)]);
      if (!isOurs) return undefined;
      const { state, member } = await this.#enter(arrival, key, epoch, nowMs);
      this.#members.add(member);
      if (await this.#names.confirm(key, peer)) return state;
      await this.#leave(peer, nowMs);
    }
    return undefined;
  }

  async #epochOf(peer: PeerId): Promise<number> {
    return (await this.#shards.read(this.#shards.of(peer), 'epoch', [peer])) as number;
  }

  /** Brings a peer online in its part; a new one is given a number above all others. */
  async #enter(
    arrival: PeerArrival,
    key: string,
    epochBefore: number,
    nowMs: number,
  ): Promise<{ state: ShareState; member: Omit<RedisMember, 'refused'> }> {
    const { peer, name, host, port } = arrival;
    const shard = this.#shards.of(peer);
    let owner = this.#members.nextOwner(epochBefore + 1);
    let offer = '';
    for (let overtaken = 0; overtaken < maxRedisMends;) {
      const { tracker } = this.#members;
      const call = [peer, name, key, host, port, owner, tracker, this.#leaseMs, offer, nowMs].map(String);
      const reply = (await this.#shards.write(shard, 'attach', call)) as readonly Buffer[];
      const [is, ...rest] = reply;
      switch (String(is)) {
        case 'ok': {
          const [, , , number = '', ...oldKeys] = rest.map(String);
          if (oldKeys.length > 0) await this.#letGo(shard, number, peer, oldKeys);
          return { state: stateOf(rest), member: { arrival, key, shard, number, owner } };
        }
        case 'names':
          throw new RedisUnavailable('it has names that cannot be let go of');
        case 'later':
          // It has come in elsewhere since we asked, and waits here: so it is we who are the later.
          owner = this.#members.nextOwner(Number(rest[0]) + 1);
          overtaken += 1;
          break;
        default:
          offer = String(await this.#shards.writeAt(':number', 'number', [String(rest[0])]));
      }
    }
    throw new RedisUnavailable('it comes in at other trackers at the same time');
  }

  /** What is not done is told again when the peer comes again, and when it is forgotten. */
  async #letGo(shard: number, number: string, peer: PeerId, keys: readonly string[]): Promise<void> {
    const released: string[] = [];
    for (const key of keys) {
      const outcome = await unlessAway(async () => ok(await this.#names.release(key, peer)));
      if (outcome.ok) released.push(key);
    }
    await unlessAway(async () => ok(await this.#shards.write(shard, 'released', [number, ...released])));
  }
}
