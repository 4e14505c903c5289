/** What a search asks for, compiled once and understood alike by every store. (Grammar follows.) */
import type { FileType } from './catalogue.ts';
import type { Problem } from './result.ts';

/** Where in the text a query is wrong: a half-open range of UTF-16 units. */
export interface QueryProblem extends Problem {
  readonly from: number;
  readonly to: number;
}

/** One way to satisfy a term: all tokens, and `adjacent` as whole tokens in a row somewhere in the path. */
export interface Alternative {
  readonly tokens: readonly string[];
  /** The last token is the beginning of a word. */
  readonly prefix: boolean;
  /** Folded text without separators which must appear at token borders; undefined when tokens say enough. */
  readonly adjacent: string | undefined;
}

/** A word or phrase: any of its alternatives will do. */
export type Term = readonly Alternative[];

/** Everything must hold; empty lists and undefined bounds ask nothing. */
export interface CompiledQuery {
  readonly terms: readonly Term[];
  readonly without: readonly Term[];
  readonly types: readonly FileType[];
  readonly withoutTypes: readonly FileType[];
  readonly extensions: readonly string[];
  readonly withoutExtensions: readonly string[];
  /** Both inclusive. */
  readonly minBytes: number | undefined;
  readonly maxBytes: number | undefined;
}
