/**
 * The rows of a table that a list shows, in their order: those that belong to it, sorted, and of these the ones
 * the filter lets through. Long work is done in steps. Invariant: between calls `shown` is in the order of the
 * keys that were read when each row was placed; a row whose key has changed is moved only when moving is allowed.
 */
import { maxPlacedAtOnce } from '../../core/limits/screen.ts';
import { mergeInto, slotOrder, sortSlots, type SlotOrder, type SortKeys } from './slot-sort.ts';
import type { RowId, Rows } from './table.ts';

/** A way to sort: what is compared. */
export interface SortKey<Row> {
  readonly key: string;
  /** For the menu: `speed`. */
  readonly title: string;
  /** The letter in the sort menu. */
  readonly letter: string;
  /** Which way it goes when it is chosen first. */
  readonly descending: boolean;
  value(row: Row): number | string;
}

export interface ChosenSort<Row> {
  readonly by: SortKey<Row>;
  readonly descending: boolean;
}

const placed = 1;
const shownBit = 2;
const dirtyBit = 4;

export class ListOrder<Row extends object> {
  readonly #table: Rows<Row>;
  readonly #belongs: (row: Row) => boolean;
  #sort: ChosenSort<Row>;
  #matches: ((row: Row) => boolean) | undefined;
  #keys: SortKeys = [];
  #order: SlotOrder;
  #flags = new Uint8Array(64);
  #sorted = new Uint32Array(64);
  #sortedLength = 0;
  #shown = new Uint32Array(64);
  #shownLength = 0;
  #dirty: number[] = [];
  #job: Generator<void> | undefined;
  #rebuilding = false;
  /** Rows that a filter which is at work was narrowed to; undefined: all. */
  #candidates: Uint32Array | undefined;

  constructor(table: Rows<Row>, belongs: (row: Row) => boolean, sort: ChosenSort<Row>) {
    this.#table = table;
    this.#belongs = belongs;
    this.#sort = sort;
    this.#order = this.#makeOrder();
    for (let slot = 0; slot < table.capacity; slot += 1) this.touch(slot);
  }

  /** Rows shown. */
  get length(): number {
    return this.#shownLength;
  }

  /** Rows that belong to the list, hidden ones included. */
  get total(): number {
    return this.#sortedLength;
  }

  get sort(): ChosenSort<Row> {
    return this.#sort;
  }

  /** Whether `work` has something to do. */
  get busy(): boolean {
    return this.#job !== undefined;
  }

  get pending(): boolean {
    return this.#job !== undefined || this.#dirty.length > 0;
  }

  slotAt(index: number): number | undefined {
    return index >= 0 && index < this.#shownLength ? this.#shown[index] : undefined;
  }

