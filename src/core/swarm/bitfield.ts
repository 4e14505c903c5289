/**
 * Which pieces of a content are there: one bit a piece, the first piece in the highest bit of the first byte of
 * what is encoded. Kept in words, so that runs are found 32 pieces at a step, and, if wanted, in memory that
 * threads share: one of them writes, the others see.
 * Invariant: the spare bits of the last word are never set.
 */
import type { PieceRange } from './piece-ranges.ts';

/** One whose memory other threads may be given. */
export type SharedBitfield = Bitfield & { readonly memory: SharedArrayBuffer };

export class Bitfield {
  /** How many pieces there are to have. */
  readonly length: number;
  readonly #words: Uint32Array;

  /** `memory`: that of another bitfield of this length, to see or write the same bits. */
  constructor(length: number, memory: ArrayBufferLike = new ArrayBuffer(memoryBytes(length))) {
    this.length = length;
    this.#words = new Uint32Array(memory, 0, Math.ceil(length / 32));
  }

  /** An empty one. */
  static shared(length: number): SharedBitfield {
    return new Bitfield(length, new SharedArrayBuffer(memoryBytes(length))) as SharedBitfield;
  }

  /** Reads what `encode` wrote; undefined when it is not a bitfield of this length. */
  static decode(bytes: Uint8Array, length: number): Bitfield | undefined {
    if (bytes.length !== Math.ceil(length / 8)) return undefined;
    const spareBits = bytes.length * 8 - length;
    if (((bytes.at(-1) ?? 0) & ((1 << spareBits) - 1)) !== 0) return undefined;
    const field = new Bitfield(length);
    for (const [at, byte] of bytes.entries())
      field.#words[at >>> 2] = (field.#words[at >>> 2] ?? 0) | (byte << (24 - 8 * (at & 3)));
    return field;
  }

  static full(length: number): Bitfield {
    const field = new Bitfield(length);
    field.#words.fill(0xffff_ffff);
    const spareBits = field.#words.length * 32 - length;
    if (spareBits > 0) field.#words[field.#words.length - 1] = 0xffff_ffff << spareBits;
    return field;
  }

  get memory(): ArrayBufferLike {
    return this.#words.buffer;
  }

  /** How many pieces are had. Counts them: some microseconds for the largest. */
  get count(): number {
    let count = 0;
    for (const word of this.#words) count += bitsIn(word);
    return count;
  }

  get isFull(): boolean {
    return this.firstMissing() === undefined;
  }

  /** False, too, for a piece that does not exist. */
  has(index: number): boolean {
    return ((this.#words[index >>> 5] ?? 0) & bit(index)) !== 0 && index >= 0;
  }

  /** Whether this changed anything. Throws for a piece that does not exist. */
  set(index: number): boolean {
    this.#check(index);
    if (this.has(index)) return false;
    this.#words[index >>> 5] = (this.#words[index >>> 5] ?? 0) | bit(index);
    return true;
  }

  /** Whether this changed anything. Throws for a piece that does not exist. */
  clear(index: number): boolean {
    this.#check(index);
    if (!this.has(index)) return false;
    this.#words[index >>> 5] = (this.#words[index >>> 5] ?? 0) & ~bit(index);
    return true;
  }

  /** The first piece from `from` on that is missing; undefined when none is. */
  firstMissing(from = 0): number | undefined {
    return this.#find(from, (at) => ~(this.#words[at] ?? 0));
  }

  /** The first piece from `from` on that is had, here and in `also`; undefined when none is. */
  firstHad(from = 0, also?: Bitfield): number | undefined {
    return this.#find(from, (at) => (this.#words[at] ?? 0) & (also ? (also.#words[at] ?? 0) : -1));
  }

  /** The runs of pieces that are had, in order, each from `start` up to but without `end`. */
  *ranges(): Generator<{ readonly start: number; readonly end: number }> {
    for (let start = this.firstHad(); start !== undefined;) {
      const end = this.firstMissing(start) ?? this.length;
      yield { start, end };
      start = this.firstHad(end);
    }
  }

  /**
   * Sets what `other`, of the same length, has more, and gives those pieces, at most `maxRanges` runs of them;
   * the rest is left for the next time.
   */
  take(other: Bitfield, maxRanges: number): PieceRange[] {
    const news: { first: number; count: number }[] = [];
    for (const [at, word] of other.#words.entries()) {
      let more = word & ~(this.#words[at] ?? 0);
      while (more !== 0) {
        const index = at * 32 + Math.clz32(more);
        const last = news.at(-1);
        if (last && last.first + last.count === index) last.count++;
        else if (news.length === maxRanges) return news;
        else news.push({ first: index, count: 1 });
        this.set(index);
        more &= ~bit(index);
      }
    }
    return news;
  }

  copy(): Bitfield {
    const copy = new Bitfield(this.length);
    copy.#words.set(this.#words);
    return copy;
  }

  /** A copy, `ceil(length / 8)` bytes. */
  encode(): Uint8Array {
    const bytes = new Uint8Array(Math.ceil(this.length / 8));
    for (let at = 0; at < bytes.length; at++)
      bytes[at] = ((this.#words[at >>> 2] ?? 0) >>> (24 - 8 * (at & 3))) & 0xff;
    return bytes;
  }

  #find(from: number, wordAt: (at: number) => number): number | undefined {
    let mask = 0xffff_ffff >>> (from & 31);
    for (let at = from >>> 5; at < this.#words.length; at++) {
      const word = wordAt(at) & mask;
      mask = 0xffff_ffff;
      if (word === 0) continue;
      const index = at * 32 + Math.clz32(word);
      return index < this.length ? index : undefined;
    }
    return undefined;
  }

  #check(index: number): void {
    if (!Number.isInteger(index) || index < 0 || index >= this.length)
      throw new RangeError(`Expected a piece below ${this.length}, got ${index}`);
  }
}

const memoryBytes = (length: number): number => 4 * Math.ceil(length / 32);

const bit = (index: number): number => 0x8000_0000 >>> (index & 31);

/** The parallel count of Hacker's Delight, 5-1. */
function bitsIn(word: number): number {
  const pairs = word - ((word >>> 1) & 0x5555_5555);
  const nibbles = (pairs & 0x3333_3333) + ((pairs >>> 2) & 0x3333_3333);
  return Math.imul((nibbles + (nibbles >>> 4)) & 0x0f0f_0f0f, 0x0101_0101) >>> 24;
}
