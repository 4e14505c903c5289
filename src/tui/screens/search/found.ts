/**
 * What one search has found, as rows: one for each content and size, made when they are looked at. Invariant: a row is
 * the same object for as long as nothing of it has changed and it is looked at often; results that come while the user
 * is among them wait for a key.
 */
import type { SearchResult } from '../../../core/catalogue.ts';
import type { ContentId } from '../../../core/ids.ts';
import { maxMadeRows } from '../../../core/limits/screen.ts';
import { resultKey } from '../../../core/search/merge-results.ts';
import type { RowId, Rows, TableWatcher } from '../../model/table.ts';
import type { LocalCopies, LocalState } from './local-copies.ts';
import { sameState } from './local-copies.ts';
import { emptyList, ResultList } from './result-list.ts';

/** A result as it is shown. What is compared and filtered by is read without making the result. */
export class FoundRow {
  /** Its place among the results as they came, the best first. */
  readonly rank: number;
  readonly local: LocalState;
  readonly #results: ResultList;

  constructor(results: ResultList, rank: number, local: LocalState) {
    this.#results = results;
    this.rank = rank;
    this.local = local;
  }

  get name(): string {
    return this.#results.nameAt(this.rank);
  }

  /** All its names. */
  get text(): string {
    return this.#results.textAt(this.rank);
  }

  get sizeBytes(): number {
    return this.#results.sizeAt(this.rank);
  }

  get type(): SearchResult['type'] {
    return this.#results.typeAt(this.rank);
  }

  get folder(): SearchResult['folder'] {
    return this.#results.folderAt(this.rank);
  }

  get sources(): SearchResult['sources'] {
    return this.#results.sourcesAt(this.rank);
  }

  get result(): SearchResult {
    const result = this.#results.at(this.rank);
    if (result === undefined) throw new Error(`There is no result ${this.rank}`);
    return result;
  }
}

/** A content that somebody calls another size is another row: one of the two is wrong. */
export const foundId: (result: Pick<SearchResult, 'id' | 'sizeBytes'>) => RowId = resultKey;

export class Found implements Rows<FoundRow> {
  readonly #watchers = new Set<TableWatcher>();
  /** What is shown: the place of a result is the slot of its row. */
  #shown = emptyList;
  /** All there is, where some of it waits. */
  #all: ResultList | undefined;
  #locals: LocalState[] = [];
  /** Rows that were made lately, each at its slot's place. */
  #made: (FoundRow | undefined)[] = [];
  #version = 0;

  /** Results that wait for `merge`. */
  get heldCount(): number {
    return this.#all === undefined ? 0 : this.#all.length - this.#shown.length;
  }

  get size(): number {
    return this.#shown.length;
  }

  get capacity(): number {
    return this.#shown.length;
  }

  get version(): number {
    return this.#version;
  }

  watch(watcher: TableWatcher): void {
    this.#watchers.add(watcher);
  }

  get(id: RowId): FoundRow | undefined {
    const slot = this.slotOf(id);
    return slot === undefined ? undefined : this.rowAt(slot);
  }

  slotOf(id: RowId): number | undefined {
    const [content = '', size = ''] = String(id).split(' ');
    return this.#shown.placeOf({ id: content as ContentId, sizeBytes: Number(size) });
  }

  rowAt(slot: number): FoundRow | undefined {
    const local = this.#locals[slot];
    if (local === undefined) return undefined;
    const kept = this.#made[slot % maxMadeRows];
    if (kept?.rank === slot) return kept;
    const row = new FoundRow(this.#shown, slot, local);
    this.#made[slot % maxMadeRows] = row;
    return row;
  }

  idAt(slot: number): RowId | undefined {
    const id = this.#shown.idAt(slot);
    return id === undefined ? undefined : foundId({ id, sizeBytes: this.#shown.sizeAt(slot) });
  }

  /** The best comes first. */
  sequenceAt(slot: number): number {
    return slot;
  }

  *rows(): Generator<FoundRow> {
    for (let slot = 0; slot < this.size; slot += 1) {
      const row = this.rowAt(slot);
      if (row !== undefined) yield row;
    }
  }

  /**
   * Takes the results of a search, all of them so far. `holdsNew`: rows that are there are brought up to date, new
   * ones wait.
   */
  show(results: ResultList, copies: LocalCopies, holdsNew: boolean): void {
    const known = holdsNew ? [...results].filter((one) => this.#shown.placeOf(one) !== undefined) : [];
    this.#all = holdsNew ? results : undefined;
    this.#take(holdsNew ? new ResultList(known) : results, copies);
  }

  /** Those that wait come in, with what is known of local copies by now. */
  merge(copies: LocalCopies): void {
    if (this.#all !== undefined) this.show(this.#all, copies, false);
  }

  /** Another answer about one of the results. */
  update(result: SearchResult, copies: LocalCopies): void {
    const slot = this.#shown.placeOf(result);
    if (slot !== undefined) this.#take(new ResultList([...this.#shown].with(slot, result)), copies);
  }

  /** Brings what is known of local copies up to date, where it has changed: there may be many results. */
  refresh(copies: LocalCopies): void {
    const changed = copies.takeChanged();
    if (changed === 'all') for (let slot = 0; slot < this.size; slot += 1) this.#refreshRow(slot, copies);
    else
      for (const id of changed) for (const slot of this.#shown.placesOf(id)) this.#refreshRow(slot, copies);
  }

  clear(): void {
    this.#all = undefined;
    this.#take(emptyList, undefined);
  }

  #take(results: ResultList, copies: LocalCopies | undefined): void {
    const before = this.#shown;
    this.#shown = results;
    this.#made = [];
    this.#locals = copies === undefined ? [] : Array.from(results, (result) => copies.stateOf(result));
    for (let slot = 0; slot < Math.max(before.length, results.length); slot += 1) this.#touch(slot);
    for (const result of before)
      if (results.placeOf(result) === undefined)
        for (const watcher of this.#watchers) watcher.removed(foundId(result));
  }

  #refreshRow(slot: number, copies: LocalCopies): void {
    const id = this.#shown.idAt(slot);
    const before = this.#locals[slot];
    if (id === undefined || before === undefined) return;
    const local = copies.stateOf({ id, name: this.#shown.nameAt(slot) });
    if (sameState(local, before)) return;
    this.#locals[slot] = local;
    this.#made[slot % maxMadeRows] = undefined;
    this.#touch(slot);
  }

  #touch(slot: number): void {
    this.#version += 1;
    for (const watcher of this.#watchers) watcher.touched(slot);
  }
}
