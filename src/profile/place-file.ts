/**
 * The moment a download gets its name. Invariant: nothing that exists is ever overwritten, and the name either
 * does not exist or is the whole file.
 */
import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { copyFile, link, lstat, mkdir, open, rename, rm, unlink } from 'node:fs/promises';
import { dirname, join, parse } from 'node:path';
import { hasCode } from '../core/disk-problem.ts';
import { maxNameSuffix } from '../core/limits.ts';
import { fail, ok, type Result } from '../core/result.ts';

/**
 * Makes the folders one below the other in `outDir`, where they are missing, and returns the last. Their names
 * came from outside, so none of them may be a link that leads elsewhere: `bad-name`. Throws what the disk says.
 */
export async function makeFolders(outDir: string, folders: readonly string[]): Promise<Result<string>> {
  await mkdir(outDir, { recursive: true });
  let path = outDir;
  for (const folder of folders) {
    path = join(path, folder);
    const isFolder = (await isFolderAt(path)) ?? (await makeFolder(path));
    if (!isFolder) return fail('bad-name', `It is not a folder: ${path}`);
  }
  return ok(path);
}

/** Undefined when nothing is there. */
async function isFolderAt(path: string): Promise<boolean | undefined> {
  try {
    return (await lstat(path)).isDirectory();
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/** Whether it is a folder then: another download may have been first. */
async function makeFolder(path: string): Promise<boolean> {
  try {
    await mkdir(path);
    return true;
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
    return (await lstat(path)).isDirectory();
  }
}

/**
 * Moves the file at `from` to `folder`, which exists, under `name` or the first free `name (n).ext`, and
 * returns its path. Throws what the disk says; `from` is then still there.
 */
export async function placeFile(from: string, folder: string, name: string): Promise<string> {
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
  await unlink(from);
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

/** Where the folder lies on another file system: copied there under a hidden name first. */
async function copyTo(from: string, path: string): Promise<boolean> {
  const near = join(dirname(path), `.${randomUUID()}.part`);
  try {
    await copyFile(from, near, constants.COPYFILE_EXCL);
    if (!(await moveTo(near, path))) return false;
  } finally {
    await rm(near, { force: true });
  }
  await unlink(from);
  return true;
}