  /** Where a row stands; -1 when it is not shown. */
  indexOf(id: RowId): number {
    const slot = this.#table.slotOf(id);
    if (slot === undefined || !((this.#flags[slot] ?? 0) & shownBit)) return -1;
    return this.#shown.subarray(0, this.#shownLength).indexOf(slot);
  }

  /** Whether a row belongs to the list, hidden or not, as far as that was looked at. */
  holds(id: RowId): boolean {
    const slot = this.#table.slotOf(id);
    return slot !== undefined && ((this.#flags[slot] ?? 0) & placed) !== 0;
  }

  /** The slots shown, in order: valid until the next change. */
  slots(): Uint32Array {
    return this.#shown.subarray(0, this.#shownLength);
  }

  setSort(sort: ChosenSort<Row>): void {
    this.#sort = sort;
    this.#startRebuild();
  }

  /** Undefined: all. `narrows`: it lets nothing through that the filter before it did not. */
  setFilter(matches: ((row: Row) => boolean) | undefined, narrows = false): void {
    this.#matches = matches;
    if (this.#job !== undefined && this.#rebuilding) return this.#startRebuild();
    if (!narrows) this.#candidates = undefined;
    // A filter that has not come to its end yet has not looked at all of them: those it began with may match.
    else if (this.#job === undefined) this.#candidates = this.#shown.slice(0, this.#shownLength);
    this.#job = this.#refilter(this.#candidates ?? this.#sorted.subarray(0, this.#sortedLength));
  }

  /** The slot's row has changed, come or gone. */
  touch(slot: number): void {
    if (slot >= this.#flags.length) this.#grow(slot + 1);
    const flags = this.#flags[slot] ?? 0;
    if (flags & dirtyBit) return;
    this.#flags[slot] = flags | dirtyBit;
    this.#dirty.push(slot);
  }

  /** Works until done or until `over` says that the time is up. Returns whether anything was done. */
  work(over: () => boolean): boolean {
    if (this.#job === undefined) return false;
    do {
      if (this.#job.next().done === true) {
        this.#job = undefined;
        this.#rebuilding = false;
        break;
      }
    } while (!over());
    return true;
  }

  /**
   * Takes in what has changed. Rows that only want another place stay while `mayMove` is false. Returns whether
   * the order is another one now.
   */
  settle(mayMove: boolean): boolean {
    if (this.#job !== undefined || this.#dirty.length === 0) return false;
    const fresh: number[] = [];
    const leaving: number[] = [];
    const waiting: number[] = [];
    for (const slot of this.#dirty) this.#sortOut(slot, mayMove, fresh, leaving, waiting);
    this.#dirty = waiting;
    if (fresh.length === 0 && leaving.length === 0) return false;
    if (fresh.length > maxPlacedAtOnce) {
      this.#startRebuild();
      return true;
    }
    if (leaving.length > 0) this.#takeOut();
    this.#place(fresh);
    for (const slot of leaving) this.#flags[slot] = (this.#flags[slot] ?? 0) & ~dirtyBit;
    return true;
  }

  #sortOut(slot: number, mayMove: boolean, fresh: number[], leaving: number[], waiting: number[]): void {
    const flags = this.#flags[slot] ?? 0;
    const row = this.#table.rowAt(slot);
    const belongs = row !== undefined && this.#belongs(row);
    const wasPlaced = (flags & placed) !== 0;
    if (!belongs) {
      if (wasPlaced) leaving.push(slot);
      else this.#flags[slot] = 0;
      return;
    }
    if (wasPlaced) {
      const matches = this.#matches?.(row) ?? true;
      const same = this.#sort.by.value(row) === this.#keys[slot];
      if (same && matches === ((flags & shownBit) !== 0)) {
        this.#flags[slot] = flags & ~dirtyBit;
        return;
      }
      if (!mayMove && matches === ((flags & shownBit) !== 0)) {
        waiting.push(slot);
        return;
      }
      leaving.push(slot);
    }
    fresh.push(slot);
  }

  /** Takes everything that leaves or moves out of both arrays; what waits keeps its place. */
  #takeOut(): void {
    const waiting = new Set(this.#dirty);
    const leaves = (slot: number): boolean =>
      ((this.#flags[slot] ?? 0) & dirtyBit) !== 0 && !waiting.has(slot);
    this.#sortedLength = compact(this.#sorted, this.#sortedLength, leaves);
    this.#shownLength = compact(this.#shown, this.#shownLength, leaves);
    for (let slot = 0; slot < this.#flags.length; slot += 1) {
      if (leaves(slot)) this.#flags[slot] = dirtyBit;
    }
  }

  #place(fresh: number[]): void {
    this.#roomFor(this.#sortedLength + fresh.length);
    for (const slot of fresh) this.#read(slot);
    fresh.sort(this.#order);
    this.#sortedLength = mergeInto(this.#sorted, this.#sortedLength, fresh, this.#order);
    const matching = fresh.filter((slot) => (this.#flags[slot] ?? 0) & shownBit);
    this.#shownLength = mergeInto(this.#shown, this.#shownLength, matching, this.#order);
  }

  /** Reads the key of a row that belongs to the list, and whether it is shown. */
  #read(slot: number): void {
    const row = this.#table.rowAt(slot);
    if (row === undefined) return;
    this.#keys[slot] = this.#sort.by.value(row);
    this.#flags[slot] = placed | ((this.#matches?.(row) ?? true) ? shownBit : 0);
  }

  #startRebuild(): void {
    this.#rebuilding = true;
    this.#candidates = undefined;
    this.#job = this.#rebuild();
  }

  *#rebuild(): Generator<void> {
    this.#keys = [];
    this.#order = this.#makeOrder();
    this.#dirty = [];
    const slots = new Uint32Array(this.#table.capacity);
    if (this.#table.capacity > this.#flags.length) this.#grow(this.#table.capacity);
    let length = 0;
    for (let slot = 0; slot < slots.length; slot += 1) {
      const row = this.#table.rowAt(slot);
      this.#flags[slot] = 0;
      if (row !== undefined && this.#belongs(row)) {
        this.#read(slot);
        slots[length] = slot;
        length += 1;
      }
      if (slot % 1024 === 1023) yield;
    }
    const belonging = slots.subarray(0, length);
    yield* sortSlots(belonging, this.#order);
    this.#roomFor(length);
    this.#sorted.set(belonging);
    this.#sortedLength = length;
    this.#shownLength = 0;
    for (const slot of belonging) this.#showIfMatching(slot);
  }

  /** Shows of these, which are in order, the ones that match; none of the others does. */
  *#refilter(candidates: Uint32Array): Generator<void> {
    this.#shownLength = 0;
    for (let at = 0; at < candidates.length; at += 1) {
      const slot = candidates[at] ?? 0;
      const row = this.#table.rowAt(slot);
      const matches = row !== undefined && (this.#matches?.(row) ?? true);
      const flags = this.#flags[slot] ?? 0;
      this.#flags[slot] = matches ? flags | shownBit : flags & ~shownBit;
      this.#showIfMatching(slot);
      if (at % 512 === 511) yield;
    }
    this.#candidates = undefined;
  }

  #showIfMatching(slot: number): void {
    if (!((this.#flags[slot] ?? 0) & shownBit)) return;
    this.#shown[this.#shownLength] = slot;
    this.#shownLength += 1;
  }

  #makeOrder(): SlotOrder {
    return slotOrder(this.#keys, this.#sort.descending, (slot) => this.#table.sequenceAt(slot));
  }

  #roomFor(length: number): void {
    if (length <= this.#sorted.length) return;
    this.#sorted = enlarged(this.#sorted, length);
    this.#shown = enlarged(this.#shown, length);
  }

  #grow(length: number): void {
    const flags = new Uint8Array(Math.max(length, this.#flags.length * 2));
    flags.set(this.#flags);
    this.#flags = flags;
  }
}

function enlarged(slots: Uint32Array, length: number): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(Math.max(length, slots.length * 2));
  larger.set(slots);
  return larger;
}

function compact(slots: Uint32Array, length: number, leaves: (slot: number) => boolean): number {
  let kept = 0;
  for (let at = 0; at < length; at += 1) {
    const slot = slots[at] ?? 0;
    if (!leaves(slot)) slots[kept++] = slot;
  }
  return kept;
}
