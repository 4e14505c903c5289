/**
 * A catalogue on a Redis Cluster that several trackers may have open. Invariant: a peer's count and digest are those
 * of the rows that the cluster has, whatever it lost; a change that could not be made in time is answered with
 * `busy` and bears repetition; and only the tracker that a peer attached to last can change or hide it.
 */
import type { PeerId } from '../../core/ids.ts';
import { maxRedisMends, redisGarbagePerCall, redisRowsPerCall } from '../../core/limits/redis.ts';
import { maxFilesPerShare } from '../../core/limits/stores.ts';
import { trackerStopTimeoutMs } from '../../core/limits/tracker.ts';
import { nameKey } from '../../core/peer-name.ts';
import { fail, ok, type Result } from '../../core/result.ts';
import { bucketBitmap, bucketCount, bucketDigestBytes } from '../../core/share/share-digest.ts';
import type {
  AttachProblem,
  CatalogStore,
  PeerArrival,
  PreparedBatch,
  ShareBatch,
  ShareChange,
  ShareState,
  SweepLimits,
  SweepOutcome,
} from '../catalog-store.ts';
import { notAttached, staleShare, takenName } from '../checks.ts';
import { unprepare } from '../prepared-batch.ts';
import { RedisArrivals } from './redis-arrivals.ts';
import { redisDirectory } from './redis-directory.ts';
import { collectGarbage } from './redis-garbage.ts';
import { RedisKeeper, type RedisTimes } from './redis-keeper.ts';
import { RedisMembers, type RedisMember } from './redis-members.ts';
import { RedisNames } from './redis-names.ts';
import type { RedisArgument } from './redis-node.ts';
import { unlessAway } from './redis-problem.ts';
import { RedisReader } from './redis-reader.ts';
import { applyShare, stateOf } from './redis-share.ts';
import type { RedisShards } from './redis-shards.ts';
import { RedisSweeper } from './redis-sweeper.ts';
import { ShareSums } from '../share-sums.ts';
import type { TrackerDirectory } from '../tracker-directory.ts';

/** What a function that works on a peer answers: how the peer stands, then more if it stands well. */
type Reply = readonly [standing: Buffer, ...rest: unknown[]];

export class RedisStore extends RedisReader implements CatalogStore {
  readonly neighbours: TrackerDirectory;
  readonly #shards: RedisShards;
  readonly #maxFiles: number;
  readonly #names: RedisNames;
  readonly #members = new RedisMembers();
  readonly #arrivals: RedisArrivals;
  readonly #keeper: RedisKeeper;
  readonly #sweeper: RedisSweeper;

