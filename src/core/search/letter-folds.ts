/**
 * What two spellings of a letter have in common: case, accents, and a few letters that many people write as others.
 * Invariant: pure; text in plain ASCII is changed in nothing but its case.
 */

/** Of text in which there is nothing to fold but case. */
export const ascii = /^[\0-\x7f]*$/;
// Marks that any letter may have, and the points of scripts that are mostly written without them, are accents, as are
// joiners that show nothing. Those of kana (U+3099, U+309A) and of scripts whose vowels are marks tell words apart and stay.
const accents =
  /[[\p{M}&&[\p{sc=Inherited}\p{sc=Latin}\p{sc=Greek}\p{sc=Cyrillic}\p{sc=Hebrew}\p{sc=Arabic}\p{sc=Syriac}\p{sc=Common}]]--[\u3099\u309a]]|[\u200c\u200d]/gv;

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
