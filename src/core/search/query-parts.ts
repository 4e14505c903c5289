/**
 * Cuts the text of a query into words, phrases, filters, `OR` and parentheses, each with its place. Invariant: the
 * parts are in the order of the text and do not overlap; what is in none of them is white space.
 */
import type { Problem, Result } from '../result.ts';
import { ok } from '../result.ts';

/** Where in the text a query is wrong: a half-open range of UTF-16 units, also in the message (counted from 1). */
export interface QueryProblem extends Problem {
  readonly from: number;
  readonly to: number;
  /** What may have been meant in its place. */
  readonly meant?: string;
}

export type Refusal = { readonly ok: false; readonly problem: QueryProblem };

interface Place {
  readonly from: number;
  readonly to: number;
}

export const filterKeys = ['ext', 'type', 'size', 'peer', 'id'] as const;
export type FilterKey = (typeof filterKeys)[number];

/** A word, or what is between quotation marks; both may be nothing but punctuation. */
export interface Words extends Place {
  readonly kind: 'word' | 'phrase';
  readonly negated: boolean;
  readonly text: string;
}

export interface Filter extends Place {
  readonly kind: 'filter';
  readonly negated: boolean;
  readonly key: FilterKey;
  /** What follows the colon: between commas, without the quotation marks. */
  readonly values: readonly string[];
  /** The same as it was typed. */
  readonly text: string;
}

/** What binds others together: `OR` or `|`, and parentheses. */
export interface Bond extends Place {
  readonly kind: 'or' | 'open' | 'close';
  readonly negated: boolean;
  readonly text: string;
}

export type Part = Words | Filter | Bond;

const anyPart =
  /(?<or>\||OR(?=[\s|"()]|$))|(?<minus>-?)(?:(?<open>\()|(?<phrase>"[^"]*"?)|(?<key>ext|type|size|peer|id):(?<value>(?:"[^"]*"?|[^\s"|])*)|(?<word>[^\s"|]+))/giu;
/** What stands before the colon of a word that looks like a filter, in what people type: not an address, nor a time. */
const filterLike = /^(\p{L}+):(?!\/\/)\S/u;

const anyValue = /(?:^|,)((?:"[^"]*"|[^",])*)/g;

/** The parts of a query, or where a quotation mark is never closed. */
export function partsOf(text: string): Result<readonly Part[], QueryProblem> {
  const parts: Part[] = [];
  for (const match of text.matchAll(anyPart)) {
    const [typed] = match;
    const quote = typed.split('"').length % 2 === 0 ? typed.lastIndexOf('"') : -1;
    if (quote >= 0)
      return refuse('bad-request', 'This quotation mark is never closed', match.index + quote, text.length);
    parts.push(...partsIn(match, match.index));
  }
  return ok(parts);
}

/** A parenthesis that a word closes without having opened it belongs to what is around the word. */
function partsIn(match: RegExpExecArray, from: number): readonly Part[] {
  const [typed] = match;
  const { or, minus, open, phrase, key, value } = match.groups ?? {};
  const negated = minus === '-';
  const to = from + typed.length;
  // The pattern knows no case: `or` is a word like others.
  if (or === '|' || or === 'OR') return [{ kind: 'or', negated, text: or, from, to }];
  if (open !== undefined) return [{ kind: 'open', negated, text: open, from, to }];
  if (phrase !== undefined) return [{ kind: 'phrase', negated, text: phrase.slice(1, -1), from, to }];
  const closing = closingIn(typed);
  const end = to - closing;
  const words = typed.slice(Number(negated), typed.length - closing);
  const parts: Part[] = [];
  if (key !== undefined && value !== undefined) {
    const given = value.slice(0, value.length - closing);
    parts.push({
      kind: 'filter',
      negated,
      key: key.toLowerCase() as FilterKey,
      values: valuesIn(given),
      text: given,
      from,
      to: end,
    });
  } else if (words !== '') parts.push({ kind: 'word', negated, text: words, from, to: end });
  for (let at = end; at < to; at++)
    parts.push({ kind: 'close', negated: false, text: ')', from: at, to: at + 1 });
  return parts;
}

/** How many parentheses at the end of a word were not opened in it. */
function closingIn(word: string): number {
  const unquoted = word.replaceAll(/"[^"]*"/g, '');
  const count = (sign: string): number => unquoted.split(sign).length - 1;
  const atEnd = /\)*$/.exec(word)?.[0].length ?? 0;
  return Math.max(0, Math.min(atEnd, count(')') - count('(')));
}

function valuesIn(given: string): readonly string[] {
  return Array.from(given.matchAll(anyValue), ([, value = '']) => value.replaceAll('"', ''));
}

/** Says that a part is wrong, what was expected instead, what stands there, and what may have been meant. */
export function refusePart({ text, from, to }: Part, expected: string, meant?: string): Refusal {
  const got = `${expected}, got ${JSON.stringify(text)}`;
  if (meant === undefined) return refuse('bad-request', got, from, to);
  const { problem } = refuse('bad-request', `${got}; did you mean ${meant}?`, from, to);
  return { ok: false, problem: { ...problem, meant } };
}

export function refuse(code: 'bad-request' | 'limit', message: string, from: number, to: number): Refusal {
  return { ok: false, problem: { code, message: `${message} (at character ${from + 1})`, from, to } };
}

/** The query with what may have been meant in place of what is wrong; undefined where nobody can say. */
export const queryMeant = (text: string, { from, to, meant }: QueryProblem): string | undefined =>
  meant === undefined ? undefined : `${text.slice(0, from)}${meant}${text.slice(to)}`;

/** What in a query looks like a filter and is none, such as `artist:`; it is searched for as words. */
export function unknownFilter(text: string): string | undefined {
  const parts = partsOf(text);
  if (!parts.ok) return undefined;
  for (const part of parts.value) {
    const key = part.kind === 'word' ? filterLike.exec(part.text)?.[1] : undefined;
    if (key !== undefined) return `${key}:`;
  }
  return undefined;
}

/** What to say of that. */
export const noSuchFilter = (filter: string): string =>
  `${filter} is no filter; there are ${filterKeys.map((key) => `${key}:`).join(', ')}`;
