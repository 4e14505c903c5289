/**
 * How well a name answers a query, for ranking. Invariant: pure, and looks at the file's own name alone: who is found
 * by a folder comes last.
 */
import { baseName, extensionOf } from './file-type.ts';
import type { CompiledQuery, Place } from './query-match.ts';
import { atomsOf, runsOf } from './tokenizer.ts';

/**
 * 5: exactly the words. 4: they stand in a row. 3: they begin a row. 2: they come in their order. 1: all are there. 0: it
 * took a folder to find it.
 */
export type Relevance = 0 | 1 | 2 | 3 | 4 | 5;

/** How well a path answers a query, of which one word of each place is enough. */
export function relevance({ words }: CompiledQuery, path: string): Relevance {
  const { text, borders } = atomsOf(runsOf(baseName(path)));
  const places = words.map(joinedWays);
  const extension = extensionOf(path);
  const whole = endsOfRow(text, places, [0]);
  if (whole.has(text.length) || (text.endsWith(extension) && whole.has(text.length - extension.length)))
    return 5;
  const ends = endsOfRow(text, places, borders);
  if ([...ends].some((end) => borders.has(end))) return 4;
  if (ends.size > 0) return 3;
  if (standInOrder(text, borders, words)) return 2;
  return words.every((place) => standInOrder(text, borders, [place])) ? 1 : 0;
}

function joinedWays(place: Place): readonly string[] {
  return place.map((words) => words.join(''));
}

/** Where rows of one word for each place end that begin at one of these positions. */
function endsOfRow(
  text: string,
  places: readonly (readonly string[])[],
  starts: Iterable<number>,
): ReadonlySet<number> {
  let ends: ReadonlySet<number> = new Set(starts);
  for (const ways of places) {
    const next = new Set<number>();
    for (const at of ends) for (const way of ways) if (text.startsWith(way, at)) next.add(at + way.length);
    ends = next;
  }
  return ends;
}

/** Whether words for all places come one after the other, each from the beginning of a word. */
function standInOrder(text: string, borders: ReadonlySet<number>, places: readonly Place[]): boolean {
  let end = 0;
  for (const place of places) {
    // The way that leaves most of the name to the others.
    end = Math.min(
      ...place.map((words) => words.reduce((at, word) => endOfNext(text, borders, word, at), end)),
    );
    if (end === Infinity) return false;
  }
  return true;
}

function endOfNext(text: string, borders: ReadonlySet<number>, word: string, from: number): number {
  if (from === Infinity) return Infinity;
  for (let at = text.indexOf(word, from); at >= 0; at = text.indexOf(word, at + 1))
    if (borders.has(at)) return at + word.length;
  return Infinity;
}
