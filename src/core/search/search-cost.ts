/**
 * What a search costs, before anybody looks, in searches for a few whole words: more for short beginnings of words, of
 * which an index has many, for many choices, and for filters alone, which go through the newest of all files.
 */
import { cheapAlternatives, maxSearchCost, shortPrefixCost } from '../limits/tracker.ts';
import type { Alternative, CompiledQuery, Term } from './query-match.ts';

export interface SearchCost {
  /** From 1 to `maxSearchCost`. */
  readonly cost: number;
  /** There is no whole word to begin with: the first to be refused where there is too much to do. */
  readonly isWide: boolean;
}

export function searchCost({ terms, ids }: Pick<CompiledQuery, 'terms' | 'ids'>): SearchCost {
  if (terms.length === 0 && ids.length === 0) return { cost: 1 + shortPrefixCost, isWide: true };
  const widths = terms.map(widthOf);
  const isNarrow = ids.length > 0 || widths.includes(0);
  const sum = widths.reduce((all, width) => all + width, 0);
  const choices = Math.max(0, terms.flat().length - cheapAlternatives) / 4;
  // With a whole word to begin with, beginnings are looked for only where that is.
  const cost = 1 + choices + (isNarrow ? sum / 2 : sum);
  return { cost: Math.min(cost, maxSearchCost), isWide: !isNarrow };
}

/** As wide as its widest alternative. */
function widthOf(term: Term): number {
  return Math.max(0, ...term.map(widthOfOne));
}

/** Halves with each character beyond the second; a beginning of five or more is as good as a word. */
function widthOfOne({ tokens, prefix }: Alternative): number {
  if (prefix === undefined || tokens.length > 0) return 0;
  const { length } = prefix;
  return length >= 5 ? 0 : shortPrefixCost / 2 ** Math.max(0, length - 2);
}
