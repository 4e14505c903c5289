/**
 * A list as its user sees it: the cursor, the marks, the window that is on the screen. Invariant: cursor and
 * marks hold on to rows, not to places; when rows come, go or move, the cursor stays on its row and, unless that
 * row itself has moved, at its line of the screen.
 */
import { cursorHoldOffMs, listScrollMargin, resortEveryMs } from '../../core/limits/screen.ts';
import type { ChosenSort, ListOrder, SortKey } from './list-order.ts';
import { Marks } from './marks.ts';
import type { RowId, Rows } from './table.ts';

/** A row of the window. */
export interface WindowRow<Row> {
  readonly id: RowId;
  readonly row: Row;
  readonly cursor: boolean;
  readonly marked: boolean;
}

export interface ListViewOptions<Row extends object> {
  readonly table: Rows<Row>;
  readonly order: ListOrder<Row>;
  /** At the end of a list that grows there, the cursor goes on with it, as in a log. */
  readonly followsEnd?: boolean;
}

export class ListView<Row extends object> {
  readonly marks: Marks;
  readonly #table: Rows<Row>;
  readonly #order: ListOrder<Row>;
  readonly #followsEnd: boolean;
  #cursor: RowId | undefined;
  #index = 0;
  #top = 0;
  #height = 1;
  #moved = false;
  #lastMoveMs = -Infinity;
  #lastSortMs = -Infinity;
  /** By slot, while it is frozen: a slot may get another row meanwhile. */
  #frozen: readonly ({ readonly id: RowId; readonly row: Row } | undefined)[] | undefined;

  constructor({ table, order, followsEnd = false }: ListViewOptions<Row>) {
    this.#table = table;
    this.#order = order;
    this.#followsEnd = followsEnd;
    this.marks = new Marks({
      idsBetween: (from, to) => this.#idsBetween(from, to),
      indexOf: (id) => order.indexOf(id),
    });
    table.watch({ touched: (slot) => order.touch(slot), removed: (id) => this.marks.forget(id) });
  }

  get length(): number {
    return this.#order.length;
  }

  get total(): number {
    return this.#order.total;
  }

  get top(): number {
    return this.#top;
  }

  get height(): number {
    return this.#height;
  }

  /** The cursor's place, from 0; 0 in an empty list. */
  get index(): number {
    return this.#index;
  }

  get sort(): ChosenSort<Row> {
    return this.#order.sort;
  }

  get frozen(): boolean {
    return this.#frozen !== undefined;
  }

  get cursorId(): RowId | undefined {
    return this.#cursor;
  }

  get current(): Row | undefined {
    return this.#cursor === undefined ? undefined : this.#table.get(this.#cursor);
  }

  /** What an action is for: the marked rows in their order, or the one under the cursor. */
  selection(): readonly Row[] {
    if (this.marks.size === 0) return this.current === undefined ? [] : [this.current];
    const rows: Row[] = [];
    for (const slot of this.#order.slots()) {
      const id = this.#idAt(slot);
      const row = id !== undefined && this.marks.has(id) ? this.#table.get(id) : undefined;
      if (row !== undefined) rows.push(row);
    }
    return rows;
  }

