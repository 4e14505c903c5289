/**
 * A ring of entries that grows to its capacity and no further, except by `force`, whose callers are bounded by
 * what the actor itself has under way (its timers, questions, promises). An entry is a message, or an
 * `Envelope` around one.
 */
import type { WhenFull } from './actor.ts';
import { Envelope, nothing } from './envelope.ts';

const initialSlots = 16;

export class Mailbox {
  readonly capacity: number;
  readonly whenFull: WhenFull;
  size = 0;
  #slots: unknown[] = Array.from({ length: initialSlots });
  #mask = initialSlots - 1;
  #head = 0;

  constructor(capacity: number, whenFull: WhenFull) {
    if (!Number.isSafeInteger(capacity) || capacity < 1)
      throw new RangeError(`Expected a mailbox capacity from 1 up, got ${capacity}`);
    this.capacity = capacity;
    this.whenFull = whenFull;
  }

  get full(): boolean {
    return this.size >= this.capacity;
  }

  /** Adds at the end whatever the capacity says. */
  force(entry: unknown): void {
    if (this.size > this.#mask) this.#grow();
    this.#slots[(this.#head + this.size) & this.#mask] = entry;
    this.size += 1;
  }

  /** Takes the first entry; only when `size > 0`. */
  take(): unknown {
    const at = this.#head;
    const entry = this.#slots[at];
    this.#slots[at] = undefined;
    this.#head = (at + 1) & this.#mask;
    this.size -= 1;
    return entry;
  }

  /** Puts entries back before the first, in their order. */
  putBack(entries: readonly unknown[]): void {
    for (const entry of entries.toReversed()) {
      if (this.size > this.#mask) this.#grow();
      this.#head = (this.#head - 1) & this.#mask;
      this.#slots[this.#head] = entry;
      this.size += 1;
    }
  }

  /** Takes the oldest entry that may be dropped, or `nothing`. */
  dropOldest(): unknown {
    for (let index = 0; index < this.size; index += 1) {
      const entry = this.#at(index);
      if (entry instanceof Envelope && !entry.droppable) continue;
      for (let later = index; later > 0; later -= 1) this.#put(later, this.#at(later - 1));
      this.take();
      return entry;
    }
    return nothing;
  }

  #at(index: number): unknown {
    return this.#slots[(this.#head + index) & this.#mask];
  }

  #put(index: number, entry: unknown): void {
    this.#slots[(this.#head + index) & this.#mask] = entry;
  }

  #grow(): void {
    const slots: unknown[] = Array.from({ length: this.#slots.length * 2 });
    for (let index = 0; index < this.size; index += 1) slots[index] = this.#at(index);
    this.#slots = slots;
    this.#mask = slots.length - 1;
    this.#head = 0;
  }
}
