/**
 * Type and rough size of a file as one small number, so that an index can carry both beside a file and tell by them alone
 * which files a search cannot mean. Invariant: pure, and whatever `matchesFacets` accepts is of a kind that `kindsOf` gives.
 */
import type { SharedFile } from '../core/catalogue.ts';
import { fileTypeOf, fileTypes, typeOfExtension } from '../core/search/file-type.ts';
import type { CompiledQuery } from '../core/search/query-match.ts';

/** Kinds are numbers below this: as many as a set of 64 bits has room for. */
export const kindCount = 64;
/** Where each class of sizes but the first begins: what people set as bounds lies near one or another. */
const classStarts = [16, 20, 22, 24, 26, 28, 30].map((bits) => 2 ** bits);
const classCount = classStarts.length + 1;

/** A set of kinds: bit by bit, in 64 bits with a sign, as databases have them. */
export type Kinds = bigint;

export const everyKind: Kinds = -1n;

export function kindOf({ path, sizeBytes }: Pick<SharedFile, 'path' | 'sizeBytes'>): number {
  return fileTypes.indexOf(fileTypeOf(path)) * classCount + classOf(sizeBytes);
}

/** The kinds of all files that a query may mean, for all that it says of type, extension and size. */
export function kindsOf(query: CompiledQuery): Kinds {
  const { types, withoutTypes, extensions, minBytes, maxBytes } = query;
  if (
    types.length + withoutTypes.length + extensions.length === 0 &&
    minBytes === undefined &&
    maxBytes === undefined
  )
    return everyKind;
  const ofExtensions = extensions.map(typeOfExtension);
  const least = classOf(minBytes ?? 0);
  const most = classOf(maxBytes ?? Infinity);
  let kinds = 0n;
  for (const [at, type] of fileTypes.entries()) {
    if (types.length > 0 && !types.includes(type)) continue;
    if (withoutTypes.includes(type)) continue;
    if (extensions.length > 0 && !ofExtensions.includes(type)) continue;
    for (let size = least; size <= most; size++) kinds |= 1n << BigInt(at * classCount + size);
  }
  return BigInt.asIntN(kindCount, kinds);
}

export function isAmong(kind: number, kinds: Kinds): boolean {
  return ((kinds >> BigInt(kind)) & 1n) === 1n;
}

function classOf(sizeBytes: number): number {
  let at = 0;
  while (at < classStarts.length && sizeBytes >= (classStarts[at] ?? Infinity)) at += 1;
  return at;
}
