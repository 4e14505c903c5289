/**
 * The moment a download gets its name. Invariant: nothing that exists is ever overwritten, and the name either
 * does not exist or is the whole file.
 */
import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { dirname, join, parse } from 'node:path';
import { hasCode } from '../core/disk-problem.ts';
import { maxNameSuffix } from '../core/limits/downloads.ts';
import { fail, ok, type Result } from '../core/result.ts';
import { realDisk, type Disk } from './disk.ts';

/**
 * Makes the folders one below the other in `outDir`, where they are missing, and returns the last. Their names
 * came from outside, so none of them may be a link that leads elsewhere: `bad-name`. Throws what the disk says.
 */
export async function makeFolders(
  outDir: string,
  folders: readonly string[],
  disk: Disk = realDisk,
): Promise<Result<string>> {
  let path = outDir;
  for (const folder of folders) {
    path = join(path, folder);
    const isFolder = (await isFolderAt(disk, path)) ?? (await makeFolder(disk, path));
    if (!isFolder) return fail('bad-name', `It is not a folder: ${path}`);
  }
  return ok(path);
}

/** Undefined when nothing is there. */
async function isFolderAt(disk: Disk, path: string): Promise<boolean | undefined> {
  try {
    return (await disk.lstat(path)).isDirectory();
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/** Whether it is a folder then: another download may have been first. */
async function makeFolder(disk: Disk, path: string): Promise<boolean> {
  try {
    await disk.mkdir(path);
    await disk.syncFolder(dirname(path));
    return true;
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
    return (await disk.lstat(path)).isDirectory();
  }
}

/** `name`, `name (1).ext` and so on, in the order in which they are tried. */
export function* namesFor(name: string): Generator<string> {
  const { name: stem, ext } = parse(name);
  yield name;
  for (let suffix = 1; suffix <= maxNameSuffix; suffix++) yield `${stem} (${suffix})${ext}`;
}

/**
 * Moves the file at `from`, which is flushed, to `folder`, which exists, under `name` or the first free
 * `name (n).ext`, and returns its path. When it has returned the name survives a power cut; before `from` is
 * gone, the other is there. Throws what the disk says; `from` is then still there.
 */
export async function placeFile(
  from: string,
  folder: string,
  name: string,
  disk: Disk = realDisk,
): Promise<string> {
  for (const candidate of namesFor(name)) {
    const path = join(folder, candidate);
    if (await moveTo(disk, from, path)) return path;
  }
  throw Object.assign(new Error('No free name'), { code: 'EEXIST' });
}

/** False when something else is there already. */
async function moveTo(disk: Disk, from: string, path: string): Promise<boolean> {
  try {
    await disk.link(from, path);
  } catch (error) {
    // A run that lost its power here may have come so far.
    if (hasCode(error, 'EEXIST')) {
      if (!(await isSameFile(disk, from, path))) return false;
    } else if (hasCode(error, 'EXDEV')) return copyTo(disk, from, path);
    else if (withoutLinks.some((code) => hasCode(error, code))) return reserveAndRename(disk, from, path);
    else throw error;
  }
  await disk.syncFolder(dirname(path));
  await disk.unlink(from);
  return true;
}

const withoutLinks = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'];

async function isSameFile(disk: Disk, one: string, other: string): Promise<boolean> {
  const [a, b] = await Promise.all([one, other].map((path) => disk.lstat(path, { bigint: true })));
  return a !== undefined && b !== undefined && a.ino === b.ino && a.dev === b.dev;
}

/** For file systems without hard links: an empty file of ours holds the name until the rename replaces it. */
async function reserveAndRename(disk: Disk, from: string, path: string): Promise<boolean> {
  try {
    const reserved = await disk.open(path, 'wx');
    await reserved.close();
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    throw error;
  }
  await disk.rename(from, path);
  await disk.syncFolder(dirname(path));
  return true;
}

/** Where the folder lies on another file system: copied there under a hidden name first, and flushed. */
async function copyTo(disk: Disk, from: string, path: string): Promise<boolean> {
  const near = join(dirname(path), `.${randomUUID()}.part`);
  try {
    await disk.copyFile(from, near, constants.COPYFILE_EXCL);
    const copy = await disk.open(near, 'r+');
    try {
      await copy.datasync();
    } finally {
      await copy.close();
    }
    if (!(await moveTo(disk, near, path))) return false;
  } finally {
    await disk.rm(near, { force: true });
  }
  await disk.unlink(from);
  return true;
}
