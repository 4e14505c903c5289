/**
 * The buffers in which pieces are put together and from which they are written. Invariant: no more memory than
 * `maxBytes`, but for two buffers that are always had; what is given back is used again, but not while the
 * network may still write to it.
 */
import { minPieceLength } from '../../core/piece-length.ts';

/** Memory that is shared with whoever writes the pieces. */
export interface Slots {
  /** A buffer of `minPieceLength`; undefined when there is none. */
  take(): Buffer | undefined;
  give(slot: Buffer): void;
}

export class PieceBuffers {
  readonly #maxBytes: number;
  readonly #free: Buffer[] = [];
  /** Whose the slots are that were taken. */
  readonly #slots = new Map<Buffer, Slots>();
  #usedBytes = 0;
  /** Of the piece begun last. */
  #pieceBytes = 0;
  #held: Buffer | undefined;
  #isHeldGiven = false;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Whether the disk is behind, so that nothing more should be read from the network for now. */
  get isShort(): boolean {
    return this.#usedBytes > Math.max(this.#maxBytes / 8, this.#pieceBytes);
  }

  /** A buffer of at least this size, one of the slots if may be; undefined when there is no room for one more. */
  take(bytes: number, slots?: Slots): Buffer | undefined {
    // Two are always had: one is written while the next is filled.
    if (this.#usedBytes + bytes > Math.max(this.#maxBytes, 2 * bytes)) return undefined;
    this.#pieceBytes = bytes;
    const buffer = this.#slotOf(bytes, slots) ?? this.#own(bytes);
    this.#usedBytes += buffer.length;
    return buffer;
  }

  /** The buffer that the network writes to; until it is another, it is not used for anything else. */
  get held(): Buffer | undefined {
    return this.#held;
  }

  hold(buffer: Buffer | undefined): void {
    const last = this.#held;
    if (last === buffer) return;
    this.#held = buffer;
    if (last && this.#isHeldGiven) this.#keep(last);
    this.#isHeldGiven = false;
  }

  give(buffer: Buffer): void {
    this.#usedBytes -= buffer.length;
    if (buffer === this.#held) this.#isHeldGiven = true;
    else this.#keep(buffer);
  }

  /** Gives back all slots: neither the network nor who writes may use them any more. */
  free(): void {
    for (const [slot, slots] of this.#slots) slots.give(slot);
    this.#slots.clear();
  }

  #slotOf(bytes: number, slots: Slots | undefined): Buffer | undefined {
    const slot = bytes <= minPieceLength ? slots?.take() : undefined;
    if (slot && slots) this.#slots.set(slot, slots);
    return slot;
  }

  #own(bytes: number): Buffer {
    // The one used last is the likeliest to be in a processor's cache.
    const at = this.#free.findLastIndex((buffer) => buffer.length >= bytes);
    return (at < 0 ? undefined : this.#free.splice(at, 1)[0]) ?? Buffer.allocUnsafeSlow(bytes);
  }

  #keep(buffer: Buffer): void {
    const slots = this.#slots.get(buffer);
    if (slots) {
      this.#slots.delete(buffer);
      return slots.give(buffer);
    }
    const keptBytes = this.#free.reduce((sum, { length }) => sum + length, 0);
    if (keptBytes + buffer.length <= this.#maxBytes / 8) this.#free.push(buffer);
  }
}
