/**
 * A few words shared between the owner of hash jobs and the jobs: how far they are, and whether to stop.
 * Shared memory rather than messages, because a job reads and hashes without ever turning to its messages.
 */

const cancelWord = 0;
const bytesWord = 1;

export class HashControl {
  readonly buffer: SharedArrayBuffer;
  readonly #flags: Int32Array;
  readonly #counters: BigInt64Array;

  /** Over the buffer of another thread's control, or a new one. */
  constructor(buffer = new SharedArrayBuffer(16)) {
    this.buffer = buffer;
    this.#flags = new Int32Array(buffer);
    this.#counters = new BigInt64Array(buffer);
  }

  /** Asks all jobs under this control to end as soon as they can. */
  cancel(): void {
    Atomics.store(this.#flags, cancelWord, 1);
  }

  get isCancelled(): boolean {
    return Atomics.load(this.#flags, cancelWord) !== 0;
  }

  addHashed(bytes: number): void {
    Atomics.add(this.#counters, bytesWord, BigInt(bytes));
  }

  /** All that was read and hashed under this control so far; only grows. */
  get hashedBytes(): number {
    return Number(Atomics.load(this.#counters, bytesWord));
  }
}
