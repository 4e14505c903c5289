/**
 * What a file is found by, as one text: its words, then its facets, told apart by their colon: `x:video` the type,
 * `e:mkv` the extension, `z:24` the bits of the size, `n:…` a hash of the whole name (core/search/whole-name.ts). Invariant: pure, so that it is
 * made on any thread before a store has the file, and no term has a space in it.
 */
import { hash } from 'node:crypto';
import type { SharedFile } from '../core/catalogue.ts';
import { baseName, extensionOf, typeOfExtension } from '../core/search/file-type.ts';
import { wordsOfPath } from '../core/search/tokenizer.ts';
import { wholeNameOf } from '../core/search/whole-name.ts';

/** Hexadecimal digits kept of a name's hash: whose share one are told apart on the row. */
const nameHashLength = 10;
/** Everything from 16 TiB is one class. */
const maxSizeBits = 45;

/** All terms of a file, the words before the facets, with a space between two. */
export function termsOf({ path, sizeBytes }: Pick<SharedFile, 'path' | 'sizeBytes'>): string {
  const words = wordsOfPath(path);
  const extension = extensionOf(path);
  const facets = `x:${typeOfExtension(extension)} e:${extension} z:${bitsOf(sizeBytes)}`;
  return [...words, facets, nameFacet(wholeNameOf(baseName(path)))].join(' ');
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
export function nameFacet(wholeName: string): string {
  return `n:${hash('sha256', wholeName, 'hex').slice(0, nameHashLength)}`;
}
