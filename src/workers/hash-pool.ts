/** The pool that hashes shared files, and its size. */
import { availableParallelism } from 'node:os';
import { threadFile } from '../core/thread-file.ts';
import { hashNiceness, hashThreadIdleMs, maxHashThreads } from '../core/limits/pools.ts';
import { jobYoungGenerationMb } from '../core/limits/presence.ts';
import type { HashJobs } from './contract.ts';
import { createPool, type Pool } from './pool.ts';

/** For the library: leaves a core to everything else, and yields to it by its priority. */
export function createHashPool(
  threads = Math.min(maxHashThreads, Math.max(1, availableParallelism() - 1)),
  niceness = hashNiceness,
): Pool<HashJobs> {
  return createPool<HashJobs>({
    name: 'hash',
    filename: threadFile('./jobs/hash', import.meta.url),
    threads,
    resourceLimits: { maxYoungGenerationSizeMb: jobYoungGenerationMb },
    niceness,
    idleTimeoutMs: hashThreadIdleMs,
  });
}
