/**
 * Which rows of a list are marked, one by one or as a range between two places. Invariant: marks are of rows, so
 * they survive sorting and filtering; a row that is gone, or no longer of the list, is marked no more.
 */
import type { RowId } from './table.ts';

/** Where rows stand in the list. */
export interface MarkPlaces {
  /** The rows from one place to another, both included. */
  idsBetween(from: number, to: number): readonly RowId[];
  /** -1 when it is not shown. */
  indexOf(id: RowId): number;
}

export class Marks {
  readonly #places: MarkPlaces;
  #marked = new Set<RowId>();
  /** The marks there were before the range, and the row it starts at, with its last known place. */
  #range: { readonly before: Set<RowId>; readonly id: RowId | undefined; readonly from: number } | undefined;

  constructor(places: MarkPlaces) {
    this.#places = places;
  }

  get size(): number {
    return this.#marked.size;
  }

  get inRange(): boolean {
    return this.#range !== undefined;
  }

  has(id: RowId): boolean {
    return this.#marked.has(id);
  }

  ids(): readonly RowId[] {
    return [...this.#marked];
  }

  toggle(id: RowId): void {
    if (!this.#marked.delete(id)) this.#marked.add(id);
  }

  add(ids: readonly RowId[]): void {
    for (const id of ids) this.#marked.add(id);
  }

  /** Of `ids` those are marked that were not; others stay as they are. */
  invert(ids: readonly RowId[]): void {
    for (const id of ids) this.toggle(id);
  }

  forget(id: RowId): void {
    this.#marked.delete(id);
    this.#range?.before.delete(id);
  }

  clear(): void {
    this.#marked.clear();
    this.#range = undefined;
  }

  startRange(from: number): void {
    const [id] = this.#places.idsBetween(from, from);
    this.#range = { before: new Set(this.#marked), id, from };
    this.stretch(from);
  }

  /** The range goes to another place. Without one nothing happens. */
  stretch(to: number): void {
    if (this.#range === undefined) return;
    const { before, id } = this.#range;
    const found = id === undefined ? -1 : this.#places.indexOf(id);
    const from = found < 0 ? this.#range.from : found;
    this.#range = { before, id, from };
    const between = this.#places.idsBetween(Math.min(from, to), Math.max(from, to));
    this.#marked = new Set([...before, ...between]);
  }

  /** What the range has marked stays marked. */
  endRange(): void {
    this.#range = undefined;
  }
}
