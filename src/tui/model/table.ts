/**
 * Rows by id, each in a slot: lists of any length keep order, marks and sort keys in arrays over the slots.
 * Invariant: a row is never changed in place, another object takes its place; who watches hears of each change.
 */

/** What identifies a row for as long as it exists: the cursor and the marks hold on to it. */
export type RowId = string | number;

export interface TableWatcher {
  /** The slot has a new row, or none any more. */
  touched(slot: number): void;
  removed(id: RowId): void;
}

/** What lists read: rows in slots, whoever keeps them. */
export interface Rows<Row extends object> {
  readonly size: number;
  /** One more than the highest slot in use so far. */
  readonly capacity: number;
  /** Grows with each change. */
  readonly version: number;
  watch(watcher: TableWatcher): void;
  get(id: RowId): Row | undefined;
  slotOf(id: RowId): number | undefined;
  rowAt(slot: number): Row | undefined;
  idAt(slot: number): RowId | undefined;
  /** Grows from row to row in the order they came: what decides between equals. */
  sequenceAt(slot: number): number;
}

export class Table<Row extends object> implements Rows<Row> {
  readonly #slots = new Map<RowId, number>();
  readonly #rows: (Row | undefined)[] = [];
  readonly #ids: (RowId | undefined)[] = [];
  readonly #sequence: number[] = [];
  readonly #free: number[] = [];
  readonly #watchers = new Set<TableWatcher>();
  #nextSequence = 0;
  #version = 0;

  get size(): number {
    return this.#slots.size;
  }

  get capacity(): number {
    return this.#rows.length;
  }

  get version(): number {
    return this.#version;
  }

  watch(watcher: TableWatcher): void {
    this.#watchers.add(watcher);
  }

  get(id: RowId): Row | undefined {
    const slot = this.#slots.get(id);
    return slot === undefined ? undefined : this.#rows[slot];
  }

  slotOf(id: RowId): number | undefined {
    return this.#slots.get(id);
  }

  rowAt(slot: number): Row | undefined {
    return this.#rows[slot];
  }

  idAt(slot: number): RowId | undefined {
    return this.#ids[slot];
  }

  sequenceAt(slot: number): number {
    return this.#sequence[slot] ?? 0;
  }

  set(id: RowId, row: Row): void {
    let slot = this.#slots.get(id);
    if (slot !== undefined && this.#rows[slot] === row) return;
    if (slot === undefined) {
      slot = this.#free.pop() ?? this.#rows.length;
      this.#slots.set(id, slot);
      this.#ids[slot] = id;
      this.#sequence[slot] = this.#nextSequence++;
    }
    this.#rows[slot] = row;
    this.#touch(slot);
  }

  delete(id: RowId): void {
    const slot = this.#slots.get(id);
    if (slot === undefined) return;
    this.#slots.delete(id);
    this.#rows[slot] = undefined;
    this.#ids[slot] = undefined;
    this.#free.push(slot);
    this.#touch(slot);
    for (const watcher of this.#watchers) watcher.removed(id);
  }

  clear(): void {
    for (const id of [...this.#slots.keys()]) this.delete(id);
  }

  /** In no particular order. */
  *rows(): Generator<Row> {
    for (const row of this.#rows) if (row !== undefined) yield row;
  }

  ids(): IterableIterator<RowId> {
    return this.#slots.keys();
  }

  #touch(slot: number): void {
    this.#version += 1;
    for (const watcher of this.#watchers) watcher.touched(slot);
  }
}
