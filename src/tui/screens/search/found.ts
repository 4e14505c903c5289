/**
 * What one search has found, as rows: one for each content and size. Invariant: a row becomes another object only
 * when something of it that is shown has changed; results that come while the user is among them wait for a key.
 */
import type { SearchResult } from '../../../core/catalogue.ts';
import type { ContentId } from '../../../core/ids.ts';
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
  /** The rows of each content. */
  readonly #rows = new Map<ContentId, RowId | readonly RowId[]>();

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

  /** Those that wait come in, with what is known of local copies by now. */
  merge(copies: LocalCopies): void {
    for (const row of this.#held)
      this.#set(foundId(row.result), { ...row, local: copies.stateOf(row.result) });
    this.#held = [];
  }

  /** Another answer about one of the results. */
  update(result: SearchResult): void {
    const row = this.table.get(foundId(result));
    if (row !== undefined) this.#set(foundId(result), { ...row, result });
  }

  /** Brings what is known of local copies up to date, where it has changed: there may be many results. */
  refresh(copies: LocalCopies): void {
    const changed = copies.takeChanged();
    if (changed === 'all') for (const row of this.table.rows()) this.#refreshRow(row, copies);
    else for (const id of changed) for (const row of this.#rowsOf(id)) this.#refreshRow(row, copies);
  }

  clear(): void {
    this.#held = [];
    this.#rows.clear();
    this.table.clear();
  }

  *#rowsOf(id: ContentId): Generator<FoundRow> {
    const ids = this.#rows.get(id) ?? [];
    for (const rowId of typeof ids === 'object' ? ids : [ids]) {
      const row = this.table.get(rowId);
      if (row !== undefined) yield row;
    }
  }

  #refreshRow(row: FoundRow, copies: LocalCopies): void {
    const local = copies.stateOf(row.result);
    if (!sameState(local, row.local)) this.table.set(foundId(row.result), { ...row, local });
  }

  #index(content: ContentId, id: RowId): void {
    const known = this.#rows.get(content);
    if (known === undefined) this.#rows.set(content, id);
    else {
      const ids = typeof known === 'object' ? known : [known];
      if (!ids.includes(id)) this.#rows.set(content, [...ids, id]);
    }
  }

  #set(id: RowId, row: FoundRow): void {
    const kept = this.table.get(id);
    if (kept === undefined) this.#index(row.result.id, id);
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
