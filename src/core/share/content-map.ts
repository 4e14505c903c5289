/**
 * A map by content id, for hundreds of thousands of values that know their ids: an entry takes 16 bytes where one of
 * `Map` takes 37. In the order in which ids came, like `Map`. Invariant: `#slots` leads to every value of `#values`,
 * from the place that its id hashes to or from a later one, with no free slot between (open addressing, as in the
 * dictionaries of Python 3.6 and later).
 */
import type { ContentId } from '../ids.ts';

/** In `#slots`: nothing here. Others are the index of a value, and 1. */
const free = 0;
const leastSlots = 16;
/** Nobody who chooses contents can have many of them hash to the same place. */
const multipliers = Uint32Array.from({ length: 8 }, () => Math.random() * 2 ** 32);

export class ContentMap<Value extends object> {
  readonly #idOf: (value: Value) => ContentId;
  /** Holes are of those that were deleted. */
  #values: (Value | undefined)[] = [];
  /** There are nothing but holes before it: those that came first mostly go first. */
  #start = 0;
  #slots = new Uint32Array(leastSlots);
  #size = 0;

  constructor(idOf: (value: Value) => ContentId) {
    this.#idOf = idOf;
  }

  get size(): number {
    return this.#size;
  }

  /** How many entries there is room for. */
  get room(): number {
    return this.#slots.length;
  }

  get(id: ContentId): Value | undefined {
    return this.#valueAt(this.#slotOf(id));
  }

  /** In place of the one with this id, which is its own, if there is one. */
  set(id: ContentId, value: Value): void {
    const slot = this.#slotOf(id);
    const number = this.#slots[slot] ?? free;
    if (number !== free) {
      this.#values[number - 1] = value;
      return;
    }
    this.#slots[slot] = this.#values.push(value);
    this.#size += 1;
    if (this.#values.length * 4 > this.#slots.length * 3) this.#rebuild();
  }

  delete(id: ContentId): void {
    let slot = this.#slotOf(id);
    const number = this.#slots[slot] ?? free;
    if (number === free) return;
    this.#values[number - 1] = undefined;
    while (this.#start < this.#values.length && this.#values[this.#start] === undefined) this.#start += 1;
    this.#size -= 1;
    if (this.#size === 0) {
      this.#rebuild();
      return;
    }
    // What is found by way of this slot moves up.
    const last = this.#slots.length - 1;
    for (let next = (slot + 1) & last; this.#slots[next] !== free; next = (next + 1) & last) {
      const value = this.#valueAt(next);
      const home = value ? contentHash(this.#idOf(value)) & last : next;
      if (((next - home) & last) < ((next - slot) & last)) continue;
      this.#slots[slot] = this.#slots[next] ?? free;
      slot = next;
    }
    this.#slots[slot] = free;
  }

  /** All that stay; what comes or goes meanwhile may be given or not, and what is replaced as it was. */
  *values(): Generator<Value> {
    // Kept: what comes may have the others moved up, and some would be passed over.
    const values = this.#values;
    for (let at = this.#start; at < values.length; at++) {
      const value = values[at];
      if (value) yield value;
    }
  }

  #valueAt(slot: number): Value | undefined {
    const number = this.#slots[slot] ?? free;
    return number === free ? undefined : this.#values[number - 1];
  }

  /** Where this id is, or would be put. */
  #slotOf(id: ContentId): number {
    const last = this.#slots.length - 1;
    for (let slot = contentHash(id) & last; ; slot = (slot + 1) & last) {
      const value = this.#valueAt(slot);
      if (!value || this.#idOf(value) === id) return slot;
    }
  }

  /** Without holes, and with slots for as much again. */
  #rebuild(): void {
    const values = this.#values.filter((value) => value !== undefined);
    let slots = leastSlots;
    while (slots * 3 < values.length * 8) slots *= 2;
    this.#values = [];
    this.#start = 0;
    this.#slots = new Uint32Array(slots);
    this.#size = 0;
    for (const value of values) {
      this.#slots[this.#slotOf(this.#idOf(value))] = this.#values.push(value);
      this.#size += 1;
    }
  }
}

/** 32 bits for tables. Ids are as good as random, so that eight of their characters tell apart as many as there are. */
export function contentHash(id: ContentId): number {
  let hash = 0;
  for (let at = 0; at < multipliers.length; at++) hash += Math.imul(id.charCodeAt(at), multipliers[at] ?? 1);
  return (hash ^ (hash >>> 16)) >>> 0;
}
