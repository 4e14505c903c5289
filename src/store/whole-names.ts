/**
 * Puts names that are exactly the words of a query in front of a search's first page, the same way for every store.
 * Such a name may be older than the newest rows, which alone are ranked against one another. Pure. Invariant: a page
 * has no more results than were asked for, each once, and what it leaves out comes with the pages after it.
 */
import { baseName } from '../core/search/file-type.ts';
import { resultKey } from '../core/search/merge-results.ts';
import { relevanceTo } from '../core/search/query-rank.ts';
import { matches, type CompiledQuery, type MatchedFile } from '../core/search/query-match.ts';
import { wholeNameOf } from '../core/search/whole-name.ts';
import type { SearchPage } from './catalog-store.ts';

/** The relevance of a name that is exactly the words (query-rank.ts). */
const exactly = 5;

/** Whether files answer a query with their whole name, which is one of these (`wholeNamesOf`). */
export function isWhole(query: CompiledQuery, wholeNames: readonly string[]): (file: MatchedFile) => boolean {
  const relevanceOf = relevanceTo(query);
  return (file) =>
    wholeNames.includes(wholeNameOf(baseName(file.path))) &&
    relevanceOf(file.path) === exactly &&
    matches(query, file);
}

/** Whether whole names may be missing in a first page that has all there are of the newest rows. */
export function mayLackWholeNames({ more }: SearchPage, cursor: string | undefined, limit: number): boolean {
  return more && cursor === undefined && limit > 0;
}

/** How many of a page of `limit` results are left for others, when `whole` come first; undefined: it has them already. */
export function leftBeside(page: SearchPage, whole: SearchPage, limit: number): number | undefined {
  const first = new Set(page.results.slice(0, whole.results.length).map(resultKey));
  return whole.results.every((result) => first.has(resultKey(result)))
    ? undefined
    : Math.max(0, limit - whole.results.length);
}

/** Whole names, then a page of what is left for others. */
export function wholeFirst(whole: SearchPage, others: SearchPage): SearchPage {
  const first = new Set(whole.results.map(resultKey));
  const isPartial = (whole.isPartial === true || others.isPartial === true) && { isPartial: true };
  const rest = others.results.filter((result) => !first.has(resultKey(result)));
  return { ...others, results: [...whole.results, ...rest], ...isPartial };
}
