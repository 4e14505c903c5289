/**
 * The buffers in which pieces are put together and from which they are written. Invariant: no more memory of its own
 * than `maxBytes`, but for two buffers that are always had; what is given back is used again, but not while the network
 * may still write to it.
 */
import { minPieceLength } from '../../../core/swarm/piece-length.ts';

/** Memory that is shared with whoever writes the pieces. */
export interface Slots {
  /** A buffer of `minPieceLength`; undefined when there is none. */
  take(): Buffer | undefined;
  /** Whether there is likely one to take. */
  readonly hasRoom: boolean;
  give(slot: Buffer): void;
}

export class PieceBuffers {
  readonly #backlogBytes: number;
  readonly #maxBytes: number;
  readonly #free: Buffer[] = [];
  /** Whose the slots are that were taken. */
  readonly #slots = new Map<Buffer, Slots>();
  #usedBytes = 0;
  /** Of `#usedBytes`, what is not in slots. */
  #ownBytes = 0;
  /** Where the piece is put together that was begun last, and those that others were begun since. */
  #last: Buffer | undefined;
  readonly #aside = new Set<Buffer>();
  #asideBytes = 0;
  #ownAsideBytes = 0;
  /** Of the piece begun last, and whose slots it may be put together in. */
  #pieceBytes = 0;
  #pieceSlots: Slots | undefined;
  #held: Buffer | undefined;
  #isHeldGiven = false;

  /** `backlogBytes`: what may be in use, and what is kept for later. */
  constructor(backlogBytes: number, maxBytes: number) {
    this.#backlogBytes = backlogBytes;
    this.#maxBytes = maxBytes;
  }

  /**
   * Whether the disk is behind, so that nothing more should be read from the network for now. Pieces that wait for more
   * of their own data say nothing of the disk, and would wait for ever.
   */
  get isShort(): boolean {
    const bound = Math.max(this.#backlogBytes, this.#pieceBytes);
    if (this.#ownBytes - this.#ownAsideBytes > bound) return true;
    return this.#usedBytes - this.#asideBytes > bound && this.#pieceSlots?.hasRoom !== true;
  }

  /** A buffer of at least this size, one of the slots if may be; undefined when there is no room for one more. */
  take(bytes: number, slots?: Slots): Buffer | undefined {
    this.#pieceBytes = bytes;
    this.#pieceSlots = bytes <= minPieceLength ? slots : undefined;
    const buffer = this.#slot() ?? this.#own(bytes);
    if (!buffer) return undefined;
    this.#usedBytes += buffer.length;
    if (this.#last) this.#putAside(this.#last, 1);
    this.#last = buffer;
    return buffer;
  }

  /** The piece is complete, and is given back when it is written. */
  filled(buffer: Buffer): void {
    if (buffer === this.#last) this.#last = undefined;
    else if (this.#aside.has(buffer)) this.#putAside(buffer, -1);
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
    this.filled(buffer);
    this.#usedBytes -= buffer.length;
    if (!this.#slots.has(buffer)) this.#ownBytes -= buffer.length;
    if (buffer === this.#held) this.#isHeldGiven = true;
    else this.#keep(buffer);
  }

  /** Gives back all slots: neither the network nor who writes may use them any more. */
  free(): void {
    for (const [slot, slots] of this.#slots) slots.give(slot);
    this.#slots.clear();
  }

  #putAside(buffer: Buffer, by: 1 | -1): void {
    if (by === 1) this.#aside.add(buffer);
    else this.#aside.delete(buffer);
    this.#asideBytes += by * buffer.length;
    if (!this.#slots.has(buffer)) this.#ownAsideBytes += by * buffer.length;
  }

  #slot(): Buffer | undefined {
    const slots = this.#pieceSlots;
    const slot = slots?.take();
    if (slot && slots) this.#slots.set(slot, slots);
    return slot;
  }

  #own(bytes: number): Buffer | undefined {
    // Two are always had: one is written while the next is filled.
    if (this.#ownBytes + bytes > Math.max(this.#maxBytes, 2 * bytes)) return undefined;
    // The one used last is the likeliest to be in a processor's cache.
    const at = this.#free.findLastIndex((buffer) => buffer.length >= bytes);
    const buffer = (at < 0 ? undefined : this.#free.splice(at, 1)[0]) ?? Buffer.allocUnsafeSlow(bytes);
    this.#ownBytes += buffer.length;
    return buffer;
  }

  #keep(buffer: Buffer): void {
    const slots = this.#slots.get(buffer);
    if (slots) {
      this.#slots.delete(buffer);
      return slots.give(buffer);
    }
    const keptBytes = this.#free.reduce((sum, { length }) => sum + length, 0);
    if (keptBytes + buffer.length <= this.#backlogBytes) this.#free.push(buffer);
  }
}
