/**
 * Finds out what else to search for when a search found nothing. Invariant: what is suggested finds something, and
 * no more is looked up for it than the limits say.
 */
import {
  maxQueryLength,
  maxSuggestionHeads,
  maxSuggestionTries,
  maxSuggestionWords,
  maxSuspectFiles,
} from '../core/limits/stores.ts';
import { maxQueryBytes } from '../core/limits/wire.ts';
import { compileQuery } from '../core/search/query.ts';
import { byteLength } from '../core/safe-name.ts';
import { distances, headsLike, nearest, piecesOf, replaced, type Piece } from '../core/search/suggestion.ts';
import type { CatalogReader } from './catalog-store.ts';

type Catalogue = Pick<CatalogReader, 'search' | 'wordsLike'>;

/** The first letters that words are asked for with, to begin with: few enough words share so many. */
const usualHead = 3;
/** So many have a beginning that those with a letter less of it may be few enough, too. */
const fewWords = 32;
/** Near words that are kept for one mistyped. */
const wordsPerPiece = 4;

/**
 * A query like this one, which finds nothing, that finds something; undefined when there is none or time is up.
 * `hasTime` is asked before each look-up, and may let others have a turn.
 */
export async function findSuggestion(
  catalogue: Catalogue,
  query: string,
  hasTime: () => Promise<boolean>,
): Promise<string | undefined> {
  const pieces = piecesOf(query);
  const unknown: Piece[] = [];
  for (const piece of pieces) {
    if (!(await hasTime())) return undefined;
    if ((await countOf(catalogue, alone(piece), 1)) === 0) unknown.push(piece);
  }
  // Where each word alone finds something, it may be the filters that are wrong: then no other words are meant.
  const suspects =
    unknown.length > 0 ? unknown : hasOnlyWords(query) ? await rareOf(catalogue, pieces, hasTime) : [];
  const likely = new Map<Piece, readonly string[]>();
  for (const piece of suspects) {
    const words = nearest(piece, await wordsNear(catalogue, piece, hasTime), wordsPerPiece);
    likely.set(piece, unknown.length > 0 ? words : words.filter((word) => isSlip(piece.word, word)));
  }
  const tries = unknown.length > 0 ? togetherOf([...likely]) : oneByOne([...likely]);
  for (const words of tries.slice(0, maxSuggestionTries)) {
    const text = replaced(query, words);
    if (text.length > maxQueryLength || byteLength(text) > maxQueryBytes) continue;
    if (!(await hasTime())) return undefined;
    if ((await countOf(catalogue, text, 1)) > 0) return text;
  }
  return undefined;
}

/** What many files are called is meant as it is: mistakes are made each in its own way. */
async function rareOf(
  catalogue: Catalogue,
  pieces: readonly Piece[],
  hasTime: () => Promise<boolean>,
): Promise<readonly Piece[]> {
  const rare: Piece[] = [];
  for (const piece of pieces) {
    if (!(await hasTime())) return rare;
    const files = await countOf(catalogue, alone(piece), maxSuspectFiles + 1);
    if (files <= maxSuspectFiles) rare.push(piece);
  }
  return rare;
}

/** The query for nothing but that word. */
const alone = ({ word, isOpen }: Piece): string => `${word}${isOpen ? '' : ' '}`;

/** How many results a query has, if no more than that. */
async function countOf(catalogue: Catalogue, text: string, most: number): Promise<number> {
  const query = compileQuery(text);
  return query.ok ? (await catalogue.search(query.value, { limit: most })).results.length : 0;
}

/** Known words that are like a piece, as far as they were looked up, and others. */
async function wordsNear(
  catalogue: Catalogue,
  { word }: Piece,
  hasTime: () => Promise<boolean>,
): Promise<ReadonlySet<string>> {
  const near = new Set<string>();
  let lookUps = 0;
  /** How many words there are, Infinity when there are more than are told. */
  const take = async (head: string): Promise<number> => {
    if (lookUps === maxSuggestionHeads || !(await hasTime())) return Infinity;
    lookUps += 1;
    const words = await catalogue.wordsLike(head, maxSuggestionWords);
    for (const each of words) near.add(each);
    return words.length < maxSuggestionWords ? words.length : Infinity;
  };
  // The fewest letters that no more words begin with than are told: behind them all mistakes are seen.
  let head = Math.min(usualHead, word.length);
  let words = await take(word.slice(0, head));
  while (words === Infinity && head < word.length) words = await take(word.slice(0, ++head));
  while (words < fewWords && head > 0 && (words = await take(word.slice(0, head - 1))) !== Infinity)
    head -= 1;
  if (head === 0) return near;
  for (const other of headsLike(word, Math.min(head + 1, word.length))) await take(other);
  return near;
}

/** All pieces changed at once: the nearest words first. */
function togetherOf(
  likely: readonly (readonly [Piece, readonly string[]])[],
): readonly ReadonlyMap<Piece, string>[] {
  let tries: readonly { readonly words: ReadonlyMap<Piece, string>; readonly rank: number }[] = [
    { words: new Map(), rank: 0 },
  ];
  for (const [piece, words] of likely)
    tries = tries
      .flatMap((before) =>
        words.map((word, at) => ({
          words: new Map([...before.words, [piece, word]]),
          rank: before.rank + at,
        })),
      )
      .toSorted((one, other) => one.rank - other.rank)
      .slice(0, maxSuggestionTries);
  return tries.filter(({ words }) => words.size > 0).map(({ words }) => words);
}

/** One piece changed at a time: the nearest words of all first. */
function oneByOne(
  likely: readonly (readonly [Piece, readonly string[]])[],
): readonly ReadonlyMap<Piece, string>[] {
  const tries = likely.flatMap(([piece, words]) =>
    words.map((word, at) => ({ words: new Map([[piece, word]]), at })),
  );
  return tries.toSorted((one, other) => one.at - other.at).map(({ words }) => words);
}

/** Whether a word that is known may still be another one mistyped. */
function isSlip(word: string, other: string): boolean {
  return word[0] === other[0] && distances(word, other).whole === 1;
}

function hasOnlyWords(query: string): boolean {
  const compiled = compileQuery(query);
  if (!compiled.ok) return false;
  const { without, withoutTypes, withoutExtensions, types, extensions, ids, peers, minBytes, maxBytes } =
    compiled.value;
  const lists = [without, withoutTypes, withoutExtensions, types, extensions, ids, peers];
  return lists.every(({ length }) => length === 0) && (minBytes ?? maxBytes) === undefined;
}
