/**
 * Reads what a person typed into a compiled query. Invariant: nothing typed is silently ignored but punctuation,
 * and every refusal says where and what was expected.
 *
 *     words            all of them, anywhere in the name or its folders; the last one may be unfinished,
 *                      unless a space follows it
 *     "a phrase"       its words in a row
 *     -word -"phrase"  not this
 *     ext:mkv,mp4      one of these extensions; -ext: none of them
 *     type:video       one of these types; -type: none of them
 *     size:>10M        also <, >=, <= and the range size:1M-2M; parts of sizes as in quantity.ts
 */
import type { FileType } from './catalogue.ts';
import { fileTypes } from './file-type.ts';
import { maxQueryLength, maxQueryTerms } from './limits.ts';
import { parseSize } from './quantity.ts';
import type { CompiledQuery, Term } from './query-match.ts';
import { termsOfPhrase, termsOfWord } from './query-terms.ts';
import type { Problem, Result } from './result.ts';
import { fold, runsOf } from './tokenizer.ts';

export type { CompiledQuery } from './query-match.ts';

/** Where in the text a query is wrong: a half-open range of UTF-16 units, also in the message (counted from 1). */
export interface QueryProblem extends Problem {
  readonly from: number;
  readonly to: number;
}

type Refusal = { readonly ok: false; readonly problem: QueryProblem };

interface Part {
  readonly kind: 'word' | 'phrase' | 'filter';
  readonly negated: boolean;
  /** A filter's name, in lower case. */
  readonly key: string;
  /** The word, what is between the quotes, or the filter's value. */
  readonly text: string;
  readonly from: number;
  readonly to: number;
}

type Draft = { -readonly [Key in keyof CompiledQuery]: CompiledQuery[Key] };

const partPattern =
  /(?<minus>-?)(?:"(?<phrase>[^"]*)(?<end>"?)|(?<key>ext|type|size):(?<value>[^\s"]*)|(?<word>[^\s"]+))/giu;
const sizePattern = /^(?:(?<sign>>=|<=|>|<)(?<bound>[^-]+)|(?<least>[^-<>=]+)-(?<most>[^-<>=]+))$/;

/** Compiles a query, or says with `bad-request` or `limit` what is wrong and where. */
export function compileQuery(text: string): Result<CompiledQuery, QueryProblem> {
  if (text.length > maxQueryLength)
    return refuse(
      'limit',
      `A search may have at most ${maxQueryLength} characters`,
      maxQueryLength,
      text.length,
    );
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
  for (const match of text.matchAll(partPattern)) {
    const part = partOf(match);
    if (part.kind === 'phrase' && match.groups?.['end'] === '')
      return refuse('bad-request', 'This quotation mark is never closed', part.from, text.length);
    const refusal =
      part.kind === 'filter' ? addFilter(query, part) : addWords(query, part, part.to === text.length);
    if (refusal !== undefined) return refusal;
  }
  if (query.terms.length + query.without.length > maxQueryTerms)
    return refuse('limit', `A search may have at most ${maxQueryTerms} words`, 0, text.length);
  if (asksNothing(query))
    return refuse('bad-request', 'Expected at least one word or filter to search for', 0, text.length);
  return { ok: true, value: query };
}

function partOf(match: RegExpExecArray): Part {
  const { minus, phrase, key, value, word } = match.groups ?? {};
  const at = { from: match.index, to: match.index + match[0].length, negated: minus === '-' };
  if (phrase !== undefined) return { kind: 'phrase', key: '', text: phrase, ...at };
  if (key !== undefined) return { kind: 'filter', key: key.toLowerCase(), text: value ?? '', ...at };
  return { kind: 'word', key: '', text: word ?? '', ...at };
}

function addWords(query: Draft, part: Part, last: boolean): undefined {
  const terms: readonly Term[] =
    part.kind === 'phrase'
      ? termsOfPhrase(part.text)
      : termsOfWord(part.text, last && !part.negated, query.terms.length === 0);
  if (part.negated) {
    query.without = [...query.without, ...terms];
    return;
  }
  query.terms = [...query.terms, ...terms];
  query.words = [...query.words, ...runsOf(part.text).map((run) => run.text)];
}

function addFilter(query: Draft, part: Part): Refusal | undefined {
  switch (part.key) {
    case 'ext':
      return addExtensions(query, part);
    case 'type':
      return addTypes(query, part);
    default:
      return addSizes(query, part);
  }
}

function addExtensions(query: Draft, part: Part): Refusal | undefined {
  const extensions = part.text.split(',').map((extension) => extension.replace(/^\./, '').toLowerCase());
  if (!extensions.every((extension) => /^[\p{L}\p{N}]+$/u.test(extension)))
    return refusePart(part, 'Expected an extension such as ext:mkv');
  if (part.negated) query.withoutExtensions = [...query.withoutExtensions, ...extensions];
  else query.extensions = extensions;
  return undefined;
}

function addTypes(query: Draft, part: Part): Refusal | undefined {
  const types: FileType[] = [];
  for (const name of part.text.split(',')) {
    const type = fileTypes.find((known) => known === fold(name));
    if (type === undefined) return refusePart(part, `Expected a type out of ${fileTypes.join(', ')}`);
    types.push(type);
  }
  if (part.negated) query.withoutTypes = [...query.withoutTypes, ...types];
  else query.types = types;
  return undefined;
}

function addSizes(query: Draft, part: Part): Refusal | undefined {
  if (part.negated) return refusePart(part, 'A size cannot be excluded; turn the comparison round');
  const { sign, bound, least, most } = sizePattern.exec(part.text)?.groups ?? {};
  const [low, high] = sign?.startsWith('>') ? [bound, undefined] : sign ? [undefined, bound] : [least, most];
  const min = low === undefined ? undefined : parseSize(low);
  const max = high === undefined ? undefined : parseSize(high);
  if ((min ?? max) === undefined || min?.ok === false || max?.ok === false)
    return refusePart(part, 'Expected a size such as size:>10M, size:<=1.5G or size:1M-2M');
  if (min?.ok) query.minBytes = Math.max(query.minBytes ?? 0, min.value + (sign === '>' ? 1 : 0));
  if (max?.ok) query.maxBytes = Math.min(query.maxBytes ?? Infinity, max.value - (sign === '<' ? 1 : 0));
  if ((query.minBytes ?? 0) > (query.maxBytes ?? Infinity)) return refusePart(part, 'No size can be both');
  return undefined;
}

function asksNothing(query: CompiledQuery): boolean {
  const { terms, types, extensions, minBytes, maxBytes } = query;
  return terms.length + types.length + extensions.length === 0 && (minBytes ?? maxBytes) === undefined;
}

function refusePart(part: Part, expected: string): Refusal {
  return refuse('bad-request', `${expected}, got ${JSON.stringify(part.text)}`, part.from, part.to);
}

function refuse(code: 'bad-request' | 'limit', message: string, from: number, to: number): Refusal {
  return { ok: false, problem: { code, message: `${message} (at character ${from + 1})`, from, to } };
}
