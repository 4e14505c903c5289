/**
 * What unfinished downloads need of a file system, as one value: tests put a disk in its place that loses power.
 * Invariant: what `syncFolder` and a file's `datasync` have returned for survives a power cut.
 */
import * as fs from 'node:fs/promises';
import { hasCode } from '../core/disk-problem.ts';
import { tryLock, type FileLock } from './file-lock.ts';

export interface Disk extends Pick<
  typeof fs,
  | 'copyFile'
  | 'link'
  | 'lstat'
  | 'mkdir'
  | 'open'
  | 'readFile'
  | 'rename'
  | 'rm'
  | 'rmdir'
  | 'stat'
  | 'unlink'
> {
  /** Flushes which names are in a folder. Throws what the disk says. */
  readonly syncFolder: (path: string) => Promise<void>;
  readonly tryLock: (path: string) => FileLock | undefined;
}

export const realDisk: Disk = { ...fs, syncFolder, tryLock };

/** Systems and file systems that cannot flush a folder by itself. */
const cannotSync = ['EISDIR', 'EINVAL', 'EPERM', 'EBADF', 'ENOTSUP'];

async function syncFolder(path: string): Promise<void> {
  let folder: fs.FileHandle | undefined;
  try {
    folder = await fs.open(path, 'r');
    await folder.sync();
  } catch (error) {
    if (!cannotSync.some((code) => hasCode(error, code))) throw error;
  } finally {
    await folder?.close();
  }
}
