/**
 * Where a search of a cluster goes on: in each of its parts. Invariant: opaque to who holds it, and one that was
 * tampered with asks for nothing that could not have been asked for honestly.
 */
import { candidatesPerResult, leastRankedResults } from '../../core/limits/stores.ts';
import { maxCursorBytes, maxSearchResults } from '../../core/limits/wire.ts';

/** The rows that are ranked against one another, and how much of them has been shown. */
export interface RedisStretch {
  /** Of each part the row that it begins below: undefined for the newest of all, 0 when there are no more. */
  readonly below: readonly (number | undefined)[];
  /** Its ranked results that earlier pages gave. */
  readonly given: number;
  /** The limit of the page that began it, or what makes a page worth ranking: how many candidates it may have follows. */
  readonly limit: number;
}

const maxRowNumber = 2 ** 32 - 1;

export function encodeRedisCursor({ below, given, limit }: RedisStretch): string {
  const bytes: number[] = [];
  for (const value of [limit, given, ...below.map((row) => (row === undefined ? 0 : row + 1))]) {
    let rest = value;
    for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
    bytes.push(rest);
  }
  return Buffer.from(bytes).toString('base64url');
}

/** Undefined for a cursor that no catalogue of so many parts gave. */
export function redisStretchOf(
  cursor: string | undefined,
  limit: number,
  shards: number,
): RedisStretch | undefined {
  if (cursor === undefined)
    return {
      below: Array.from({ length: shards }, () => undefined),
      given: 0,
      limit: Math.max(limit, leastRankedResults),
    };
  if (cursor.length > maxCursorBytes || !/^[\w-]+$/.test(cursor)) return undefined;
  const values: number[] = [];
  let value = 0;
  let scale = 1;
  for (const byte of Buffer.from(cursor, 'base64url')) {
    value += (byte % 128) * scale;
    scale *= 128;
    if (scale > 2 ** 42) return undefined;
    if (byte >= 128) continue;
    values.push(value);
    value = 0;
    scale = 1;
  }
  const [first = 0, given = 0, ...rows] = values;
  const isSound =
    scale === 1 &&
    rows.length === shards &&
    rows.every((row) => row <= maxRowNumber + 1) &&
    first > 0 &&
    first <= maxSearchResults &&
    given <= first * candidatesPerResult;
  const below = rows.map((row) => (row === 0 ? undefined : row - 1));
  return isSound ? { below, given, limit: first } : undefined;
}
