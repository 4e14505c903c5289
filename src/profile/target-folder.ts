/**
 * The folder that downloads go to, known again by more than its path: where a disk is not mounted its mount point
 * is a folder as well, and another disk fills up. Invariant: a folder that was there once is never made anew.
 */
import { dirname } from 'node:path';
import { diskProblem, hasCode } from '../core/disk-problem.ts';
import { fail, ok, type Result } from '../core/result.ts';
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
    if (hasCode(error, 'ENOENT')) return fail('not-found', `The folder is gone: ${path}`);
    return { ok: false, problem: diskProblem(error, path) };
  }
}

/** Makes a folder and those above it, so that they survive a power cut. */
async function makeAll(disk: Disk, path: string): Promise<void> {
  const first = await disk.mkdir(path, { recursive: true });
  if (first === undefined) return;
  for (let at = path; at.length >= first.length; at = dirname(at)) await disk.syncFolder(dirname(at));
}
