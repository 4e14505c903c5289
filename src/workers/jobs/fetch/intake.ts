/**
 * Where the bytes of a dialled connection are read to: into a piece where nothing but its data comes next, else
 * into one buffer that is used again and again. Invariant: nothing is allocated for what is read once somebody
 * takes it; before that, only a few chunks are kept.
 */
import type { OnReadOpts } from 'node:net';
import { maxEarlyChunks, receiveBufferBytes } from '../../../core/limits/tracker.ts';
import { blockHeaderBytes } from '../../../protocol/block-header.ts';

/** Who takes what is read. */
export interface Taker {
  /** Where in a piece the next bytes belong. */
  landing(): Uint8Array | undefined;
  /** So many were read there. False: they are to be received like any other. */
  landed(length: number): boolean;
  receive(bytes: Uint8Array): void;
  readonly mayRead: boolean;
  /** The most to read at once, if there is a bound: under a limit little, or seconds would pass until the next. */
  readonly quantumBytes?: number;
  /** Whether likely nothing but a block's header comes before data that can be read to its place. */
  readonly expectsHeader: boolean;
}

export class Intake {
  /** For the socket. */
  readonly onread: OnReadOpts;
  readonly #common = Buffer.allocUnsafeSlow(receiveBufferBytes);
  /** Read to exactly its size, so that the data behind a header need not be copied. */
  readonly #header = this.#common.subarray(0, blockHeaderBytes);
  /** The other side's first words may come with the last of the handshake, before we know who it is. */
  readonly #early: Buffer[] = [];
  #taker: Taker | undefined;
  #onEarly: (() => void) | undefined;

  constructor() {
    this.onread = {
      buffer: () => this.#next(),
      callback: (length, buffer) => this.#came(length, buffer),
    };
  }

  /** Hands over what came, and everything from now on. */
  attach(taker: Taker): void {
    this.#taker = taker;
    for (const bytes of this.#early.splice(0)) taker.receive(bytes);
  }

  /** Takes the first `length` bytes, or what there is when `isEnough` of the first byte; waits for them. */
  async first(length: number, isEnough: (first: number) => boolean): Promise<Buffer> {
    for (;;) {
      const bytes = Buffer.concat(this.#early.splice(0));
      if (bytes.length >= length) {
        if (bytes.length > length) this.#early.push(bytes.subarray(length));
        return bytes.subarray(0, length);
      }
      if (bytes.length > 0) this.#early.push(bytes);
      if (bytes[0] !== undefined && isEnough(bytes[0])) return bytes;
      await new Promise<void>((resolve) => (this.#onEarly = resolve));
    }
  }

  #next(): Uint8Array {
    const taker = this.#taker;
    if (!taker) return this.#common;
    const place = taker.landing() ?? (taker.expectsHeader ? this.#header : this.#common);
    const most = taker.quantumBytes ?? Infinity;
    return place.length > most ? place.subarray(0, most) : place;
  }

  #came(length: number, buffer: Uint8Array): boolean {
    const taker = this.#taker;
    if (!taker) {
      const kept = this.#early.push(Buffer.from(buffer.subarray(0, length)));
      this.#onEarly?.();
      return kept < maxEarlyChunks;
    }
    const isCommon = buffer.buffer === this.#common.buffer;
    if (isCommon || !taker.landed(length)) taker.receive(buffer.subarray(0, length));
    return taker.mayRead;
  }
}
