/**
 * A lock between processes that ends with its holder, even by `kill -9`, so that no lock is ever stale: Node has
 * no file locks of its own, but SQLite's are the operating system's.
 * Invariant: at most one `FileLock` for a path is held at a time, in this process or in any other.
 */
import { statSync, unlinkSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';

export interface FileLock {
  /** Removes the lock's file as well. */
  release(): void;
}

/**
 * Takes the lock at once, or returns undefined when somebody holds it. The folder must exist. Throws what
 * creating the file throws. Never open the lock's file otherwise: closing it would drop the lock (POSIX).
 */
export function tryLock(path: string): FileLock | undefined {
  for (;;) {
    const lock = new DatabaseSync(path, { timeout: 0 });
    try {
      lock.exec('PRAGMA journal_mode = MEMORY');
      const before = inode(path);
      lock.exec('BEGIN EXCLUSIVE');
      // Whoever held it may have removed the file meanwhile: then this is a lock on nothing.
      if (before !== undefined && before === inode(path)) return { release: () => release(path, lock) };
    } catch (error) {
      lock.close();
      if (isBusy(error)) return undefined;
      throw error;
    }
    lock.close();
  }
}

function release(path: string, lock: DatabaseSync): void {
  try {
    unlinkSync(path);
  } catch {
    // Someone removed it by hand; the lock itself ends below.
  }
  lock.close();
}

function inode(path: string): bigint | undefined {
  return statSync(path, { bigint: true, throwIfNoEntry: false })?.ino;
}

const sqliteBusy = 5;
const sqliteCannotOpen = 14;

const isBusy = (error: unknown): boolean => hasResult(error, sqliteBusy);

/** Whether `tryLock` threw because the lock's file could not be opened: its folder is missing, perhaps. */
export const isUnopenable = (error: unknown): boolean => hasResult(error, sqliteCannotOpen);

function hasResult(error: unknown, result: number): boolean {
  return typeof error === 'object' && error !== null && 'errcode' in error && error.errcode === result;
}
