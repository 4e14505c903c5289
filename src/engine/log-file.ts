/**
 * A log file that stays within bounds: when it is full it becomes `<file>.1`, in place of the one before, and a
 * new one begins. Several threads may write to the same file: each follows when another has moved it.
 */
import { closeSync, fstatSync, openSync, renameSync, statSync, writeSync } from 'node:fs';
import path from 'node:path';
import { logCheckBytes, maxLogFileBytes } from '../core/limits.ts';
import { makeFolders } from '../profile/make-folders.ts';

/** Those that this thread has open. */
const open = new Set<() => void>();

/** Goes on with new files where others have moved those that were written to, as `logrotate` does. */
export function reopenLogFiles(): void {
  for (const reopen of open) reopen();
}

/** Opens it for appending, readable by its owner only. Throws what opening a file throws. */
export function openLogFile(file: string, maxBytes: number = maxLogFileBytes): { write(line: string): void } {
  makeFolders(path.dirname(file), 0o700);
  let handle = openSync(file, 'a', 0o600);
  let uncheckedBytes = 0;

  function reopen(): void {
    const next = openSync(file, 'a', 0o600);
    closeSync(handle);
    handle = next;
  }

  function check(): void {
    uncheckedBytes = 0;
    const there = statSync(file, { throwIfNoEntry: false });
    if (there?.ino !== fstatSync(handle).ino) return reopen();
    if (there.size < maxBytes) return undefined;
    renameSync(file, `${file}.1`);
    return reopen();
  }

  open.add(() => {
    // Where that cannot be, the old one is better than none.
    try {
      reopen();
    } catch {
      return;
    }
  });
  return {
    write(line) {
      const bytes = Buffer.from(line);
      uncheckedBytes += bytes.length;
      // Where the disk is full or gone, the program goes on without its log.
      try {
        if (uncheckedBytes >= Math.min(logCheckBytes, maxBytes)) check();
        writeSync(handle, bytes);
      } catch {
        return;
      }
    },
  };
}
