/**
 * What two spellings of a letter have in common: case, accents, and a few letters that many people write as others.
 * Invariant: pure; text in plain ASCII is changed in nothing but its case.
 */

/** Of text in which there is nothing to fold but case. */
export const ascii = /^[\0-\x7f]*$/;
// Voicing marks of kana (U+3099, U+309A) tell sounds apart and stay; other marks are accents.
const accents = /[\p{M}--[\u3099\u309a]]/gv;

const extraFolds: ReadonlyMap<string, string> = new Map([
  ['ß', 'ss'],
  ['ø', 'o'],
  ['æ', 'ae'],
  ['œ', 'oe'],
  ['đ', 'd'],
  ['ð', 'd'],
  ['ł', 'l'],
  ['ı', 'i'],
  ['þ', 'th'],
  ['ς', 'σ'],
]);

/** In one spelling (NFC of NFKC), without accents. */
export function withoutAccents(text: string): string {
  if (ascii.test(text)) return text;
  return text.normalize('NFKC').normalize('NFD').replace(accents, '').normalize('NFC');
}

/** Lower case, and letters that many write as others as those. */
export function lower(text: string): string {
  const small = text.toLowerCase();
  if (ascii.test(small)) return small;
  return Array.from(small, (letter) => extraFolds.get(letter) ?? letter).join('');
}
