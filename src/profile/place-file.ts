/**
 * The moment a download gets its name. Invariant: nothing that exists is ever overwritten, and the name either
 * does not exist or is the whole file.
 */
import { constants } from 'node:fs';
import { copyFile, link, mkdir, open, rename, rm } from 'node:fs/promises';
import { join, parse } from 'node:path';
import { hasCode } from '../core/disk-problem.ts';
import { maxNameSuffix } from '../core/limits.ts';

/**
 * Moves the file at `from` to `folder`, made if missing, under `name` or the first free `name (n).ext`, and
 * returns its path. Throws what the disk says; `from` is then still there.
 */
export async function placeFile(from: string, folder: string, name: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  const { name: stem, ext } = parse(name);
  for (let suffix = 0; suffix <= maxNameSuffix; suffix++) {
    const path = join(folder, suffix === 0 ? name : `${stem} (${suffix})${ext}`);
    if (await moveTo(from, path)) return path;
  }
  throw Object.assign(new Error('No free name'), { code: 'EEXIST' });
}

/** False when something is there already. */
async function moveTo(from: string, path: string): Promise<boolean> {
  try {
    await link(from, path);
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    if (hasCode(error, 'EXDEV')) return copyTo(from, path);
    if (['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'].some((code) => hasCode(error, code)))
      return reserveAndRename(from, path);
    throw error;
  }
  await rm(from);
  return true;
}

/** For file systems without hard links: an empty file of ours holds the name until the rename replaces it. */
async function reserveAndRename(from: string, path: string): Promise<boolean> {
  try {
    const reserved = await open(path, 'wx');
    await reserved.close();
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    throw error;
  }
  await rename(from, path);
  return true;
}

/** Where the folder lies on another file system. */
async function copyTo(from: string, path: string): Promise<boolean> {
  try {
    await copyFile(from, path, constants.COPYFILE_EXCL);
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    await rm(path, { force: true });
    throw error;
  }
  await rm(from);
  return true;
}
