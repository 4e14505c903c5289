/**
 * What one search has found, as rows: one for each content and size. Invariant: a row becomes another object only
 * when something of it that is shown has changed; results that come while the user is among them wait for a key.
 */
import type { SearchResult } from '../../../core/catalogue.ts';
import type { RowId } from '../../model/table.ts';
import { Table } from '../../model/table.ts';
import type { LocalCopies, LocalState } from './local-copies.ts';
import { sameState } from './local-copies.ts';

export interface FoundRow {
  readonly result: SearchResult;
  /** Its place among the results as they came, the best first. */
  readonly rank: number;
  readonly local: LocalState;
}

/** A content that somebody calls another size is another row: one of the two is wrong. */
export const foundId = ({ id, sizeBytes }: SearchResult): RowId => `${id} ${sizeBytes}`;

export class Found {
  readonly table = new Table<FoundRow>();
  #held: readonly FoundRow[] = [];

  /** Results that wait for `merge`. */
  get heldCount(): number {
    return this.#held.length;
  }

  /**
   * Takes the results of a search, all of them so far. `holdsNew`: rows that are there are brought up to date, new
   * ones wait.
   */
  show(results: readonly SearchResult[], copies: LocalCopies, holdsNew: boolean): void {
    const held: FoundRow[] = [];
    const wanted = new Set<RowId>();
    for (const [rank, result] of results.entries()) {
      const id = foundId(result);
      wanted.add(id);
      const row = { result, rank, local: copies.stateOf(result) };
      if (holdsNew && this.table.get(id) === undefined) held.push(row);
      else this.#set(id, row);
    }
    this.#held = held;
    if (holdsNew) return;
    for (const id of [...this.table.ids()]) if (!wanted.has(id)) this.table.delete(id);
  }

  merge(): void {
    for (const row of this.#held) this.#set(foundId(row.result), row);
    this.#held = [];
  }

  /** Another answer about one of the results. */
  update(result: SearchResult): void {
    const row = this.table.get(foundId(result));
    if (row !== undefined) this.#set(foundId(result), { ...row, result });
  }

  /** Brings what is known of local copies up to date. */
  refresh(copies: LocalCopies): void {
    for (const row of [...this.table.rows()])
      this.#set(foundId(row.result), { ...row, local: copies.stateOf(row.result) });
  }

  clear(): void {
    this.#held = [];
    this.table.clear();
  }

  #set(id: RowId, row: FoundRow): void {
    const kept = this.table.get(id);
    if (kept === undefined || !sameRow(kept, row)) this.table.set(id, row);
  }
}

function sameRow(one: FoundRow, other: FoundRow): boolean {
  const { result: a } = one;
  const { result: b } = other;
  if (one.rank !== other.rank || !sameState(one.local, other.local)) return false;
  return (
    a === b ||
    (a.name === b.name && a.sources.length === b.sources.length && a.names.length === b.names.length)
  );
}
