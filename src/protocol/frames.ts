/**
 * Cuts a stream of bytes into frames (u32 big-endian length, then the body) and raw data. A frame that lies
 * whole in a chunk is read where it is; only one that is split between chunks is copied, each byte once.
 * Invariant: no byte of a body is kept, but the first few, before its length was admitted: by the state of the
 * conversation, and as soon as the code can be read, by the type of the message.
 */
import { codeAt, codeReachBytes } from './linter.ts';

/** Bytes of the length prefix. */
export const prefixBytes = 4;

/** Decides whether a frame may come, and throws a RemoteProtocolError when it may not. */
export interface FrameGate {
  /** The length is known, the type is not yet. */
  admitLength(length: number): void;
  /** The type is known too. */
  admitMessage(code: number, length: number): void;
}

/** Split frames above this are not kept as a buffer for the next one. */
const keptBufferBytes = 16 * 1024;
const nothing = new Uint8Array(0);

export class FrameReader {
  /** Where the frame that `next` found lies: valid until the next call of anything here. */
  source: Uint8Array = nothing;
  start = 0;
  end = 0;
  readonly #gate: FrameGate;
  #chunk: Uint8Array = nothing;
  #at = 0;
  #held: Uint8Array = nothing;
  #heldLength = 0;

  constructor(gate: FrameGate) {
    this.#gate = gate;
  }

  /** Bytes of the last chunk that were not looked at yet. */
  get left(): number {
    return this.#chunk.length - this.#at;
  }

  /** Whether a frame has begun to come and is not complete. */
  get isPartial(): boolean {
    return this.#heldLength > 0;
  }

  /** The last chunk must have been used up: `next` and `takeRaw` have both returned nothing. */
  push(chunk: Uint8Array): void {
    this.#chunk = chunk;
    this.#at = 0;
  }

  /** Forgets the rest of the chunk and what is held. */
  discard(): void {
    this.#chunk = nothing;
    this.#at = 0;
    this.#heldLength = 0;
  }

  /** Whether a whole frame is there; it is then at `source`, from `start` to `end`. */
  next(): boolean {
    if (this.#heldLength === 0 && this.left >= prefixBytes) {
      const start = this.#at + prefixBytes;
      const length = unsigned32(this.#chunk, this.#at);
      if (start + length <= this.#chunk.length) {
        this.#gate.admitLength(length);
        this.#gate.admitMessage(codeAt(this.#chunk, start, start + length), length);
        this.#found(this.#chunk, start, start + length);
        this.#at = start + length;
        return true;
      }
    }
    return this.left > 0 && this.#nextSplit();
  }

  /** Up to `max` bytes of what follows the last frame: a view into the chunk. */
  takeRaw(max: number): Uint8Array | undefined {
    const length = Math.min(max, this.left);
    if (length === 0) return undefined;
    return this.#chunk.subarray(this.#at, (this.#at += length));
  }

  #nextSplit(): boolean {
    if (!this.#hold(prefixBytes)) return false;
    const length = unsigned32(this.#held, 0);
    const end = prefixBytes + length;
    this.#gate.admitLength(length);
    if (!this.#hold(Math.min(end, prefixBytes + codeReachBytes))) return false;
    this.#gate.admitMessage(codeAt(this.#held, prefixBytes, end), length);
    if (!this.#hold(end)) return false;
    this.#found(this.#held, prefixBytes, end);
    this.#heldLength = 0;
    if (this.#held.length > keptBufferBytes) this.#held = nothing;
    return true;
  }

  #found(source: Uint8Array, start: number, end: number): void {
    this.source = source;
    this.start = start;
    this.end = end;
  }

  /** Copies from the chunk until `wanted` bytes are held; the buffer grows with what came, not with promises. */
  #hold(wanted: number): boolean {
    if (this.#heldLength >= wanted) return true;
    const length = Math.min(wanted - this.#heldLength, this.left);
    const needed = this.#heldLength + length;
    if (needed > this.#held.length) {
      const grown = new Uint8Array(Math.max(needed, Math.min(wanted, this.#held.length * 2), 64));
      grown.set(this.#held.subarray(0, this.#heldLength));
      this.#held = grown;
    }
    this.#held.set(this.#chunk.subarray(this.#at, this.#at + length), this.#heldLength);
    this.#heldLength = needed;
    this.#at += length;
    return needed === wanted;
  }
}

function unsigned32(source: Uint8Array, at: number): number {
  return (
    (((source[at] ?? 0) << 24) |
      ((source[at + 1] ?? 0) << 16) |
      ((source[at + 2] ?? 0) << 8) |
      (source[at + 3] ?? 0)) >>>
    0
  );
}
