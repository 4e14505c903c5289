/**
 * The start of a word that is too short to be looked up, and what is said of it. Pure. Invariant: told only of what
 * is asked for alone; beside other words a single letter narrows what those find.
 */
import { partsOf } from './query-parts.ts';
import { canLookUp } from './query-terms.ts';

/** `f*`, where a query asks for no other words. */
export function shortStart(query: string): string | undefined {
  const parts = partsOf(query);
  if (!parts.ok) return undefined;
  const [only, another] = parts.value.filter(({ kind }) => kind !== 'filter');
  if (only?.kind !== 'word' || only.negated || another !== undefined) return undefined;
  const letters = /^([\p{L}\p{N}]+)\*$/u.exec(only.text)?.[1];
  // An ideograph is a word.
  if (letters === undefined || canLookUp(letters) || /^\p{sc=Han}/u.test(letters)) return undefined;
  return only.text;
}

/** What to say of that. */
export const tooShort = (start: string): string =>
  `${start} is too short: two letters are needed before the *`;
