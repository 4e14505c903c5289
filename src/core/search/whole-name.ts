/**
 * The whole of a name as one text, by which names that are exactly the words of a query are found among very many that
 * have those words and more. Pure. Invariant: what ranks as exactly the words (query-rank.ts) has one of the texts of
 * its query, unless that has choices or the name an extension that no list knows.
 */
import { extensionOf, typeOfExtension } from './file-type.ts';
import type { CompiledQuery } from './query-match.ts';
import { atomsOf, isPlain } from './tokenizer.ts';

/** A name without separators, accents, case and known extension; as it is when nothing would be left. */
export function wholeNameOf(name: string): string {
  const extension = extensionOf(name);
  const isKnown = typeOfExtension(extension) !== 'other';
  const own = isKnown ? name.slice(0, -extension.length) : name;
  const text = isPlain(own) ? own.toLowerCase().replaceAll(/[^a-z0-9]+/g, '') : atomsOf(own).text;
  return text === '' ? name : text;
}

/** The texts that names have which are exactly these words; none where there are choices, or no words. */
export function wholeNamesOf({ words }: CompiledQuery): readonly string[] {
  const row: string[] = [];
  for (const [only, ...others] of words) {
    if (only === undefined || others.length > 0) return [];
    row.push(...only);
  }
  const ending = row.at(-1);
  if (ending === undefined) return [];
  const whole = row.join('');
  const isName = row.length > 1 && typeOfExtension(ending) !== 'other';
  return isName ? [whole, whole.slice(0, -ending.length)] : [whole];
}