  /** Lines on the screen; the cursor stays among them. */
  setHeight(height: number): void {
    if (height === this.#height) return;
    this.#height = Math.max(1, height);
    this.#scroll();
  }

  /** `nowMs` starts the time in which rows do not move away under the reader's eyes. */
  move(by: number, nowMs: number): void {
    this.moveTo(this.#index + by, nowMs);
  }

  moveTo(index: number, nowMs: number): void {
    this.#lastMoveMs = nowMs;
    this.#moved = true;
    this.#setIndex(index);
    this.marks.stretch(this.#index);
  }

  /** Puts the cursor on a row; returns false, and nothing happens, when it is not shown. */
  moveToId(id: RowId, nowMs: number): boolean {
    const index = this.#order.indexOf(id);
    if (index >= 0) this.moveTo(index, nowMs);
    return index >= 0;
  }

  toggleMark(): void {
    if (this.#cursor !== undefined) this.marks.toggle(this.#cursor);
  }

  toggleRange(): void {
    if (this.marks.inRange) this.marks.endRange();
    else this.marks.startRange(this.#index);
  }

  markAll(): void {
    this.marks.add(this.#idsBetween(0, this.length - 1));
  }

  invertMarks(): void {
    this.marks.invert(this.#idsBetween(0, this.length - 1));
  }

  setSort(by: SortKey<Row>, descending: boolean): void {
    this.#order.setSort({ by, descending });
  }

  setFilter(matches: ((row: Row) => boolean) | undefined, narrows = false): void {
    this.#order.setFilter(matches, narrows);
  }

  /** What belongs to the list is another thing now. */
  rebuild(): void {
    this.#order.setSort(this.#order.sort);
  }

  /** Holds the view as it is, whatever comes, or lets it go on. */
  freeze(frozen: boolean): void {
    this.#frozen = frozen
      ? Array.from({ length: this.#table.capacity }, (_, slot) => {
          const [id, row] = [this.#table.idAt(slot), this.#table.rowAt(slot)];
          return id === undefined || row === undefined ? undefined : { id, row };
        })
      : undefined;
  }

  /** Takes in what has changed in the table. Returns whether the order is another one. */
  settle(nowMs: number): boolean {
    if (this.frozen) return false;
    const held = nowMs - this.#lastMoveMs < cursorHoldOffMs || nowMs - this.#lastSortMs < resortEveryMs;
    const before = this.#order.length;
    const changed = this.#order.settle(!held);
    if (!changed) return false;
    if (!held) this.#lastSortMs = nowMs;
    this.#reseat(this.#order.length !== before);
    return true;
  }

  /** Goes on with sorting and filtering. Returns whether anything was done. */
  work(over: () => boolean): boolean {
    const worked = this.#order.work(over);
    if (worked) this.#reseat(false);
    return worked;
  }

  get busy(): boolean {
    return this.#order.busy;
  }

  /** Whether rows still wait for their place. */
  get pending(): boolean {
    return !this.frozen && this.#order.pending;
  }

  window(): readonly WindowRow<Row>[] {
    const rows: WindowRow<Row>[] = [];
    for (let index = this.#top; index < this.#top + this.#height; index += 1) {
      const slot = this.#order.slotAt(index);
      if (slot === undefined) break;
      const id = this.#idAt(slot);
      const row = this.#frozen?.[slot]?.row ?? this.#table.rowAt(slot);
      if (id === undefined || row === undefined) continue;
      rows.push({ id, row, cursor: index === this.#index, marked: this.marks.has(id) });
    }
    return rows;
  }

  /** The order is another one: finds the cursor's row again. `keepsLine`: at the line where it was. */
  #reseat(keepsLine: boolean): void {
    if (!this.busy) for (const id of this.marks.ids()) if (!this.#order.holds(id)) this.marks.forget(id);
    const atEnd = this.#followsEnd && this.#index >= this.#lastLength - 1;
    this.#lastLength = this.length;
    if (atEnd) return this.#setIndex(this.length - 1);
    const found = this.#moved && this.#cursor !== undefined ? this.#order.indexOf(this.#cursor) : -1;
    if (found < 0) {
      // Its row is gone or hidden, or nobody has moved it yet: it stays at its place.
      if (!this.busy || this.#cursor === undefined) this.#setIndex(this.#moved ? this.#index : 0);
      return;
    }
    if (keepsLine) this.#top += found - this.#index;
    this.#index = found;
    this.#scroll();
  }

  #lastLength = 0;

  /** Whose row is seen in a slot. */
  #idAt(slot: number): RowId | undefined {
    return this.#frozen?.[slot]?.id ?? this.#table.idAt(slot);
  }

  #setIndex(index: number): void {
    this.#index = Math.max(0, Math.min(index, this.length - 1));
    const slot = this.#order.slotAt(this.#index);
    this.#cursor = slot === undefined ? undefined : this.#idAt(slot);
    this.#scroll();
  }

  #scroll(): void {
    const margin = Math.min(listScrollMargin, Math.floor((this.#height - 1) / 2));
    const highest = this.#index - margin;
    const lowest = this.#index + margin - this.#height + 1;
    const last = Math.max(0, this.length - this.#height);
    this.#top = Math.max(0, Math.min(Math.max(Math.min(this.#top, highest), lowest), last));
  }

  #idsBetween(from: number, to: number): readonly RowId[] {
    const ids: RowId[] = [];
    for (let index = Math.max(0, from); index <= to && index < this.length; index += 1) {
      const slot = this.#order.slotAt(index);
      const id = slot === undefined ? undefined : this.#idAt(slot);
      if (id !== undefined) ids.push(id);
    }
    return ids;
  }
}
