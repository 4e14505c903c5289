/**
 * A log file that stays within bounds: when it is full it becomes `<file>.1`, in place of the one before, and a
 * new one begins. Several threads may write to the same file: each follows when another has moved it.
 */
import {
  accessSync,
  closeSync,
  constants,
  fstatSync,
  openSync,
  renameSync,
  statSync,
  writeSync,
} from 'node:fs';
import path from 'node:path';
import { logCheckBytes, maxLogFileBytes } from '../core/limits/engine.ts';
import { makeFolders } from '../profile/make-folders.ts';

/** Those that this thread has open. */
const open = new Set<() => void>();

/** Goes on with new files where others have moved those that were written to, as `logrotate` does. */
export function reopenLogFiles(): void {
  for (const reopen of open) reopen();
}

/**
 * Opens it for appending, readable by its owner only; one that is not there is made for the first line. Throws what
 * opening a file throws, as far as that can be known before there is one.
 */
export function openLogFile(file: string, maxBytes: number = maxLogFileBytes): { write(line: string): void } {
  makeFolders(path.dirname(file), 0o700);
  let handle: number | undefined;
  let uncheckedBytes = 0;
  if (statSync(file, { throwIfNoEntry: false })) reopen();
  else accessSync(path.dirname(file), constants.W_OK);

  function reopen(): number {
    const next = openSync(file, 'a', 0o600);
    if (handle !== undefined) closeSync(handle);
    handle = next;
    return next;
  }

  /** What to write to now. */
  function checked(at: number): number {
    uncheckedBytes = 0;
    const there = statSync(file, { throwIfNoEntry: false });
    if (there?.ino !== fstatSync(at).ino) return reopen();
    if (there.size < maxBytes) return at;
    renameSync(file, `${file}.1`);
    return reopen();
  }

  open.add(() => {
    // Where that cannot be, the old one is better than none.
    try {
      if (handle !== undefined) reopen();
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
        const at = handle ?? reopen();
        const isDue = uncheckedBytes >= Math.min(logCheckBytes, maxBytes);
        writeSync(isDue ? checked(at) : at, bytes);
      } catch {
        return;
      }
    },
  };
}
