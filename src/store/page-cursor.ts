/**
 * Where a search goes on. Invariant: a cursor is opaque to who holds it, and one that was tampered with asks for
 * nothing that could not have been asked for honestly.
 */
import { candidatesPerResult, leastRankedResults } from '../core/limits/stores.ts';
import { maxSearchResults } from '../core/limits/wire.ts';

/** The rows that are ranked against one another, and how much of them has been shown. */
export interface Stretch {
  /** It begins with the newest row whose number is below this. */
  readonly below: number;
  /** Its ranked results that earlier pages gave. */
  readonly given: number;
  /** The limit of the page that began it, or what makes a page worth ranking: how many candidates it may have follows. */
  readonly limit: number;
}

/** The newest rows of all, for pages of so many results. */
export function firstStretch(limit: number): Stretch {
  return { below: Number.MAX_SAFE_INTEGER, given: 0, limit: Math.max(limit, leastRankedResults) };
}

const pattern = /^(\d{1,16})\.(\d{1,4})\.(\d{1,3})$/;

export function encodeCursor({ below, given, limit }: Stretch): string {
  return `${below}.${given}.${limit}`;
}

/** The stretch to look at for a page; undefined for a cursor that is none. */
export function stretchOf(cursor: string | undefined, limit: number): Stretch | undefined {
  if (cursor === undefined) return firstStretch(limit);
  const [below = 0, given = 0, first = 0] = (pattern.exec(cursor) ?? []).slice(1).map(Number);
  const isSound =
    Number.isSafeInteger(below) &&
    below > 0 &&
    first > 0 &&
    first <= maxSearchResults &&
    given <= first * candidatesPerResult;
  return isSound ? { below, given, limit: first } : undefined;
}
