/**
 * The peers that this tracker has brought online. Invariant: each has the owner token of its last attach here, by
 * which the cluster tells whether it has attached elsewhere since, and which of two attaches is the later.
 */
import { randomBytes } from 'node:crypto';
import type { PeerId } from '../../core/ids.ts';
import type { PeerArrival } from '../catalog-store.ts';
import { RefusedFiles } from '../refused-files.ts';

export interface RedisMember {
  readonly arrival: PeerArrival;
  /** Of its name. */
  readonly key: string;
  readonly shard: number;
  /** Its number in the catalogue: who came first has a smaller one. */
  readonly number: string;
  /** Never used before. */
  readonly owner: string;
  readonly refused: RefusedFiles;
}

export class RedisMembers {
  /** What this tracker is called in the cluster; another after each start. */
  readonly tracker = randomBytes(8).toString('hex');
  readonly #members = new Map<PeerId, RedisMember>();
  readonly #perShard = new Map<number, Map<PeerId, RedisMember>>();
  #lastAttach = 0;

  get(peer: PeerId): RedisMember | undefined {
    return this.#members.get(peer);
  }

  /** Those that lie in a part. */
  in(shard: number): readonly RedisMember[] {
    return [...(this.#perShard.get(shard)?.values() ?? [])];
  }

  countIn(shard: number): number {
    return this.#perShard.get(shard)?.size ?? 0;
  }

  /** Its number is the end of the last owner token. */
  get lastAttach(): number {
    return this.#lastAttach;
  }

  /** `epoch`: above that of whoever has the peer now. */
  nextOwner(epoch: number): string {
    this.#lastAttach += 1;
    return `${epoch}:${this.tracker}.${this.#lastAttach}`;
  }

  add(member: Omit<RedisMember, 'refused'>): void {
    const { peer } = member.arrival;
    const added = { ...member, refused: new RefusedFiles() };
    this.#members.set(peer, added);
    const same = this.#perShard.get(member.shard) ?? new Map<PeerId, RedisMember>();
    this.#perShard.set(member.shard, same.set(peer, added));
  }

  /** Forgets a member, unless it has attached again since. */
  remove(member: RedisMember): void {
    const { peer } = member.arrival;
    if (this.#members.get(peer)?.owner !== member.owner) return;
    this.#members.delete(peer);
    this.#perShard.get(member.shard)?.delete(peer);
  }
}
