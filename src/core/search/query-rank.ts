/**
 * How well a name answers a query, for ranking. Invariant: pure, and looks at the file's own name alone: who is found
 * by a folder comes last.
 */
import { baseName, extensionOf } from './file-type.ts';
import type { CompiledQuery, Place } from './query-match.ts';
import { atomsOf } from './tokenizer.ts';

/**
 * 5: exactly the words. 4: they stand in a row. 3: they begin a row. 2: they come in their order. 1: all are there. 0: it
 * took a folder to find it.
 */
export type Relevance = 0 | 1 | 2 | 3 | 4 | 5;

/** Texts of which one stands at a place of a row. */
type Ways = readonly string[];

/** Says how well paths answer a query, of which one word of each place is enough. */
export function relevanceTo({ words }: CompiledQuery): (path: string) => Relevance {
  const row = rowOf(words);
  return (path) => {
    const { text, borders } = atomsOf(baseName(path));
    const whole = endsOfRow(text, row, [0]);
    if (whole.includes(text.length) || isAllButExtension(whole, text, path)) return 5;
    const ends = endsOfRow(text, row, startsOfRow(text, borders, row));
    if (ends.some((end) => borders[end] === 1)) return 4;
    if (ends.length > 0) return 3;
    if (standInOrder(text, borders, words)) return 2;
    return words.every((place) => endOfPlace(text, borders, place, 0) < Infinity) ? 1 : 0;
  };
}

/** What stands in a row when all places do, those with one way joined to those before them. */
function rowOf(words: readonly Place[]): readonly Ways[] {
  const row: Ways[] = [];
  for (const place of words) {
    const ways = place.map((each) => each.join(''));
    const [before] = row.at(-1)?.length === 1 && ways.length === 1 ? (row.pop() ?? []) : [];
    row.push(before === undefined ? ways : [`${before}${ways[0]}`]);
  }
  return row;
}

function isAllButExtension(ends: readonly number[], text: string, path: string): boolean {
  if (ends.length === 0) return false;
  const extension = extensionOf(path);
  return text.endsWith(extension) && ends.includes(text.length - extension.length);
}

/** Where a word begins that may begin a row. */
function startsOfRow(text: string, borders: Uint8Array, [first]: readonly Ways[]): readonly number[] {
  if (first === undefined) return [0];
  const starts = new Set<number>();
  for (const way of first)
    for (let at = text.indexOf(way); at >= 0; at = text.indexOf(way, at + 1))
      if (borders[at] === 1) starts.add(at);
  return [...starts];
}

/** Where rows end that begin at one of these positions, each once. */
function endsOfRow(text: string, row: readonly Ways[], starts: readonly number[]): readonly number[] {
  let ends = starts;
  for (const ways of row) {
    if (ends.length === 0) return ends;
    const next = ways.flatMap((way) =>
      ends.filter((at) => text.startsWith(way, at)).map((at) => at + way.length),
    );
    ends = ways.length === 1 ? next : [...new Set(next)];
  }
  return ends;
}

/** Whether words for all places come one after the other, each from the beginning of a word. */
function standInOrder(text: string, borders: Uint8Array, places: readonly Place[]): boolean {
  let end = 0;
  for (const place of places) end = endOfPlace(text, borders, place, end);
  return end < Infinity;
}

/** Where the way of a place ends that leaves most of the name to the others; Infinity when there is none. */
function endOfPlace(text: string, borders: Uint8Array, place: Place, from: number): number {
  let least = Infinity;
  for (const words of place) {
    let end = from;
    for (const word of words) end = endOfNext(text, borders, word, end);
    if (end < least) least = end;
  }
  return least;
}

function endOfNext(text: string, borders: Uint8Array, word: string, from: number): number {
  if (from === Infinity) return Infinity;
  for (let at = text.indexOf(word, from); at >= 0; at = text.indexOf(word, at + 1))
    if (borders[at] === 1) return at + word.length;
  return Infinity;
}
