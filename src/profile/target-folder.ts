/**
 * The folder that downloads go to, known again by more than its path: where a disk is not mounted its mount point
 * is a folder as well, and another disk fills up. Invariant: a folder that was there once is never made anew.
 */
import { dirname } from 'node:path';
import { diskProblem, hasCode } from '../core/disk-problem.ts';
import { fail, ok, type Problem, type Result } from '../core/result.ts';
import { realDisk, type Disk } from './disk.ts';

/** What tells one folder from another of the same path: numbers as decimal strings. */
export interface FolderStamp {
  readonly device: string;
  readonly inode: string;
}

/**
 * Makes the folder if it is `known` from no earlier time, and gives its stamp. A folder of another device that is
 * another folder too is not the one that is known. Problems: `not-found`, and what the disk says.
 */
export async function settleFolder(
  path: string,
  known: FolderStamp | undefined,
  disk: Disk = realDisk,
): Promise<Result<FolderStamp>> {
  try {
    if (!known) await makeAll(disk, path);
    const stats = await disk.stat(path, { bigint: true });
    if (!stats.isDirectory()) return fail('io', `It is not a folder: ${path}`);
    const stamp = { device: String(stats.dev), inode: String(stats.ino) };
    // Devices are numbered anew when they are mounted, and folders when they are made.
    const isIt = !known || known.device === stamp.device || known.inode === stamp.inode;
    return isIt
      ? ok(stamp)
      : fail('not-found', `Another folder is in its place; is its disk mounted? ${path}`);
  } catch (error) {
    if (hasCode(error, 'ENOENT'))
      return known ? fail('not-found', goneFolder(path)) : fail('io', `The folder cannot be made: ${path}`);
    return { ok: false, problem: diskProblem(error, path) };
  }
}

/**
 * What a system error of an unfinished file in the folder means for people: where the folder is gone it is of no use
 * to hear that the file is.
 */
export async function lossProblem(
  error: unknown,
  path: string,
  folder: string,
  disk: Disk = realDisk,
): Promise<Problem> {
  if (!hasCode(error, 'ENOENT')) return diskProblem(error, path);
  let message = `What was fetched of it is gone: ${path}`;
  try {
    await disk.stat(folder);
  } catch (failure) {
    if (hasCode(failure, 'ENOENT')) message = goneFolder(folder);
  }
  return { code: 'not-found', message };
}

const goneFolder = (path: string): string => `The folder is gone: ${path}`;

/**
 * Makes a folder and those above it, so that they survive a power cut. Not with `recursive`: where a file system
 * answers ENOENT although the parent is there, as /proc does, that tries without end.
 */
async function makeAll(disk: Disk, path: string): Promise<void> {
  if (await isFolder(disk, path)) return;
  const parent = dirname(path);
  if (parent !== path) await makeAll(disk, parent);
  try {
    await disk.mkdir(path);
  } catch (error) {
    // Another download may have made it just now.
    if (hasCode(error, 'EEXIST')) return;
    throw error;
  }
  await disk.syncFolder(parent);
}

async function isFolder(disk: Disk, path: string): Promise<boolean> {
  try {
    return (await disk.stat(path)).isDirectory();
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return false;
    throw error;
  }
}