  /** `maxFiles`: of one peer. */
  constructor(shards: RedisShards, times: RedisTimes, maxFiles = maxFilesPerShare) {
    super(shards);
    this.#maxFiles = maxFiles;
    this.#shards = shards;
    this.#names = new RedisNames(shards);
    this.#sweeper = new RedisSweeper(shards, this.#names);
    this.#arrivals = new RedisArrivals(shards, this.#names, this.#members, times.leaseMs, (peer, nowMs) =>
      this.detach([peer], nowMs),
    );
    this.#keeper = new RedisKeeper(shards, this.#members, times, async ({ arrival, key }) => {
      await this.#arrivals.comeIn(arrival, key, times.wallMs());
    });
    this.neighbours = redisDirectory(shards, this.#members.tracker);
    this.#keeper.start();
  }

  async attach(arrival: PeerArrival, nowMs: number): Promise<Result<ShareState, AttachProblem>> {
    const key = nameKey(arrival.name);
    if (!key.ok) return key;
    const before = this.#members.get(arrival.peer);
    return unlessAway(async () => {
      try {
        const state = await this.#arrivals.comeIn(arrival, key.value, nowMs);
        return state === undefined ? await this.#taken(arrival.name) : ok(state);
      } catch (error) {
        // Nobody would hide again who was let in and is told that he was not.
        if (this.#members.get(arrival.peer) !== before) await this.detach([arrival.peer], nowMs);
        throw error;
      }
    });
  }

  async apply(peer: PeerId, batch: ShareBatch | PreparedBatch): Promise<Result<ShareChange>> {
    const member = this.#members.get(peer);
    if (member === undefined) return notAttached();
    const change = await applyShare(unprepare(batch), this.#maxFiles, member.refused, (args) =>
      this.#change(peer, ({ number, owner, shard }) =>
        this.#shards.write(shard, 'apply', [number, owner, ...args]),
      ),
    );
    if (change.ok && change.value.removed > 0) await this.#collect(member.shard, change.value.removed);
    return change;
  }

  async dropBuckets(peer: PeerId, buckets: readonly number[]): Promise<Result<number>> {
    const bits = Buffer.from(bucketBitmap(buckets));
    let dropped = 0;
    for (let from = 0; from >= 0;) {
      const reply = await this.#change(peer, ({ number, owner, shard }) =>
        this.#shards.write(shard, 'drop', [number, owner, bits, String(from), String(redisRowsPerCall)]),
      );
      if (!reply.ok) return reply;
      const [, removed, next] = reply.value as readonly [Buffer, number, number];
      dropped += removed;
      from = next;
    }
    const member = this.#members.get(peer);
    member?.refused.dropBuckets(new Set(buckets));
    if (member !== undefined && dropped > 0) await this.#collect(member.shard, dropped);
    return ok(dropped);
  }

  async commit(peer: PeerId, state: ShareState): Promise<Result<ShareState>> {
    const first = await this.#commit(peer, state.generation, state);
    const refused = this.#members.get(peer)?.refused;
    if (!first.ok || refused === undefined) return first.ok ? notAttached() : first;
    let kept = first.value;
    if (!kept.isCommitted) {
      if (!refused.agree(state, sumsOf(kept.state))) return staleShare();
      const second = await this.#commit(peer, state.generation, kept.state);
      if (!second.ok) return second;
      kept = second.value;
      if (!kept.isCommitted) return staleShare();
    }
    refused.clear();
    return ok(kept.state);
  }

  async bucketDigests(peer: PeerId): Promise<Result<Uint8Array>> {
    const sums = new BigUint64Array(bucketCount);
    for (let from = 0; from >= 0;) {
      const reply = await this.#change(peer, ({ number, owner, shard }) =>
        this.#shards.read(shard, 'entries', [number, owner, String(from), String(redisRowsPerCall)]),
      );
      if (!reply.ok) return reply;
      const [, next, entries] = reply.value as readonly [Buffer, number, Buffer];
      for (let at = 0; at < entries.length; at += entryBytes) {
        const bucket = entries[at] ?? 0;
        sums[bucket] = (sums[bucket] ?? 0n) + entries.readBigUInt64BE(at + entryBytes - bucketDigestBytes);
      }
      from = next;
    }
    const digests = new DataView(new ArrayBuffer(bucketCount * bucketDigestBytes));
    for (const [bucket, sum] of sums.entries()) digests.setBigUint64(bucket * bucketDigestBytes, sum);
    return ok(new Uint8Array(digests.buffer));
  }

  async setReachable(peer: PeerId, reachable: boolean): Promise<void> {
    const args = [peer, reachable ? '1' : '0'];
    // What is lost here is found out again when the peer comes back.
    await unlessAway(async () => ok(await this.#shards.write(this.#shards.of(peer), 'reachable', args)));
  }

  async detach(peers: readonly PeerId[], nowMs: number): Promise<void> {
    const members = peers.flatMap((peer) => this.#members.get(peer) ?? []);
    for (const member of members) this.#members.remove(member);
    await this.#keeper.farewell([...new Set(members)], nowMs);
  }

  async sweep(limits: SweepLimits): Promise<SweepOutcome> {
    return this.#sweeper.sweep(limits);
  }

  async backup(): Promise<Result<void>> {
    return fail(
      'bad-request',
      'A catalogue on a Redis Cluster is backed up by its servers: run BGSAVE on each primary and copy its dump.rdb',
    );
  }

  onLoss(tell: () => void): void {
    this.#keeper.onLoss = tell;
  }

  handOver(): void {
    this.#keeper.handOver();
  }

  /** Renews the lease with all parts now, and mends what is amiss. */
  async beat(): Promise<void> {
    await this.#keeper.beat();
  }

  override async close(): Promise<void> {
    await this.#keeper.close(trackerStopTimeoutMs / 4);
    await super.close();
  }

  /** Does something with a member; one that was hidden or lost meanwhile is first made whole. */
  async #change(peer: PeerId, work: (member: RedisMember) => Promise<unknown>): Promise<Result<Reply>> {
    return unlessAway(async () => {
      for (let tries = 0; tries < maxRedisMends; tries++) {
        const member = this.#members.get(peer);
        if (member === undefined) return notAttached();
        const reply = (await work(member)) as Reply;
        const standing = String(reply[0]);
        if (standing === 'ok' || standing === 'stale') return ok(reply);
        if (standing === 'other') this.#members.remove(member);
        else await this.#keeper.revive(member.shard, [member]);
      }
      return notAttached();
    });
  }

  async #commit(
    peer: PeerId,
    generation: number,
    { count, digest }: ShareState,
  ): Promise<Result<{ readonly isCommitted: boolean; readonly state: ShareState }>> {
    const claimed: RedisArgument[] = [String(generation), String(count), Buffer.from(digest)];
    const reply = await this.#change(peer, ({ number, owner, shard }) =>
      this.#shards.write(shard, 'commit', [number, owner, ...claimed]),
    );
    if (!reply.ok) return reply;
    const [standing, ...rest] = reply.value as readonly Buffer[];
    return ok({ isCommitted: String(standing) === 'ok', state: stateOf(rest) });
  }

  /** What is left lying is found by the next beat. */
  async #collect(shard: number, rows: number): Promise<void> {
    await unlessAway(async () => ok(await collectGarbage(this.#shards, shard, rows + redisGarbagePerCall)));
  }

  async #taken(name: string): Promise<{ readonly ok: false; readonly problem: AttachProblem }> {
    return takenName(name, await this.#names.suggestion(name));
  }
}

/** A bucket and an entry digest, as `entries` gives them. */
const entryBytes = 17;

/** What refused files can be added to, to see whether the sum is what a peer says. */
function sumsOf({ count, digest }: ShareState): ShareSums {
  return new ShareSums(digest.toReversed(), count);
}
