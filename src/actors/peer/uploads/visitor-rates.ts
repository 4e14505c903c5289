/**
 * The limits for what single visitors get. Invariant: all connections of one visitor keep one limit together, from
 * the first of them to the end of the last.
 */
import type { PeerId } from '../../../core/ids.ts';
import { SharedRate } from '../../../core/rates/shared-rate.ts';

interface Visitor {
  readonly peer: PeerId;
  readonly rate: SharedRate;
  connections: number;
}

export class VisitorRates {
  readonly #visitors = new Map<PeerId, Visitor>();
  readonly #ofUpload = new Map<number, Visitor>();

  /** A connection of this peer has come. */
  join(upload: number, peer: PeerId): SharedRate {
    const visitor = this.#visitors.get(peer) ?? { peer, rate: new SharedRate(), connections: 0 };
    this.#visitors.set(peer, visitor);
    this.#ofUpload.set(upload, visitor);
    visitor.connections += 1;
    return visitor.rate;
  }

  /** Sets the limit of those whom these connections are of, 0 for none; returns who they are. */
  limit(uploads: readonly number[], bytesPerSecond: number): ReadonlySet<PeerId> {
    const visitors = new Set(uploads.flatMap((upload) => this.#ofUpload.get(upload) ?? []));
    for (const { rate } of visitors) rate.setRate(bytesPerSecond);
    return new Set(Array.from(visitors, ({ peer }) => peer));
  }

  /** A connection is over; of one that never joined nothing is known. */
  leave(upload: number): void {
    const visitor = this.#ofUpload.get(upload);
    this.#ofUpload.delete(upload);
    if (visitor === undefined) return;
    visitor.connections -= 1;
    if (visitor.connections === 0) this.#visitors.delete(visitor.peer);
  }
}
