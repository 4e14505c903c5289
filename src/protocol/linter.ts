/**
 * Walks the body of a frame before it is decoded, without allocating: only nil, booleans, numbers, strings of
 * valid UTF-8, byte strings and arrays, at most six deep, nothing that claims more than there is, and at the
 * top an array that begins with its code. Invariant: what passes can be decoded at a cost in proportion to its
 * length, and by every msgpack library to the same values.
 */
import { RemoteProtocolError } from './errors.ts';
import { isUtf8 } from './utf8.ts';

/** Arrays within arrays; the deepest message uses four. */
export const maxDepth = 6;

/** How much of msgpack is spoken. */
export interface Dialect {
  readonly maxDepth: number;
  /** Maps, and the extension that stands for undefined: between programs of ours on one machine. */
  readonly hasMaps: boolean;
}

const wire: Dialect = { maxDepth, hasMaps: false };
const deepest = 12;

/** Elements still to come at each depth. Shared, as the walk never calls out. */
const owedAt = new Float64Array(deepest + 1);

/** The code of the message in `source` from `start` to `end`. Throws a RemoteProtocolError `malformed`. */
export function lint(source: Uint8Array, start: number, end: number, dialect: Dialect = wire): number {
  const depthLimit = Math.min(dialect.maxDepth, deepest);
  const code = codeAt(source, start, end);
  let at = start;
  let depth = 0;
  // Each element takes a byte at least, so this bounds all arrays together and not only each by itself.
  let owed = 1;
  owedAt[0] = 1;
  while (owed > 0) {
    while (owedAt[depth] === 0) depth--;
    if (at >= end) refuse('ends too early');
    const token = source[at++] ?? 0;
    owedAt[depth] = (owedAt[depth] ?? 0) - 1;
    owed--;

    const width = widthOf(token, dialect);
    if (width < 0) refuse('holds a map or an extension');
    if (width > end - at) refuse('ends too early');
    if (token === undefinedToken && (source[at] !== 0 || source[at + 1] !== 0)) refuse('holds an extension');
    if (!hasLength(token)) {
      at += width;
      continue;
    }
    const length = width === 0 ? token & (isString(token) ? 31 : 15) : unsigned(source, at, width);
    at += width;
    if (isArray(token) || isMap(token)) {
      if (++depth > depthLimit) refuse('is nested too deeply');
      const elements = isMap(token) ? 2 * length : length;
      owedAt[depth] = elements;
      owed += elements;
      if (owed > end - at) refuse('announces more than it holds');
    } else {
      if (length > end - at) refuse('ends too early');
      if (isString(token) && !isUtf8(source, at, at + length)) refuse('holds a string that is not UTF-8');
      at += length;
    }
  }
  if (at !== end) refuse('goes on after its end');
  return code;
}

/** Bytes of a body within which its code stands: an array header of three, and the code. */
export const codeReachBytes = 4;

/** The code of a message, when its first `codeReachBytes` are there. Throws a RemoteProtocolError `malformed`. */
export function codeAt(source: Uint8Array, start: number, end: number): number {
  const header = source[start] ?? 0;
  const at = start + (header === array16 ? 3 : 1);
  const code = source[at] ?? 0xff;
  if (at >= end || (header !== array16 && (header & 0xf0) !== 0x90) || code > 0x7f)
    refuse('does not begin with a code');
  return code;
}

const array16 = 0xdc;
const isArray = (token: number): boolean =>
  (token >= 0x90 && token < 0xa0) || token === array16 || token === 0xdd;
const isString = (token: number): boolean =>
  (token >= 0xa0 && token < 0xc0) || (token >= 0xd9 && token <= 0xdb);
const isBytes = (token: number): boolean => token >= 0xc4 && token <= 0xc6;
const isMap = (token: number): boolean => (token >= 0x80 && token < 0x90) || token === 0xde || token === 0xdf;
const hasLength = (token: number): boolean =>
  isArray(token) || isString(token) || isBytes(token) || isMap(token);

/** The extension by which msgpack libraries write undefined; its type and its byte are both 0. */
const undefinedToken = 0xd4;

/** Bytes between a token and its content: of a scalar its value, of the rest its length; -1 if not allowed. */
function widthOf(token: number, { hasMaps }: Dialect): number {
  if (token < 0x80 || token >= 0xe0) return 0;
  if (token < 0x90) return hasMaps ? 0 : -1;
  if (token < 0xc0) return 0;
  if (hasMaps && token === undefinedToken) return 2;
  if (hasMaps && token >= 0xde) return token === 0xde ? 2 : 4;
  return widths[token - 0xc0] ?? -1;
}

// prettier-ignore
const widths: readonly number[] = [
  0, -1, 0, 0, // nil, unused, false, true
  1, 2, 4, -1, -1, -1, // byte strings, extensions
  4, 8, 1, 2, 4, 8, 1, 2, 4, 8, // floats, unsigned, signed
  -1, -1, -1, -1, -1, // extensions
  1, 2, 4, 2, 4, // strings, arrays
  -1, -1, // maps
];

function unsigned(source: Uint8Array, at: number, width: number): number {
  let value = 0;
  for (let index = 0; index < width; index++) value = value * 256 + (source[at + index] ?? 0);
  return value;
}

function refuse(why: string): never {
  throw new RemoteProtocolError('malformed', `The message ${why}`);
}
