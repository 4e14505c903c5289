/**
 * Gives finished small files their names below the output folder, many at a stretch: with synchronous calls, which
 * cost a fifth of the others where every call takes microseconds.
 * Invariant: nothing that exists is ever overwritten, and no name leads out of the output folder.
 */
import {
  closeSync,
  constants,
  copyFileSync,
  fdatasyncSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  unlinkSync,
} from 'node:fs';
import { join, parse } from 'node:path';
import { hasCode } from '../../../core/disk-problem.ts';
import { maxNameSuffix } from '../../../core/limits/downloads.ts';
import { fail, ok, type Result } from '../../../core/result.ts';

const withoutLinks = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'];

export class Placer {
  readonly #outDir: string;
  /** Folders that were made here: what is in them is ours. */
  readonly #made = new Set<string>();
  #copies = 0;

  constructor(outDir: string) {
    this.#outDir = outDir;
  }

  /**
   * Makes the folders one below the other, where they are missing, and returns the last. Their names came from
   * outside, so none of them may be a link that leads elsewhere: `bad-name`. Throws what the disk says.
   */
  makeFolders(folders: readonly string[]): Result<string> {
    let path = this.#outDir;
    for (const folder of folders) {
      path = join(path, folder);
      if (!this.#isFolder(path)) return fail('bad-name', `It is not a folder: ${path}`);
    }
    return ok(path);
  }

  /** Like `makeFolders`, but for the last one, which may be missing. */
  findFolder(folders: readonly string[]): Result<{ readonly path: string; readonly isThere: boolean }> {
    const above = this.makeFolders(folders.slice(0, -1));
    const last = folders.at(-1);
    if (!above.ok || last === undefined) return above.ok ? ok({ path: above.value, isThere: true }) : above;
    const path = join(above.value, last);
    const stats = lstatSync(path, { throwIfNoEntry: false });
    if (stats && !stats.isDirectory()) return fail('bad-name', `It is not a folder: ${path}`);
    return ok({ path, isThere: stats !== undefined });
  }

  /** Gives a whole folder its name, which nothing may have but an empty folder. Throws what the disk says. */
  placeFolder(from: string, folders: readonly string[]): Result<string> {
    const found = this.findFolder(folders);
    if (!found.ok) return found;
    renameSync(from, found.value.path);
    this.#made.add(found.value.path);
    return ok(found.value.path);
  }

  /** The names in a folder, none where it was made here a moment ago. */
  namesIn(folder: string): ReadonlySet<string> {
    return this.#made.has(folder) ? none : new Set(readdirSync(folder));
  }

  /**
   * Moves the file at `from` to `folder`, which exists, under `name` or the first free `name (n).ext`, and
   * returns its path. Throws what the disk says; `from` is then still there.
   */
  place(from: string, folder: string, name: string): string {
    for (const path of pathsFor(folder, name)) if (this.moveTo(from, path)) return path;
    throw Object.assign(new Error('No free name'), { code: 'EEXIST' });
  }

  /** As `place`, under this very path. False when something is there already. */
  moveTo(from: string, path: string): boolean {
    try {
      linkSync(from, path);
    } catch (error) {
      if (hasCode(error, 'EEXIST')) return false;
      if (hasCode(error, 'EXDEV')) return this.#copyTo(from, path);
      if (withoutLinks.some((code) => hasCode(error, code))) return reserveAndRename(from, path);
      throw error;
    }
    unlinkSync(from);
    return true;
  }

  #isFolder(path: string): boolean {
    const stats = lstatSync(path, { throwIfNoEntry: false });
    if (stats) return stats.isDirectory();
    try {
      mkdirSync(path);
      this.#made.add(path);
      return true;
    } catch (error) {
      // Another download may have been first.
      if (!hasCode(error, 'EEXIST')) throw error;
      return lstatSync(path).isDirectory();
    }
  }

  /** Where the folder lies on another file system: copied there under a hidden name first, and flushed. */
  #copyTo(from: string, path: string): boolean {
    const near = join(parse(path).dir, `.shoal-${process.pid}-${this.#copies++}.part`);
    try {
      copyFileSync(from, near, constants.COPYFILE_EXCL);
      const file = openSync(near, 'r+');
      fdatasyncSync(file);
      closeSync(file);
      if (!this.moveTo(near, path)) return false;
    } finally {
      rmSync(near, { force: true });
    }
    unlinkSync(from);
    return true;
  }
}

const none: ReadonlySet<string> = new Set();

/** Where a file of this name may lie: under the name itself, or as those after it were named. */
export function* pathsFor(folder: string, name: string): Generator<string> {
  const { name: stem, ext } = parse(name);
  for (let suffix = 0; suffix <= maxNameSuffix; suffix++)
    yield join(folder, suffix === 0 ? name : `${stem} (${suffix})${ext}`);
}

/** For file systems without hard links: an empty file of ours holds the name until the rename replaces it. */
function reserveAndRename(from: string, path: string): boolean {
  try {
    closeSync(openSync(path, 'wx'));
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    throw error;
  }
  renameSync(from, path);
  return true;
}
