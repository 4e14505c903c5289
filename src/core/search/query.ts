/**
 * Reads what a person typed into a compiled query. Invariant: nothing typed is silently ignored but punctuation,
 * and every refusal says where and what was expected.
 *
 *     words            all of them, anywhere in the name or its folders; the last one may be unfinished,
 *                      unless a space follows it
 *     begin*           whatever begins so
 *     "a phrase"       its words in a row
 *     -word -"phrase"  not this
 *     this OR "that"   one of them; also `|`. Binds its neighbours only: `red OR blue moon` wants a moon
 *     (a b) OR c       parentheses make one operand of several words
 *     ext:mkv,mp4      one of these extensions; -ext: none of them
 *     type:video       one of these types; -type: none of them
 *     size:>10M        also <, >=, <= and the range size:1M-2M; parts of sizes as in quantity.ts
 *     peer:anna,"B B"  shared by one of these peers: names or ids
 *     id:...           one of these contents
 */
import { maxQueryAlternatives, maxQueryLength, maxQueryTerms } from '../limits/stores.ts';
import { addFilter } from './query-filters.ts';
import type { Draft } from './query-filters.ts';
import type { CompiledQuery } from './query-match.ts';
import { partsOf, refuse } from './query-parts.ts';
import type { Part, QueryProblem, Refusal } from './query-parts.ts';
import { isIndexed, termsExcluding } from './query-terms.ts';
import { WordReader } from './query-words.ts';
import { ok, type Result } from '../result.ts';

export type { CompiledQuery } from './query-match.ts';
export type { QueryProblem } from './query-parts.ts';

/** Compiles a query, or says with `bad-request` or `limit` what is wrong and where. */
export function compileQuery(text: string): Result<CompiledQuery, QueryProblem> {
  if (text.length > maxQueryLength)
    return refuse(
      'limit',
      `A search may have at most ${maxQueryLength} characters`,
      maxQueryLength,
      text.length,
    );
  const parts = partsOf(text);
  if (!parts.ok) return parts;
  const query = read(parts.value, text.length, false);
  if (!query.ok) return query;
  const isLookedUp = query.value.terms.some((term) => term.every(isIndexed));
  const meant = isLookedUp || query.value.terms.length === 0 ? query : read(parts.value, text.length, true);
  if (meant.ok && asksNothing(meant.value))
    return refuse('bad-request', 'Expected at least one word or filter to search for', 0, text.length);
  return meant;
}

function read(parts: readonly Part[], end: number, alone: boolean): Result<CompiledQuery, QueryProblem> {
  const query: Draft = {
    terms: [],
    without: [],
    types: [],
    withoutTypes: [],
    extensions: [],
    withoutExtensions: [],
    minBytes: undefined,
    maxBytes: undefined,
    ids: [],
    peers: [],
    words: [],
  };
  const reader = new WordReader(parts, end, alone);
  for (let { part } = reader; part !== undefined; { part } = reader) {
    const refusal = addPart(query, part, reader) ?? tooMuch(query, part.from, end);
    if (refusal !== undefined) return refusal;
  }
  return ok(query);
}

function addPart(query: Draft, part: Part, reader: WordReader): Refusal | undefined {
  if (part.kind === 'filter') {
    reader.skip();
    return addFilter(query, part);
  }
  if (part.negated && (part.kind === 'word' || part.kind === 'phrase')) {
    reader.skip();
    query.without = [...query.without, ...termsExcluding(part.text, part.kind === 'phrase')];
    return undefined;
  }
  const wanted = reader.either();
  if (!wanted.ok) return wanted;
  query.terms = [...query.terms, ...wanted.value.terms];
  query.words = [...query.words, ...wanted.value.words];
  return undefined;
}

/** What is wrong from `from` on when what stands there was one thing too many. */
function tooMuch({ terms, without }: CompiledQuery, from: number, end: number): Refusal | undefined {
  const all = [...terms, ...without];
  if (all.length > maxQueryTerms)
    return refuse('limit', `A search may have at most ${maxQueryTerms} words`, from, end);
  if (all.flat().length > maxQueryAlternatives)
    return refuse('limit', 'A search may not have so many alternatives for so many words', from, end);
  return undefined;
}

function asksNothing({ terms, types, extensions, ids, peers, minBytes, maxBytes }: CompiledQuery): boolean {
  const lists = [terms, types, extensions, ids, peers];
  return lists.every(({ length }) => length === 0) && (minBytes ?? maxBytes) === undefined;
}
