/** Content ids of files without sharing them, for `shoal hash`. */
import { availableParallelism } from 'node:os';
import { HashControl } from '../core/share/hash-control.ts';
import type { ContentId } from '../core/ids.ts';
import { hashBatchFiles } from '../core/limits/library.ts';
import { maxHashThreads } from '../core/limits/pools.ts';
import { ok, type Result } from '../core/result.ts';
import type { HashedContent } from './contract.ts';
import { createHashPool } from './hash-pool.ts';
import { outcomesOf } from './hashed-files.ts';

/** Many files go several to a job, but still in enough jobs that all threads end at about the same time. */
const batchesPerThread = 16;

export interface HashedFile {
  /** As it was asked for. */
  readonly path: string;
  readonly outcome: Result<{ readonly id: ContentId; readonly sizeBytes: number }>;
}

/**
 * Hashes files, several at once; each result is told as it comes. Ends early when `signal` is aborted: what was
 * not hashed by then is not told. Problems as in `HashOutcome`.
 */
export async function hashFiles(
  paths: readonly string[],
  onResult: (file: HashedFile) => void,
  signal: AbortSignal,
): Promise<void> {
  const threads = Math.min(maxHashThreads, availableParallelism(), Math.max(1, paths.length));
  // Somebody is waiting for this, so it does not yield as the library does.
  const pool = createHashPool(threads, 0);
  const control = new HashControl();
  const stop = (): void => control.cancel();
  signal.addEventListener('abort', stop, { once: true });
  const batchFiles = Math.min(
    hashBatchFiles,
    Math.max(1, Math.floor(paths.length / threads / batchesPerThread)),
  );
  let taken = 0;

  async function hashInTurn(): Promise<void> {
    while (taken < paths.length && !signal.aborted) {
      const batch = paths.slice(taken, taken + batchFiles);
      taken += batch.length;
      const files = batch.map((filePath) => ({ filePath, expected: undefined }));
      const hashed = await pool.run('hashFiles', { files, control: control.buffer });
      for (const [index, outcome] of [...outcomesOf(files, hashed)].entries()) {
        if (outcome.ok) onResult({ path: batch[index] ?? '', outcome: ok(summary(outcome.value)) });
        else if (outcome.problem.code !== 'cancelled') onResult({ path: batch[index] ?? '', outcome });
      }
    }
  }

  try {
    await Promise.all(Array.from({ length: threads }, hashInTurn));
  } finally {
    signal.removeEventListener('abort', stop);
    await pool.destroy();
  }
}

function summary({ id, stamp }: HashedContent): { readonly id: ContentId; readonly sizeBytes: number } {
  return { id, sizeBytes: stamp.sizeBytes };
}
