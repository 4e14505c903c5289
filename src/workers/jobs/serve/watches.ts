/**
 * Tells one visitor what is there of the contents it watches, and at a beat what has come since: the pieces are
 * seen in the memory of the download, so nobody is asked.
 * Invariant: a piece is told once, and never before it is there.
 */
import { Bitfield } from '../../../core/swarm/bitfield.ts';
import type { ContentId } from '../../../core/ids.ts';
import { haveEveryMs } from '../../../core/limits/downloads.ts';
import { maxRangesPerHave, maxWatches } from '../../../core/limits/wire.ts';
import type { PartialOffer } from '../../../core/swarm/partial-offer.ts';
import { fail, ok, type Result } from '../../../core/result.ts';
import type { Connection } from '../connection.ts';

interface Watch {
  readonly offer: PartialOffer;
  readonly told: Bitfield;
}

export class Watches {
  readonly #connection: Connection;
  readonly #watches = new Map<ContentId, Watch>();
  #timer: NodeJS.Timeout | undefined;

  constructor(connection: Connection) {
    this.#connection = connection;
    void connection.ended.then(() => clearInterval(this.#timer));
  }

  /** What is there now, for the answer; from now on what comes is told. Problems: `limit`. */
  begin(id: ContentId, offer: PartialOffer): Result<Uint8Array> {
    if (this.#watches.size >= maxWatches && !this.#watches.has(id))
      return fail('limit', `More than ${maxWatches} contents are watched`);
    const told = new Bitfield(offer.have.length);
    told.take(offer.have, Infinity);
    this.#watches.set(id, { offer, told });
    this.#timer ??= setInterval(() => this.#tell(), haveEveryMs);
    return ok(told.encode());
  }

  end(id: ContentId): void {
    this.#watches.delete(id);
    if (this.#watches.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #tell(): void {
    for (const [id, { offer, told }] of this.#watches) {
      const ranges = told.take(offer.have, maxRangesPerHave);
      if (ranges.length > 0) this.#connection.send({ type: 'have', id, ranges });
      if (offer.isWithdrawn || told.isFull) this.end(id);
    }
  }
}
