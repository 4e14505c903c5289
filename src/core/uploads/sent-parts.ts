/**
 * What one connection has sent since it last said so, content by content. Invariant: bounded, whatever a visitor
 * asks for; of contents sent long ago it forgets that they were.
 */
import { dropOldest } from '../drop-oldest.ts';
import type { ContentId } from '../ids.ts';
import { maxRememberedSent, maxSentParts } from '../limits/connections.ts';
import type { SentPart } from './sent-book.ts';

export class SentParts {
  readonly #bytes = new Map<ContentId, number>();
  /** Contents of which something went over this connection in an earlier report. */
  readonly #before = new Map<ContentId, true>();

  /** Whether it is to be taken before anything is added. */
  get isFull(): boolean {
    return this.#bytes.size >= maxSentParts;
  }

  add(id: ContentId, bytes: number): void {
    this.#bytes.set(id, (this.#bytes.get(id) ?? 0) + bytes);
  }

  /** Gives what was added, and begins anew. */
  take(): readonly SentPart[] {
    const parts = Array.from(this.#bytes, ([id, bytes]) => ({ id, bytes, isFirst: !this.#before.has(id) }));
    this.#bytes.clear();
    for (const { id } of parts) {
      this.#before.delete(id);
      this.#before.set(id, true);
    }
    dropOldest(this.#before, maxRememberedSent);
    return parts;
  }
}
