/**
 * Which rows of a list are marked, one by one or as a range between two places. Invariant: marks are of rows, so
 * they survive sorting and filtering; a row that is gone is marked no more.
 */
import type { RowId } from './table.ts';

export class Marks {
  readonly #idsBetween: (from: number, to: number) => readonly RowId[];
  #marked = new Set<RowId>();
  /** The marks there were before the range, and where it starts. */
  #range: { readonly before: ReadonlySet<RowId>; readonly from: number } | undefined;

  /** `idsBetween`: the rows from one place to another, both included. */
  constructor(idsBetween: (from: number, to: number) => readonly RowId[]) {
    this.#idsBetween = idsBetween;
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
  }

  clear(): void {
    this.#marked.clear();
    this.#range = undefined;
  }

  startRange(from: number): void {
    this.#range = { before: new Set(this.#marked), from };
    this.stretch(from);
  }

  /** The range goes to another place. Without one nothing happens. */
  stretch(to: number): void {
    if (this.#range === undefined) return;
    const { before, from } = this.#range;
    this.#marked = new Set([...before, ...this.#idsBetween(Math.min(from, to), Math.max(from, to))]);
  }

  /** What the range has marked stays marked. */
  endRange(): void {
    this.#range = undefined;
  }
}
