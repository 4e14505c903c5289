/**
 * What to ask when nothing was found: the same with less. Pure. Invariant: what is offered is another query that is
 * shorter than the one before, so that offers come to an end.
 */
import { compileQuery } from '../../../core/search/query.ts';
import { partsOf, type Part } from '../../../core/search/query-parts.ts';
import type { SearchState } from './search-run.ts';

/** What Enter searches for where a search has found nothing: what may have been meant, or less, or the same again. */
export function otherQuery({ query, end, problem, wrong }: SearchState): string {
  // Nothing is wrong with what could not be asked.
  const less = problem === undefined || wrong !== undefined ? looserQuery(query) : undefined;
  return end.suggestion ?? less ?? query;
}

/**
 * Filters go first, then exclusions and quotation marks, then the last word; undefined when one word is left, or
 * alternatives that say all there is to say.
 */
export function looserQuery(text: string): string | undefined {
  const read = partsOf(text);
  const looser = read.ok ? looserOf(text, read.value) : undefined;
  return looser !== undefined && compileQuery(looser).ok ? looser : undefined;
}

function looserOf(text: string, parts: readonly Part[]): string | undefined {
  const filters = parts.filter(({ kind }) => kind === 'filter');
  if (filters.length > 0) return without(text, filters);
  const unwanted = parts.filter(({ negated }) => negated);
  if (unwanted.length > 0) return without(text, unwanted);
  const unquoted = tidy(text.replaceAll('"', ' '));
  if (unquoted.length < tidy(text).length) return unquoted;
  return parts.length > 1 && parts.every(({ kind }) => kind === 'word')
    ? without(text, parts.slice(-1))
    : undefined;
}

function without(text: string, parts: readonly Part[]): string {
  const left = parts
    .toReversed()
    .reduce((rest, { from, to }) => `${rest.slice(0, from)} ${rest.slice(to)}`, text);
  return tidy(left);
}

const tidy = (text: string): string => text.trim().split(/\s+/).join(' ');
