/**
 * How often something ceased to be served: a counter in memory that threads share, so that who keeps files open sees
 * without a message that it has to ask again. Invariant: it is counted after what was served can no longer be found.
 */
export class Revocations {
  /** What other threads are given; they make their own `Revocations` of it. */
  readonly shared: SharedArrayBuffer;
  readonly #count: Int32Array;

  constructor(shared: SharedArrayBuffer = new SharedArrayBuffer(4)) {
    this.shared = shared;
    this.#count = new Int32Array(shared);
  }

  get count(): number {
    return Atomics.load(this.#count, 0);
  }

  revoke(): void {
    Atomics.add(this.#count, 0, 1);
  }
}
