/**
 * How much of each content others got of us while this engine lives. Invariant: it remembers a bounded number of
 * contents, those sent last; what was sent of the others is forgotten.
 */
import { dropOldest } from '../drop-oldest.ts';
import type { ContentId } from '../ids.ts';
import { maxSentContents } from '../limits/library.ts';

/** What one connection was sent of one content since it last said so. */
export interface SentPart {
  readonly id: ContentId;
  readonly bytes: number;
  /** Whether nothing of it had gone over this connection before. */
  readonly isFirst: boolean;
}

export interface SentTotal {
  readonly sentBytes: number;
  /** Connections over which some of it went. */
  readonly timesSent: number;
}

export const nothingSent: SentTotal = { sentBytes: 0, timesSent: 0 };

export class SentBook {
  readonly #totals = new Map<ContentId, SentTotal>();
  readonly #capacity: number;

  constructor(capacity: number = maxSentContents) {
    this.#capacity = capacity;
  }

  add({ id, bytes, isFirst }: SentPart): void {
    const { sentBytes, timesSent } = this.of(id);
    this.#totals.delete(id);
    this.#totals.set(id, { sentBytes: sentBytes + bytes, timesSent: timesSent + (isFirst ? 1 : 0) });
    dropOldest(this.#totals, this.#capacity);
  }

  of(id: ContentId): SentTotal {
    return this.#totals.get(id) ?? nothingSent;
  }

  /** Every content of which something was sent, those sent last at the end. */
  [Symbol.iterator](): MapIterator<[ContentId, SentTotal]> {
    return this.#totals.entries();
  }
}

export function sumOfSent(a: SentTotal, b: SentTotal): SentTotal {
  return { sentBytes: a.sentBytes + b.sentBytes, timesSent: a.timesSent + b.timesSent };
}
