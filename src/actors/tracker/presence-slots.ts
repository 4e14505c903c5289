/**
 * When each connection was last heard: one number a slot, so that a keep-alive costs a store and no message.
 * Invariant: a slot belongs to one connection from `claim` to `release`.
 */
export class Presence {
  readonly #heardMs: number[] = [];
  readonly #free: number[] = [];

  claim(nowMs: number): number {
    const slot = this.#free.pop() ?? this.#heardMs.length;
    this.#heardMs[slot] = nowMs;
    return slot;
  }

  beat(slot: number, nowMs: number): void {
    this.#heardMs[slot] = nowMs;
  }

  heardMs(slot: number): number {
    return this.#heardMs[slot] ?? Number.NEGATIVE_INFINITY;
  }

  release(slot: number): void {
    this.#free.push(slot);
  }
}
