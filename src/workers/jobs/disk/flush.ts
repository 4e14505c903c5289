/**
 * Makes sure that the bytes of files are on the disk before they get their names. Invariant: when it resolves,
 * all that was written to these files before the call survives a power cut; when it cannot be, it rejects.
 */
import { execFile } from 'node:child_process';
import { open } from 'node:fs/promises';
import { flushesAtOnce, maxFilesFlushedSingly } from '../../../core/limits/trees.ts';

/** Whether `sync -f` has shown that it does not do what it should here. */
let isSyncMissing = process.platform !== 'linux';

/** The files lie in `folder`, on one volume. */
export async function flushFiles(folder: string, paths: readonly string[]): Promise<void> {
  // One call for the volume costs as much as some twenty for single files, but flushes what others wrote as well.
  if (paths.length > maxFilesFlushedSingly && !isSyncMissing && (await syncVolume(folder))) return;
  await flushEach(paths);
}

/**
 * `syncfs(2)`, which Node does not have, by the program that does (coreutils since 8.24). False when there is none,
 * or it failed: flushing each file then says why.
 */
function syncVolume(folder: string): Promise<boolean> {
  return new Promise((resolve) => {
    execFile('sync', ['-f', folder], (error) => {
      if (error && typeof error.code === 'string') isSyncMissing = true;
      resolve(!error);
    });
  });
}

async function flushEach(paths: readonly string[]): Promise<void> {
  const left = paths.toReversed();
  const flushNext = async (): Promise<void> => {
    for (let path = left.pop(); path !== undefined; path = left.pop()) {
      const file = await open(path, 'r+');
      try {
        await file.datasync();
      } finally {
        await file.close();
      }
    }
  };
  await Promise.all(Array.from({ length: flushesAtOnce }, flushNext));
}
