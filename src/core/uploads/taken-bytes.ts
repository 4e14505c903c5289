/**
 * How much of each content one visitor has had over its connection, so that who asks for the same again and
 * again is found out. Invariant: bounded; of contents that were sent long ago it forgets that they were.
 */
import { dropOldest } from '../drop-oldest.ts';
import type { ContentId } from '../ids.ts';
import { maxCopiesPerVisitor, maxRememberedSent, spareBytesPerContent } from '../limits/connections.ts';

export class TakenBytes {
  readonly #bytes = new Map<ContentId, number>();

  add(id: ContentId, bytes: number): void {
    const before = this.#bytes.get(id) ?? 0;
    this.#bytes.delete(id);
    this.#bytes.set(id, before + bytes);
    dropOldest(this.#bytes, maxRememberedSent);
  }

  /** Whether a visitor has had as much of a content of this size as anybody could need. */
  isTooMuch(id: ContentId, sizeBytes: number): boolean {
    return (this.#bytes.get(id) ?? 0) > maxCopiesPerVisitor * sizeBytes + spareBytesPerContent;
  }
}
