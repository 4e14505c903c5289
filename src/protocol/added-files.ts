/**
 * Reads the message by which a peer adds files straight into entries, without making an array, a string and an object of
 * each: that would cost a tracker more than all else that it does for a file it knows. Invariant: what is read here is
 * what the message's fields would have said; what they might refuse, or what is written in an unusual way, is left to
 * them.
 */
import { entryPathAt, FileEntries } from '../core/share/file-entries.ts';
import { idBytes } from '../core/ids.ts';
import { maxFilesPerAdd, maxPathBytes } from '../core/limits/wire.ts';
import { lint } from './linter.ts';

/** `[code, files]`, each file `[id, sizeBytes, path]`, and nothing behind: fields of later versions go the other way. */
const messageHeader = 0x92;
const fileHeader = 0x93;
const bin8 = 0xc4;
/** What an entry may be longer than the same file in the message: the size may take one byte there. */
const longerBytes = 8;

/** Where the reading is, and what was read last. Shared, as nothing is called that reads too. */
let at = 0;
let high = 0;
let low = 0;

/**
 * The files of the message in `source` from `start` to `end`; undefined for one to be decoded as any other is. Throws a
 * RemoteProtocolError `malformed`.
 */
export function readAddedFiles(source: Uint8Array, start: number, end: number): FileEntries | undefined {
  lint(source, start, end);
  if (source[start] !== messageHeader) return undefined;
  at = start + 2;
  const count = arrayLength(source);
  if (count > maxFilesPerAdd) return undefined;
  const bytes = new Uint8Array(end - at + longerBytes * count);
  const ends = new Uint32Array(count);
  let to = 0;
  for (let index = 0; index < count; index++) {
    if (source[at] !== fileHeader || source[at + 1] !== bin8 || source[at + 2] !== idBytes) return undefined;
    copy(source, at + 3, bytes, to, idBytes);
    at += 3 + idBytes;
    if (!readSize(source)) return undefined;
    writeU32(bytes, to + idBytes, high);
    writeU32(bytes, to + idBytes + 4, low);
    const length = stringLength(source);
    if (length > maxPathBytes) return undefined;
    copy(source, at, bytes, to + entryPathAt, length);
    at += length;
    to += entryPathAt + length;
    ends[index] = to;
  }
  return at === end ? new FileEntries(bytes.subarray(0, to), ends) : undefined;
}

/** Steps over the header of an array. Infinity: it is none, or a long one. */
function arrayLength(source: Uint8Array): number {
  const token = source[at++] ?? 0;
  if (token >= 0x90 && token < 0xa0) return token & 15;
  return token === 0xdc ? unsigned(source, 2) : Infinity;
}

/** Steps over the header of a string. Infinity: it is none, or a long one. */
function stringLength(source: Uint8Array): number {
  const token = source[at++] ?? 0;
  if (token >= 0xa0 && token < 0xc0) return token & 31;
  if (token === 0xd9) return unsigned(source, 1);
  return token === 0xda ? unsigned(source, 2) : Infinity;
}

/** Steps over a whole number up to 2^53 − 1 into `high` and `low`. False: it is something else. */
function readSize(source: Uint8Array): boolean {
  const token = source[at++] ?? 0;
  high = 0;
  if (token < 0x80) low = token;
  else if (token >= 0xcc && token <= 0xce) low = unsigned(source, 1 << (token - 0xcc));
  else if (token === 0xcf) {
    high = unsigned(source, 4);
    low = unsigned(source, 4);
  } else if (token === 0xcb) {
    const value = new DataView(source.buffer, source.byteOffset + at, 8).getFloat64(0);
    at += 8;
    if (!Number.isSafeInteger(value) || value < 0) return false;
    high = Math.floor(value / 2 ** 32);
    low = value % 2 ** 32;
  } else return false;
  return high < 2 ** 21;
}

function unsigned(source: Uint8Array, width: number): number {
  let value = 0;
  for (const end = at + width; at < end; at++) value = value * 256 + (source[at] ?? 0);
  return value;
}

function writeU32(target: Uint8Array, to: number, value: number): void {
  target[to] = value >>> 24;
  target[to + 1] = value >>> 16;
  target[to + 2] = value >>> 8;
  target[to + 3] = value;
}

/** Of some 70 bytes: a view for each costs more than the bytes do. */
function copy(source: Uint8Array, from: number, target: Uint8Array, to: number, length: number): void {
  for (let index = 0; index < length; index++) target[to + index] = source[from + index] ?? 0;
}
