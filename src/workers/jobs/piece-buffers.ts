/**
 * The buffers in which pieces are put together and from which they are written. Invariant: no more memory than
 * `maxBytes`, but for the one buffer that is always had; what is given back is used again.
 */
export class PieceBuffers {
  readonly #maxBytes: number;
  readonly #free: Buffer[] = [];
  #usedBytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Whether the disk is behind, so that nothing more should be read from the network for now. */
  get isShort(): boolean {
    return this.#usedBytes * 2 > this.#maxBytes;
  }

  /** A buffer of at least this size, or undefined when there is no room for one more. */
  take(bytes: number): Buffer | undefined {
    if (this.#usedBytes > 0 && this.#usedBytes + bytes > this.#maxBytes) return undefined;
    // The one used last is the likeliest to be in a processor's cache.
    const at = this.#free.findLastIndex((buffer) => buffer.length >= bytes);
    const buffer = at < 0 ? Buffer.allocUnsafeSlow(bytes) : this.#free.splice(at, 1)[0];
    this.#usedBytes += buffer?.length ?? 0;
    return buffer;
  }

  give(buffer: Buffer): void {
    this.#usedBytes -= buffer.length;
    const keptBytes = this.#free.reduce((sum, { length }) => sum + length, 0);
    if (keptBytes + buffer.length <= this.#maxBytes / 2) this.#free.push(buffer);
  }
}
