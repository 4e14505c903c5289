/** Content ids of files without sharing them, for `shoal hash`. */
import { availableParallelism } from 'node:os';
import type { ContentId } from '../core/ids.ts';
import { HashControl } from '../core/hash-control.ts';
import { maxHashThreads } from '../core/limits.ts';
import { fail, ok, type Result } from '../core/result.ts';
import { createHashPool } from './hash-pool.ts';

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
  const pool = createHashPool(threads);
  const control = new HashControl();
  const stop = (): void => control.cancel();
  signal.addEventListener('abort', stop, { once: true });
  const waiting = paths.values();

  async function hashInTurn(): Promise<void> {
    for (const path of waiting) {
      if (signal.aborted) return;
      const files = [{ filePath: path, expected: undefined }];
      const [outcome] = await pool.run('hashFiles', { files, control: control.buffer });
      if (!outcome || (!outcome.ok && outcome.problem.code === 'cancelled')) return;
      onResult({
        path,
        outcome: outcome.ok
          ? ok(summary(outcome.value))
          : fail(outcome.problem.code, outcome.problem.message),
      });
    }
  }

  try {
    await Promise.all(Array.from({ length: threads }, hashInTurn));
  } finally {
    signal.removeEventListener('abort', stop);
    await pool.destroy();
  }
}

function summary(hashed: { readonly id: ContentId; readonly stamp: { readonly sizeBytes: number } }): {
  readonly id: ContentId;
  readonly sizeBytes: number;
} {
  return { id: hashed.id, sizeBytes: hashed.stamp.sizeBytes };
}
