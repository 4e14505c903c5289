/**
 * Searches that are kept and repeated, to tell when something new appears. Invariant: what was there when a search
 * was saved or last looked at is not new; there are at most `maxSavedSearches`, each of which remembers at most
 * `maxKnownPerSearch` contents.
 */
import type { SearchResult } from '../../../core/catalogue.ts';
import { isId, type ContentId } from '../../../core/ids.ts';
import { maxKnownPerSearch, maxSavedSearches, savedSearchEveryMs } from '../../../core/limits/screen.ts';
import { maxQueryLength } from '../../../core/limits/stores.ts';
import { Table } from '../../model/table.ts';

export interface SavedSearch {
  readonly query: string;
  /** Milliseconds since 1970. */
  readonly savedMs: number;
  readonly ranMs: number | undefined;
  /** Contents found so far that were looked at. */
  readonly known: readonly ContentId[];
  /** Contents found since. */
  readonly fresh: readonly ContentId[];
}

/** The name under which the profile keeps them. */
export const savedName = 'saved-searches';

export class SavedSearches {
  readonly table = new Table<SavedSearch>();

  /** Of all searches together. */
  get freshCount(): number {
    let count = 0;
    for (const { fresh } of this.table.rows()) count += fresh.length;
    return count;
  }

  has(query: string): boolean {
    return this.table.get(query) !== undefined;
  }

  /** Returns whether there was room. */
  add(query: string, results: Iterable<SearchResult>, wallMs: number): boolean {
    if (!this.has(query) && this.table.size >= maxSavedSearches) return false;
    const known = Array.from(results, ({ id }) => id).slice(0, maxKnownPerSearch);
    this.table.set(query, { query, savedMs: wallMs, ranMs: wallMs, known, fresh: [] });
    return true;
  }

  forget(query: string): void {
    this.table.delete(query);
  }

  /** The user looks at what a search finds: nothing of it is new any more. */
  seen(query: string): void {
    const saved = this.table.get(query);
    if (saved === undefined || saved.fresh.length === 0) return;
    const known = [...saved.fresh, ...saved.known].slice(0, maxKnownPerSearch);
    this.table.set(query, { ...saved, known, fresh: [] });
  }

  /** Takes in what a repetition found; returns how many contents are new since the last time. */
  took(query: string, results: readonly SearchResult[], wallMs: number): number {
    const saved = this.table.get(query);
    if (saved === undefined) return 0;
    const known = new Set([...saved.known, ...saved.fresh]);
    const news = [...new Set(results.map(({ id }) => id))].filter((id) => !known.has(id));
    const fresh = [...news, ...saved.fresh].slice(0, maxKnownPerSearch);
    this.table.set(query, { ...saved, ranMs: wallMs, fresh });
    return news.length;
  }

  /** The one that has waited longest of those whose time has come. */
  due(wallMs: number): string | undefined {
    let due: SavedSearch | undefined;
    for (const saved of this.table.rows())
      if (wallMs - (saved.ranMs ?? 0) >= savedSearchEveryMs && (saved.ranMs ?? 0) < (due?.ranMs ?? Infinity))
        due = saved;
    return due?.query;
  }

  /** When the next one is due; undefined: there is none. */
  nextDueMs(): number | undefined {
    let next: number | undefined;
    for (const { ranMs = 0 } of this.table.rows())
      next = Math.min(next ?? Infinity, ranMs + savedSearchEveryMs);
    return next;
  }

  /** It was asked and nobody answered: its time comes again after as long as always. */
  postpone(query: string, wallMs: number): void {
    const saved = this.table.get(query);
    if (saved !== undefined) this.table.set(query, { ...saved, ranMs: wallMs });
  }

  /** What the profile keeps. */
  data(): unknown {
    return [...this.table.rows()].map(({ query, savedMs, known, fresh }) => ({
      query,
      savedMs,
      known,
      fresh,
    }));
  }

  /** Takes in what the profile has kept. What makes no sense is left out: the file may have been edited. */
  load(data: unknown): void {
    if (!Array.isArray(data)) return;
    for (const item of data.slice(0, maxSavedSearches)) {
      const saved = savedSearch(item);
      if (saved !== undefined) this.table.set(saved.query, saved);
    }
  }
}

function savedSearch(item: unknown): SavedSearch | undefined {
  if (typeof item !== 'object' || item === null || !('query' in item)) return undefined;
  const { query, savedMs, known, fresh } = item as Readonly<Record<string, unknown>>;
  if (typeof query !== 'string' || query === '' || query.length > maxQueryLength) return undefined;
  const when = typeof savedMs === 'number' && Number.isFinite(savedMs) ? savedMs : 0;
  return { query, savedMs: when, ranMs: undefined, known: ids(known), fresh: ids(fresh) };
}

const ids = (value: unknown): readonly ContentId[] =>
  Array.isArray(value)
    ? value.filter((id): id is ContentId => typeof id === 'string' && isId(id)).slice(0, maxKnownPerSearch)
    : [];
