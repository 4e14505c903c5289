/** The pool that moves files: a few threads, each with many connections at once. */
import { availableParallelism } from 'node:os';
import { maxTransferThreads, transferJobsPerThread, transferThreadHeapMb } from '../core/limits.ts';
import { threadFile } from '../core/thread-file.ts';
import { createPool, type Pool } from './pool.ts';
import type { TransferJobs } from './transfer-contract.ts';

export type TransferPool = Pool<TransferJobs>;

export function createTransferPool(onIdleFault?: (error: unknown) => void): TransferPool {
  const pool = createPool<TransferJobs>({
    name: 'transfer',
    filename: threadFile('./transfer-worker', import.meta.url),
    threads: Math.min(Math.max(availableParallelism(), 2), maxTransferThreads),
    tasksPerThread: transferJobsPerThread,
    resourceLimits: { maxOldGenerationSizeMb: transferThreadHeapMb },
    ...(onIdleFault && { onIdleFault }),
  });
  // The threads load their code while the rest of the program starts.
  pool.run('warmUp', undefined).catch(() => undefined);
  return pool;
}
