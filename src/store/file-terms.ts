/**
 * What a file is found by, as one text: its words, then its facets, told apart by their colon: `x:video` the type,
 * `e:mkv` the extension, `z:24` the bits of the size, `n:…` a hash of the whole name (core/search/whole-name.ts), `m:…` a
 * short one of the name as it is. Invariant: pure, so that it is made on any thread before a store has the file, and no
 * term has a space in it.
 */
import { hash } from 'node:crypto';
import type { SharedFile } from '../core/catalogue.ts';
import { baseName, extensionOf, typeOfExtension } from '../core/search/file-type.ts';
import { wordsOfPath } from '../core/search/tokenizer.ts';
import { wholeNameOf } from '../core/search/whole-name.ts';

/** Hexadecimal digits kept of a whole name's hash: those that share one are told apart on the row. */
const wholeNameDigits = 10;
/** The same of the name itself, which tells apart what differs in case or separators: more would take more room. */
const nameDigits = 3;
/** Everything from 16 TiB is one class. */
const maxSizeBits = 45;

/** All terms of a file, the words before the facets, with a space between two. */
export function termsOf({ path, sizeBytes }: Pick<SharedFile, 'path' | 'sizeBytes'>): string {
  const words = wordsOfPath(path);
  const extension = extensionOf(path);
  const facets = `x:${typeOfExtension(extension)} e:${extension} z:${bitsOf(sizeBytes)}`;
  return [...words, facets, ...nameFacets(baseName(path))].join(' ');
}

/** The words among the terms of a file. */
export function wordsOf(terms: string): ReadonlySet<string> {
  return new Set(terms.split(' ').filter((term) => term !== '' && !term.includes(':')));
}

/** How many binary digits a size has: 0 for 0, 24 for 8 MiB to 16 MiB less one. */
export function bitsOf(sizeBytes: number): number {
  return sizeBytes === 0 ? 0 : Math.min(maxSizeBits, Math.floor(Math.log2(sizeBytes)) + 1);
}

/** Of a whole name (`wholeNameOf`). */
export function wholeNameFacet(wholeName: string): string {
  return `n:${hashOf(wholeName, wholeNameDigits)}`;
}

/** Of a file's name: its whole name, and itself. */
export function nameFacets(name: string): readonly string[] {
  return [wholeNameFacet(wholeNameOf(name)), `m:${hashOf(name, nameDigits)}`];
}

function hashOf(text: string, digits: number): string {
  return hash('sha256', text, 'hex').slice(0, digits);
}
