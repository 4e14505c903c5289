/**
 * Reads the words, phrases, `OR`s and parentheses of a query. Whatever is nested comes out as terms that must all
 * hold, each with its alternatives: `(a b) OR c` is `a OR c` and `b OR c`. Invariant: the terms accept exactly what
 * was asked for, and there are never more than `maxQueryTerms`.
 */
import { maxQueryTerms } from '../limits/stores.ts';
import type { Place, Term } from './query-match.ts';
import {
  refuse,
  refusePart,
  type Filter,
  type Part,
  type QueryProblem,
  type Refusal,
  type Words,
} from './query-parts.ts';
import { termsOfPhrase, termsOfWord } from './query-terms.ts';
import { ok, type Result } from '../result.ts';
import { runsOf } from './tokenizer.ts';

/** What some parts of a query want of a name. */
export interface Wanted {
  readonly terms: readonly Term[];
  /** In the order typed. */
  readonly words: readonly Place[];
}

interface Operand extends Wanted {
  readonly from: number;
  readonly to: number;
}

export class WordReader {
  readonly #parts: readonly Part[];
  readonly #end: number;
  readonly #alone: boolean;
  #at = 0;

  /**
   * `end`: where the text ends, and with it a last word that may still be typed. `alone`: single letters stand for
   * themselves, as there is nothing that an index could look up before words that begin with them are sought.
   */
  constructor(parts: readonly Part[], end: number, alone: boolean) {
    // Where there is no OR, parentheses group nothing: they are punctuation, as in the names that people paste.
    this.#parts = parts.some(({ kind }) => kind === 'or')
      ? parts
      : parts.filter(({ kind, negated }) => negated || (kind !== 'open' && kind !== 'close'));
    this.#end = end;
    this.#alone = alone;
  }

  /** The part that comes next; undefined at the end. */
  get part(): Part | undefined {
    return this.#parts[this.#at];
  }

  skip(): void {
    this.#at += 1;
  }

  /** The next word, phrase or group with all that is bound to it by OR. */
  either(): Result<Wanted, QueryProblem> {
    const first = this.#operand();
    if (!first.ok || this.part?.kind !== 'or') return first;
    const operands = [first.value];
    for (let { part } = this; part?.kind === 'or'; { part } = this) {
      this.skip();
      if (this.part === undefined) return refusePart(part, wordsAroundOr);
      const next = this.#operand();
      if (!next.ok) return next;
      operands.push(next.value);
    }
    return anyOf(operands);
  }

  #operand(): Result<Operand, QueryProblem> {
    const { part } = this;
    if (part?.kind === 'or') {
      const before = this.#parts[this.#at - 1];
      return refusePart(
        part,
        before?.kind === 'filter' ? listInstead(before, this.#parts[this.#at + 1]) : wordsAroundOr,
      );
    }
    if (part === undefined || part.kind === 'filter' || part.negated) return refuseOperand(part, this.#end);
    switch (part.kind) {
      case 'word':
      case 'phrase':
        this.skip();
        return ok(this.#words(part));
      case 'open':
        this.skip();
        return this.#group(part);
      case 'close':
        return refuseOperand(part, this.#end);
    }
  }

  #words({ kind, text, from, to }: Words): Operand {
    const isOpen = to === this.#end || text.endsWith('*');
    const terms = kind === 'phrase' ? termsOfPhrase(text) : termsOfWord(text, isOpen, this.#alone);
    return { terms, words: runsOf(text).map((run) => [[run.text]]), from, to };
  }

  /** What follows a parenthesis, up to the one that closes it. */
  #group({ from, to }: Part): Result<Operand, QueryProblem> {
    let [terms, words]: [readonly Term[], readonly Place[]] = [[], []];
    for (let { part } = this; part?.kind !== 'close'; { part } = this) {
      if (part === undefined) return refuse('bad-request', 'This parenthesis is never closed', from, to);
      const wanted = this.either();
      if (!wanted.ok) return wanted;
      terms = [...terms, ...wanted.value.terms];
      words = [...words, ...wanted.value.words];
    }
    const end = this.part?.to ?? to;
    this.skip();
    if (terms.length === 0) return refuse('bad-request', 'Expected words between the parentheses', from, end);
    return ok({ terms, words, from, to: end });
  }
}

/** One of several: every choice of a term out of each is a term that any of the chosen satisfies. */
function anyOf(operands: readonly Operand[]): Result<Wanted, QueryProblem> {
  const to = operands.at(-1)?.to ?? 0;
  let terms: readonly Term[] = [[]];
  for (const operand of operands) {
    if (operand.terms.length === 0) return refuse('bad-request', wordsAroundOr, operand.from, operand.to);
    terms = terms.flatMap((chosen) => operand.terms.map((term) => [...chosen, ...term]));
    if (terms.length > maxQueryTerms)
      return refuse(
        'limit',
        'Too many words are bound by OR; put fewer of them in parentheses',
        operand.from,
        to,
      );
  }
  return ok({ terms, words: [operands.flatMap(({ words }) => waysThrough(words))] });
}

/** The sequences of words that fill all places in order: not more of them than is worth telling apart. */
function waysThrough(places: readonly Place[]): Place {
  let ways: Place = [[]];
  for (const place of places)
    ways = ways.flatMap((way) => place.map((words) => [...way, ...words])).slice(0, maxQueryTerms);
  return ways;
}

const wordsAroundOr = 'Expected a word or a phrase on both sides of OR';

/** How OR between filters is written: of two alike as they would be, else by an example. */
function listInstead(before: Filter, after: Part | undefined): string {
  const isAlike = after?.kind === 'filter' && after.key === before.key && !before.negated && !after.negated;
  const list =
    isAlike && before.key !== 'size' ? `${before.key}:${before.text},${after.text}` : 'ext:mkv,mp4';
  return `Expected a word or a phrase; a filter takes a list instead, such as ${list}`;
}

function refuseOperand(part: Part | undefined, end: number): Refusal {
  if (part === undefined) return refuse('bad-request', 'Expected a word or a phrase', end, end);
  switch (part.kind) {
    case 'filter':
      return refusePart(
        part,
        'Expected a word or a phrase; a filter takes a list instead, such as ext:mkv,mp4',
      );
    case 'or':
      return refusePart(part, wordsAroundOr);
    case 'close':
      return refuse('bad-request', 'This parenthesis was never opened', part.from, part.to);
    case 'open':
      return refuse(
        'bad-request',
        'Expected a word or a "phrase" after -: words are excluded one by one',
        part.from,
        part.to,
      );
    case 'word':
    case 'phrase':
      return refusePart(
        part,
        'Expected a word or a phrase that is wanted; what is excluded stands for itself',
      );
  }
}
