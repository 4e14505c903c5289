/**
 * How a query is put to the full-text index, which holds the terms of each file (file-terms.ts). Invariant: the index
 * may say yes too often, never no too often: whatever `matches` accepts, the expression finds.
 */
import type { Alternative, CompiledQuery, Term } from '../../core/search/query-match.ts';
import { canLookUp } from '../../core/search/query-terms.ts';
import { bitsOf, nameFacets, wholeNameFacet } from '../file-terms.ts';

/** The expression that finds every row which could match. */
export function expressionOf(query: CompiledQuery): string {
  const wanted = [
    ...termsOf(query),
    ...anyOf('x', query.types),
    ...anyOf('e', query.extensions),
    ...sizeExpression(query),
  ];
  const unwanted = [
    ...withoutOf(query),
    ...query.withoutTypes.map((type) => quoted(`x:${type}`)),
    ...query.withoutExtensions.map((extension) => quoted(`e:${extension}`)),
  ];
  return joined(wanted, unwanted);
}

/** The same with its words alone, which finds more; undefined where that is all there is, or where there are none. */
export function wordsExpressionOf(query: CompiledQuery): string | undefined {
  const { types, withoutTypes, extensions, withoutExtensions } = query;
  const facets = types.length + withoutTypes.length + extensions.length + withoutExtensions.length;
  const terms = termsOf(query);
  return facets === 0 || terms.length === 0 ? undefined : joined(terms, withoutOf(query));
}

function joined(wanted: readonly string[], unwanted: readonly string[]): string {
  const all = wanted.join(' AND ');
  return unwanted.length === 0 ? all : `(${all}) NOT (${unwanted.join(' OR ')})`;
}

function termsOf({ terms }: CompiledQuery): readonly string[] {
  return terms.filter((term) => term.every(isIndexed)).map(termExpression);
}

function withoutOf({ without }: CompiledQuery): readonly string[] {
  return without.flatMap((term) => term.filter(isExact).map(alternativeExpression));
}

/** Finds files of this name, and hardly any other. */
export function nameExpression(name: string): string {
  return nameFacets(name).map(quoted).join(' AND ');
}

/** Finds files of one of these whole names: a closer look says whether they are what was asked for. */
export function wholeNameExpression(wholeNames: readonly string[]): string {
  return wholeNames.map((name) => quoted(wholeNameFacet(name))).join(' OR ');
}

function termExpression(term: Term): string {
  return `(${term.map(alternativeExpression).join(' OR ')})`;
}

function alternativeExpression({ tokens, prefix }: Alternative): string {
  const parts = tokens.map(quoted);
  if (prefix !== undefined && canLookUp(prefix)) parts.push(`${quoted(prefix)} *`);
  return `(${parts.join(' AND ')})`;
}

/** Whether a row of a size asked for that the index gives answers a query without a closer look. */
export function isIndexEnough({ terms, without }: CompiledQuery): boolean {
  return [...terms, ...without].flat().every(isExact);
}

/** Whether the index has anything to look up for it. */
function isIndexed({ tokens, prefix }: Alternative): boolean {
  return tokens.length > 0 || (prefix !== undefined && canLookUp(prefix));
}

/** Whether the index alone can tell that a row has it. */
function isExact({ prefix, adjacent }: Alternative): boolean {
  return adjacent === undefined && (prefix === undefined || canLookUp(prefix));
}

function anyOf(facet: string, values: readonly string[]): readonly string[] {
  return values.length === 0 ? [] : [`(${values.map((value) => quoted(`${facet}:${value}`)).join(' OR ')})`];
}

/** Words narrow a search far better than sizes, which may be half of all files: then the row says enough. */
function sizeExpression({ terms, minBytes, maxBytes }: CompiledQuery): readonly string[] {
  if (terms.length > 0 || (minBytes === undefined && maxBytes === undefined)) return [];
  const least = bitsOf(minBytes ?? 0);
  const most = bitsOf(maxBytes ?? Number.MAX_SAFE_INTEGER);
  return anyOf(
    'z',
    Array.from({ length: most - least + 1 }, (_, at) => String(least + at)),
  );
}

function quoted(token: string): string {
  return `"${token}"`;
}
