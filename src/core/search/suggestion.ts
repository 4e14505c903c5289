/**
 * What somebody may have meant by words that find nothing: which stretches of a query can be mistyped, how mistyped
 * words begin, and which known words are near. Pure; who asks a catalogue for words is `store/find-suggestion.ts`.
 *
 * Distances are those of optimal string alignment: insertions, deletions, substitutions and swapped neighbours cost
 * one each, and no stretch is edited twice (Damerau 1964; four of five mistakes are one of these).
 */
import { partsOf } from './query-parts.ts';
import { fold, runsOf } from './tokenizer.ts';

/** A stretch of a query that is one word, folded. */
export interface Piece {
  readonly word: string;
  /** Half-open, in UTF-16 units of the query. */
  readonly from: number;
  readonly to: number;
  /** Its end may still be typed. */
  readonly isOpen: boolean;
}

/** Shorter words are like too many others. */
const minLetters = 3;
/** From this length on two mistakes are likely enough, and leave enough of the word (Lucene's AUTO). */
const lettersForTwo = 6;
const alphabet = Array.from('abcdefghijklmnopqrstuvwxyz');
const ascii = /^[\0-\x7f]*$/;

/** The words of a query that are wanted and could be others: letters of an alphabet, numbers are meant as they are. */
export function piecesOf(query: string): readonly Piece[] {
  const parts = partsOf(query);
  if (!parts.ok) return [];
  return parts.value.flatMap((part) => {
    if (part.negated || (part.kind !== 'word' && part.kind !== 'phrase')) return [];
    const stretches = query.slice(part.from, part.to).matchAll(/[\p{L}\p{N}\p{M}]+/gu);
    return Array.from(stretches, ({ 0: typed, index }) => {
      const from = part.from + index;
      const to = from + typed.length;
      return {
        word: fold(typed),
        from,
        to,
        isOpen: part.kind === 'word' && (to === query.length || query[to] === '*'),
      };
    }).filter(({ word }) => isCorrectable(word));
  });
}

/** A query with other words at some of its places. */
export function replaced(query: string, words: ReadonlyMap<Piece, string>): string {
  let text = '';
  let end = 0;
  for (const [{ from, to }, word] of [...words].sort(([one], [other]) => one.from - other.from)) {
    text += query.slice(end, from) + word;
    end = to;
  }
  return text + query.slice(end);
}

/** How many mistakes a word may have to be taken for another one. */
export function mostMistakes(word: string): 0 | 1 | 2 {
  if (word.length < minLetters) return 0;
  return word.length < lettersForTwo ? 1 : 2;
}

/**
 * How a word may begin whose first `length` letters hold one mistake: swapped neighbours and a letter too many come
 * first, then another letter and a missing one, where the alphabet is known.
 */
export function headsLike(word: string, length: number): readonly string[] {
  const heads = new Set<string>();
  const [head, next] = [word.slice(0, length), word.slice(length, length + 1)];
  for (let at = 0; at + 1 < length; at++)
    heads.add(`${head.slice(0, at)}${head.charAt(at + 1)}${head.charAt(at)}${head.slice(at + 2)}`);
  for (let at = 0; at < length; at++) heads.add(head.slice(0, at) + head.slice(at + 1) + next);
  if (ascii.test(word))
    for (const letter of alphabet)
      for (let at = 0; at < length; at++) {
        heads.add(head.slice(0, at) + letter + head.slice(at + 1));
        heads.add(head.slice(0, at) + letter + head.slice(at));
      }
  heads.delete(head);
  heads.delete('');
  return [...heads];
}

/** The known words that a piece most likely stands for, the nearest first; never itself. */
export function nearest(
  { word, isOpen }: Pick<Piece, 'word' | 'isOpen'>,
  known: Iterable<string>,
  most: number,
): readonly string[] {
  const mistakes = mostMistakes(word);
  const near: { readonly known: string; readonly rank: readonly number[] }[] = [];
  for (const other of new Set(known)) {
    const { whole, beginning } = distances(word, other);
    const distance = isOpen ? beginning : whole;
    if (other === word || distance > mistakes) continue;
    // People seldom mistype the first letter.
    near.push({ known: other, rank: [distance, Number(other[0] !== word[0]), whole] });
  }
  near.sort((one, other) => compareRanks(one.rank, other.rank) || (one.known < other.known ? -1 : 1));
  return near.slice(0, most).map(({ known: other }) => other);
}

/** The edits between a word and another one, and between it and the beginning of the other that is nearest. */
export function distances(
  word: string,
  other: string,
): { readonly whole: number; readonly beginning: number } {
  let before: readonly number[] = [];
  let above: readonly number[] = Array.from({ length: other.length + 1 }, (_, at) => at);
  for (let row = 1; row <= word.length; row++) {
    const line = [row];
    for (let at = 1; at <= other.length; at++) {
      const isSame = word[row - 1] === other[at - 1];
      let least = Math.min(
        (above[at] ?? 0) + 1,
        (line[at - 1] ?? 0) + 1,
        (above[at - 1] ?? 0) + Number(!isSame),
      );
      if (row > 1 && at > 1 && word[row - 1] === other[at - 2] && word[row - 2] === other[at - 1])
        least = Math.min(least, (before[at - 2] ?? 0) + 1);
      line.push(least);
    }
    [before, above] = [above, line];
  }
  return { whole: above[other.length] ?? 0, beginning: Math.min(...above) };
}

function isCorrectable(word: string): boolean {
  const [run, ...others] = runsOf(word);
  return (
    run?.script === 'word' &&
    others.length === 0 &&
    run.text === word &&
    mostMistakes(word) > 0 &&
    !/\p{N}/u.test(word)
  );
}

function compareRanks(one: readonly number[], other: readonly number[]): number {
  const at = one.findIndex((value, place) => value !== other[place]);
  return at < 0 ? 0 : (one[at] ?? 0) - (other[at] ?? 0);
}
