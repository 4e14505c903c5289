/**
 * Turns the words of a query into terms by the rules that index names (tokenizer.ts). Invariant: a name finds
 * itself, and so does every stretch of whole words of it, quoted or not.
 */
import type { Alternative, Term } from './query-match.ts';
import { boundParts, joined, loosePairs, runsOf, separateAtoms, tokensOfRun } from './tokenizer.ts';
import type { Run } from './tokenizer.ts';

const minPrefixLetters = 2;

/** Runs of a word, half-open. */
type Range = readonly [from: number, to: number];

function has(at: number): (range: Range) => boolean {
  return ([from, to]) => from <= at && at < to;
}

/** Whether an index can look up the words that begin so. What is too short only narrows what others found. */
export function canLookUp(prefix: string): boolean {
  // A syllable of Hangul is two or three letters.
  return Array.from(prefix).length >= minPrefixLetters || /^\p{sc=Hangul}/u.test(prefix);
}

/** Whether an index has anything to look up for one way to satisfy a term. */
export function isIndexed({ tokens, prefix }: Alternative): boolean {
  return tokens.length > 0 || (prefix !== undefined && canLookUp(prefix));
}

/**
 * The terms of one word, which separators may cut into several. `open`: its end is still being typed. `alone`:
 * nothing else is asked for, so that a single letter, which begins nearly everything, stands for itself.
 */
export function termsOfWord(word: string, open: boolean, alone: boolean): readonly Term[] {
  const runs = runsOf(word);
  const isOnly = alone && runs.length === 1;
  const ranges = boundParts(runs);
  const pairs = loosePairs(runs);
  const isOpen = (run: Run, at: number): boolean => open && at === runs.length - 1 && mayOpen(run, isOnly);
  const single = runs.flatMap((run, at) =>
    ranges.some(has(at))
      ? []
      : [[...termOfRun(run, isOpen(run, at)), ...pairs.filter(has(at)).map(asOneWord)]],
  );
  function asOneWord([from, to]: Range): Alternative {
    const word = joined(runs.slice(from, to));
    return open && to === runs.length ? beginning([], word, undefined) : exactly([word], undefined);
  }
  const bound = ranges.map(([from, to]) => termOfBound(runs.slice(from, to), open && to === runs.length));
  return [...single, ...bound];
}

/** The one term of a quoted phrase: its words in a row. Empty when there is no word in it. */
export function termsOfPhrase(phrase: string): readonly Term[] {
  const runs = runsOf(phrase);
  if (runs.length === 0) return [];
  const adjacent = runs.map((run) => run.text).join('');
  const whole = runs.flatMap(wholeTokens);
  const apart = runs.flatMap((run) => (run.script === 'word' ? separateTokens(run) : wholeTokens(run)));
  const alternatives = [exactly(whole, adjacent)];
  if (apart.join(' ') !== whole.join(' ')) alternatives.push(exactly(apart, adjacent));
  return [alternatives];
}

/** The terms of what is not wanted. Of a word that is several, only the whole is unwanted, not each of its parts. */
export function termsExcluding(text: string, isPhrase: boolean): readonly Term[] {
  const terms = isPhrase ? [] : termsOfWord(text, text.endsWith('*'), false);
  return terms.length === 1 ? terms : termsOfPhrase(text);
}

function termOfRun(run: Run, open: boolean): Term {
  if (run.script !== 'word' && run.atoms.length > 1)
    return [exactly(wholeTokens(run), run.atoms.length > 2 ? run.text : undefined)];
  const word = wholeTokens(run).join('');
  const whole = open ? beginning([], word, undefined) : exactly([word], undefined);
  if (run.script !== 'word' || run.atoms.length === 1) return [whole];
  return [whole, ...partsInARow(separateTokens(run), run, run.text, open)];
}

function termOfBound(parts: readonly Run[], open: boolean): Term {
  const word = joined(parts);
  const whole = open ? beginning([], word, undefined) : exactly([word], undefined);
  const last = parts.at(-1);
  const tokens = parts.flatMap(wholeTokens);
  const text = parts.map((run) => run.text).join('');
  return last === undefined ? [whole] : [whole, ...partsInARow(tokens, last, text, open)];
}

/** The alternative that the parts of a word stand apart; none when too little would be left to look for. */
function partsInARow(tokens: readonly string[], last: Run, text: string, open: boolean): Term {
  if (!open) return tokens.length === 0 ? [] : [exactly(tokens, text)];
  const end = tokens.at(-1);
  // The last token is unfinished only if the text ends with it: `720p` ends with a letter that is no token.
  const unfinished = end !== undefined && last.text.endsWith(end);
  const finished = unfinished ? tokens.slice(0, -1) : tokens;
  const prefix = unfinished && canLookUp(end) ? end : undefined;
  return finished.length === 0 && prefix === undefined ? [] : [beginning(finished, prefix, text)];
}

function separateTokens(run: Run): readonly string[] {
  return separateAtoms(run.atoms).map((atom) => joined([{ ...run, text: atom, atoms: [atom] }]));
}

/** What a run asks of the index at least: itself, or its pairs of letters. */
function wholeTokens(run: Run): readonly string[] {
  const tokens = tokensOfRun(run);
  if (run.script === 'word' || run.atoms.length === 1) return tokens.slice(0, 1);
  return tokens.filter((token) => Array.from(token).length === 2);
}

function mayOpen({ script, text }: Run, isOnly: boolean): boolean {
  // Each ideograph is a word of the index, so there is none to be finished.
  return script !== 'han' && (!isOnly || canLookUp(text));
}

function exactly(tokens: readonly string[], adjacent: string | undefined): Alternative {
  return { tokens, prefix: undefined, adjacent, open: false };
}

function beginning(
  tokens: readonly string[],
  prefix: string | undefined,
  adjacent: string | undefined,
): Alternative {
  return { tokens, prefix, adjacent, open: true };
}
