/**
 * How much of a connection one transfer is to have beside others, in memory that all threads see which fetch for it: a
 * change of its priority holds at once. Invariant: whose it is never changes.
 */
import type { Priority } from '../engine/engine-commands.ts';
import { priorityWeights } from '../limits/pipelining.ts';

const words = { transfer: 0, weight: 1, count: 2 } as const;

export class SharedWeight {
  /** What other threads are given; they make their own `SharedWeight` of it. */
  readonly shared: SharedArrayBuffer;
  readonly #words: Uint32Array;

  constructor(shared: SharedArrayBuffer) {
    this.shared = shared;
    this.#words = new Uint32Array(shared);
  }

  static of(transfer: number, priority: Priority): SharedWeight {
    const memory = new Uint32Array(new SharedArrayBuffer(words.count * Uint32Array.BYTES_PER_ELEMENT));
    memory[words.transfer] = transfer;
    const made = new SharedWeight(memory.buffer);
    made.prioritise(priority);
    return made;
  }

  /** Whose it is: all that is fetched for one transfer shares what that is to have. */
  get transfer(): number {
    return this.#words[words.transfer] ?? 0;
  }

  get value(): number {
    return Atomics.load(this.#words, words.weight);
  }

  prioritise(priority: Priority): void {
    Atomics.store(this.#words, words.weight, priorityWeights[priority]);
  }
}
