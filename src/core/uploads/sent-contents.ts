/**
 * Which contents have been sent over a connection, from what it says it has sent of each. Invariant: each of which
 * anything was sent is told at least once, when all of it has gone, when others have taken its place or at the end,
 * and only once for each time that all of it goes; what is remembered is bounded.
 */
import { dropOldest } from '../drop-oldest.ts';
import type { ContentId } from '../ids.ts';
import { maxNamedContents } from '../limits/connections.ts';
import type { SentPart } from './sent-book.ts';

export class SentContents {
  /** What has gone of those of which not all has; those that got something last at the end. */
  readonly #open = new Map<ContentId, number>();
  readonly #told = new Map<ContentId, true>();
  readonly #capacity: number;

  constructor(capacity: number = maxNamedContents) {
    this.#capacity = capacity;
  }

  /** Returns those to be told of now. `sizeOf`: undefined where that is not known any more. */
  add(parts: readonly SentPart[], sizeOf: (id: ContentId) => number | undefined): readonly ContentId[] {
    const over: ContentId[] = [];
    for (const { id, bytes } of parts) {
      const sent = (this.#open.get(id) ?? 0) + bytes;
      this.#open.delete(id);
      if (sent < (sizeOf(id) ?? Infinity)) this.#open.set(id, sent);
      else this.#tell(id, over);
    }
    if (this.#open.size > this.#capacity) this.#makeRoom(over);
    return over;
  }

  /** Nothing more is sent. Returns those of which a part was. */
  end(): readonly ContentId[] {
    const over = [...this.#open.keys()].filter((id) => !this.#told.has(id));
    this.#open.clear();
    return over;
  }

  /** Of half of them at once: to find the oldest means to step over those that went before it. */
  #makeRoom(over: ContentId[]): void {
    for (const id of this.#open.keys()) {
      if (this.#open.size <= this.#capacity / 2) return;
      this.#open.delete(id);
      if (!this.#told.has(id)) this.#tell(id, over);
    }
  }

  #tell(id: ContentId, over: ContentId[]): void {
    this.#told.delete(id);
    this.#told.set(id, true);
    dropOldest(this.#told, this.#capacity);
    over.push(id);
  }
}
