/**
 * Which pieces of a content are there: one bit a piece, the first piece in the highest bit of the first byte.
 * Invariant: `count` is the number of bits set, and the spare bits of the last byte are never set.
 */

export class Bitfield {
  /** How many pieces there are to have. */
  readonly length: number;
  readonly #bytes: Uint8Array;
  #count = 0;

  constructor(length: number) {
    this.length = length;
    this.#bytes = new Uint8Array(Math.ceil(length / 8));
  }

  /** Reads what `encode` wrote; undefined when it is not a bitfield of this length. */
  static decode(bytes: Uint8Array, length: number): Bitfield | undefined {
    if (bytes.length !== Math.ceil(length / 8)) return undefined;
    const spareBits = bytes.length * 8 - length;
    if (((bytes.at(-1) ?? 0) & ((1 << spareBits) - 1)) !== 0) return undefined;
    const field = new Bitfield(length);
    field.#bytes.set(bytes);
    for (const byte of bytes) field.#count += bitsIn(byte);
    return field;
  }

  static full(length: number): Bitfield {
    const field = new Bitfield(length);
    for (let index = 0; index < length; index++) field.set(index);
    return field;
  }

  /** How many pieces are had. */
  get count(): number {
    return this.#count;
  }

  get isFull(): boolean {
    return this.#count === this.length;
  }

  /** False, too, for a piece that does not exist. */
  has(index: number): boolean {
    return ((this.#bytes[index >>> 3] ?? 0) & bit(index)) !== 0;
  }

  /** Whether this changed anything. Throws for a piece that does not exist. */
  set(index: number): boolean {
    this.#check(index);
    if (this.has(index)) return false;
    this.#bytes[index >>> 3] = (this.#bytes[index >>> 3] ?? 0) | bit(index);
    this.#count += 1;
    return true;
  }

  /** Whether this changed anything. Throws for a piece that does not exist. */
  clear(index: number): boolean {
    this.#check(index);
    if (!this.has(index)) return false;
    this.#bytes[index >>> 3] = (this.#bytes[index >>> 3] ?? 0) & ~bit(index);
    this.#count -= 1;
    return true;
  }

  /** The first piece from `from` on that is missing; undefined when none is. */
  firstMissing(from = 0): number | undefined {
    for (let index = from; index < this.length; index++) {
      if ((index & 7) === 0 && this.#bytes[index >>> 3] === 0xff) index += 7;
      else if (!this.has(index)) return index;
    }
    return undefined;
  }

  /** The runs of pieces that are had, in order, each from `start` up to but without `end`. */
  *ranges(): Generator<{ readonly start: number; readonly end: number }> {
    let start: number | undefined;
    for (let index = 0; index < this.length; index++) {
      if (this.has(index)) start ??= index;
      else if (start !== undefined) {
        yield { start, end: index };
        start = undefined;
      }
    }
    if (start !== undefined) yield { start, end: this.length };
  }

  /** A copy, `ceil(length / 8)` bytes. */
  encode(): Uint8Array {
    return this.#bytes.slice();
  }

  #check(index: number): void {
    if (!Number.isInteger(index) || index < 0 || index >= this.length)
      throw new RangeError(`Expected a piece below ${this.length}, got ${index}`);
  }
}

const bit = (index: number): number => 0x80 >>> (index & 7);

function bitsIn(byte: number): number {
  let count = 0;
  for (let left = byte; left > 0; left &= left - 1) count += 1;
  return count;
}
