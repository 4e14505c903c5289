/** What went wrong with a store's disk or cluster, as a problem for those who asked; the catalogue goes on being read. */
import type { Problem } from '../../core/result.ts';
import { RedisUnavailable } from '../../store/redis/redis-problem.ts';

/** SQLite's primary result codes that are the disk's fault, not ours (sqlite3.h). */
const diskCodes: ReadonlyMap<number, Problem> = new Map([
  [8, { code: 'io', message: "The tracker's catalogue cannot be written: it is read-only" }],
  [10, { code: 'io', message: "The tracker's catalogue cannot be written: its disk reported an error" }],
  [13, { code: 'disk-full', message: "The tracker's catalogue cannot be written: its disk is full" }],
]);

/** Undefined for any other error: that is a fault of ours. */
export function storeProblem(error: Error): Problem | undefined {
  if (error instanceof RedisUnavailable) return error.problem;
  if (!('errcode' in error) || typeof error.errcode !== 'number') return undefined;
  return diskCodes.get(error.errcode & 0xff);
}
