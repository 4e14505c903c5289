/**
 * Rows of files as searches read them: with who has each of them, so that nobody is looked up twice. Invariant: a hit
 * has at least one holder who is online.
 */
import { contentId } from '../../core/ids.ts';
import { maxSourcesPerResult } from '../../core/limits/stores.ts';
import type { Hit } from '../results.ts';

/** A row that answers a query, and what SQLite knows of it. */
export interface StoredHit extends Hit {
  readonly key: number;
  /** Holders who are online, those known longest first: no more than `maxSourcesPerResult`. */
  readonly pids: readonly number[];
}

/** Null where no row is as it was asked for, and holders are null where nobody is online. */
export type HitRow = readonly [
  fid: number,
  key: number | null,
  id: Uint8Array | null,
  path: string | null,
  sizeBytes: number | null,
  pids: string | null,
];

/** The holders of a file who are online: numbers with commas between them. */
export const livePidsOf = (fid: string): string => `(SELECT group_concat(pid) FROM (
  SELECT h.pid FROM holder h CROSS JOIN peer p ON p.pid = h.pid AND p.online = 1
  WHERE h.fid = ${fid} ORDER BY h.pid LIMIT ${maxSourcesPerResult}
))`;
/** The columns of a `HitRow` of file `f`, but for the first. */
export const hitColumns = `f.key, f.id, f.path, f.size, ${livePidsOf('f.fid')}`;

export function hitOf([fid, key, id, path, sizeBytes, pids]: readonly [...HitRow, ...unknown[]]):
  StoredHit | undefined {
  if (key === null || id === null || path === null || sizeBytes === null || pids === null) return undefined;
  const holders = numbersIn(pids);
  return { fid, key, id: contentId(id), path, sizeBytes, copies: holders.length, pids: holders };
}

/** What `group_concat` has made of numbers. */
export function numbersIn(text: string): readonly number[] {
  return text.includes(',') ? text.split(',').map(Number) : [Number(text)];
}
