/**
 * Who downloads what just now, as a tracker remembers it to bring them together. Kept in memory only, and no
 * longer than it is said again.
 * Invariant: no more memberships in all, of one host, of one visitor and in one swarm than the limits say; who cannot be
 * reached is named to nobody; and nobody is named to itself.
 */
import type { Source } from '../catalogue.ts';
import { networkOf } from '../host.ts';
import type { ContentId } from '../ids.ts';
import {
  maxMembersPerSwarm,
  maxMemberships,
  maxMembershipsPerHost,
  maxSwarmsPerVisitor,
  maxToldOfNewcomer,
  swarmLeaseMs,
} from '../limits/tracker.ts';

interface Membership {
  /** Port 0: it cannot be reached. */
  readonly source: Source;
  readonly renewedMs: number;
}

type Swarm = Map<number, Membership>;

export interface Joined {
  readonly id: ContentId;
  /** Others who download it and can be reached, at most as many as asked for. */
  readonly partial: readonly Source[];
  /** Visitors to whom the one that joined is news. */
  readonly tell: readonly number[];
}

export class SwarmBook {
  readonly #random: () => number;
  readonly #swarms = new Map<ContentId, Swarm>();
  readonly #contents = new Map<number, Set<ContentId>>();
  /** How many of the memberships come from where. */
  readonly #hosts = new Map<string, number>();
  #memberships = 0;

  /** `random` gives [0, 1). */
  constructor(random: () => number) {
    this.#random = random;
  }

  get memberships(): number {
    return this.#memberships;
  }

  /** A visitor downloads a content, or says so again. Beyond the limits it is answered, and not remembered. */
  join(visitor: number, source: Source, id: ContentId, max: number, nowMs: number): Joined {
    const swarm: Swarm = this.#swarms.get(id) ?? new Map<number, Membership>();
    const before = swarm.get(visitor);
    const others = [...swarm].filter(
      ([other, { source: them }]) => other !== visitor && them.peer !== source.peer,
    );
    const reachable = others
      .filter(
        ([
          ,
          {
            source: { port },
          },
        ]) => port > 0,
      )
      .map(([, { source: them }]) => them);
    const partial = this.#some(reachable, max);
    if (!before && !this.#hasRoom(visitor, source, swarm)) return { id, partial, tell: [] };
    if (!before) this.#count(source, 1);
    swarm.set(visitor, { source, renewedMs: nowMs });
    this.#swarms.set(id, swarm);
    this.#contentsOf(visitor).add(id);
    const isNews = source.port > 0 && before?.source.port !== source.port;
    const tell = isNews
      ? this.#some(
          others.map(([other]) => other),
          maxToldOfNewcomer,
        )
      : [];
    return { id, partial, tell };
  }

  /** Visitors who download a content. */
  interested(id: ContentId): readonly number[] {
    return this.#some([...(this.#swarms.get(id)?.keys() ?? [])], maxToldOfNewcomer);
  }

  leave(visitor: number, ids: Iterable<ContentId>): void {
    for (const id of ids) this.#remove(visitor, id);
  }

  /** A visitor is gone. */
  left(visitor: number): void {
    this.leave(visitor, [...(this.#contents.get(visitor) ?? [])]);
  }

  /** Whether a visitor downloads anything. */
  has(visitor: number): boolean {
    return this.#contents.has(visitor);
  }

  /** Forgets what was not said again in time. */
  sweep(nowMs: number): void {
    for (const [id, swarm] of this.#swarms)
      for (const [visitor, { renewedMs }] of swarm)
        if (nowMs - renewedMs >= swarmLeaseMs) this.#remove(visitor, id);
  }

  #hasRoom(visitor: number, { host }: Source, swarm: Swarm): boolean {
    const own = this.#contents.get(visitor)?.size ?? 0;
    const ofHost = this.#hosts.get(networkOf(host)) ?? 0;
    const isFull = this.#memberships >= maxMemberships || swarm.size >= maxMembersPerSwarm;
    return !isFull && own < maxSwarmsPerVisitor && ofHost < maxMembershipsPerHost;
  }

  #count({ host }: Source, change: 1 | -1): void {
    const network = networkOf(host);
    const ofHost = (this.#hosts.get(network) ?? 0) + change;
    if (ofHost > 0) this.#hosts.set(network, ofHost);
    else this.#hosts.delete(network);
    this.#memberships += change;
  }

  #contentsOf(visitor: number): Set<ContentId> {
    const contents = this.#contents.get(visitor) ?? new Set();
    this.#contents.set(visitor, contents);
    return contents;
  }

  #remove(visitor: number, id: ContentId): void {
    const swarm = this.#swarms.get(id);
    const membership = swarm?.get(visitor);
    if (!swarm || !membership) return;
    swarm.delete(visitor);
    this.#count(membership.source, -1);
    if (swarm.size === 0) this.#swarms.delete(id);
    const contents = this.#contents.get(visitor);
    contents?.delete(id);
    if (contents?.size === 0) this.#contents.delete(visitor);
  }

  /** All, or so many of them at random. */
  #some<T>(all: T[], max: number): T[] {
    if (all.length <= max) return all;
    for (let at = 0; at < max; at++) {
      const other = at + Math.floor(this.#random() * (all.length - at));
      [all[at], all[other]] = [all[other] as T, all[at] as T];
    }
    return all.slice(0, max);
  }
}
