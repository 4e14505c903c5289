/** Counts the rows of a table by kind, as they come, change and go: asking costs nothing however many there are. */
import type { Table } from './table.ts';

export class Tally<Row extends object, Kind extends string> {
  readonly #kindOf: (row: Row) => Kind;
  readonly #table: Table<Row>;
  readonly #kinds: (Kind | undefined)[] = [];
  readonly #counts = new Map<Kind, number>();

  constructor(table: Table<Row>, kindOf: (row: Row) => Kind) {
    this.#table = table;
    this.#kindOf = kindOf;
    table.watch({ touched: (slot) => this.#touched(slot), removed: () => undefined });
  }

  of(kind: Kind): number {
    return this.#counts.get(kind) ?? 0;
  }

  #touched(slot: number): void {
    const row = this.#table.rowAt(slot);
    const before = this.#kinds[slot];
    const now = row === undefined ? undefined : this.#kindOf(row);
    if (before === now) return;
    this.#kinds[slot] = now;
    if (before !== undefined) this.#counts.set(before, this.of(before) - 1);
    if (now !== undefined) this.#counts.set(now, this.of(now) + 1);
  }
}
