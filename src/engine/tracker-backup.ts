/**
 * Puts a copy of a running tracker's catalogue where its operator wants it. Invariant: at that path is a whole copy
 * that has reached the disk, or what was there before; a file that is there is replaced only when that was said.
 */
import { randomUUID } from 'node:crypto';
import { chmod, link, lstat, open, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { diskProblem, hasCode } from '../core/disk-problem.ts';
import { fail, ok, type Result } from '../core/result.ts';

/**
 * Has `copy` write a file under a hidden name, and gives it its name; resolves to its size in bytes. `live` are the
 * files of the catalogue itself, which no copy may take the place of, whatever is said.
 */
export async function placeBackup(
  file: string,
  live: readonly string[],
  force: boolean,
  copy: (partial: string) => Promise<Result<void>>,
): Promise<Result<number>> {
  const partial = path.join(path.dirname(file), `.${path.basename(file)}.${randomUUID()}`);
  try {
    const there = await lstat(file).catch((error: unknown) => absent(error));
    if (there?.isDirectory() === true) return fail('bad-request', `${file} is a folder; name a file`);
    if (there !== undefined && !force) return taken(file);
    if (there !== undefined && (await isAmong(file, live)))
      return fail('bad-request', `${file} is the catalogue in use; name another file`);
    const folder = path.dirname(file);
    if ((await lstat(folder).catch((error: unknown) => absent(error))) === undefined)
      return fail('io', `There is no folder ${folder}; make it first`);
    const copied = await copy(partial);
    if (!copied.ok) return copied;
    // It tells who is online, and from where.
    await chmod(partial, 0o600);
    await flush(partial);
    const { size } = await stat(partial);
    if (force) await rename(partial, file);
    else await link(partial, file);
    await flush(path.dirname(file));
    return ok(size);
  } catch (error) {
    return hasCode(error, 'EEXIST') ? taken(file) : { ok: false, problem: diskProblem(error, file) };
  } finally {
    await rm(partial, { force: true }).catch(() => undefined);
  }
}

async function isAmong(file: string, live: readonly string[]): Promise<boolean> {
  const [one, ...others] = await Promise.all([file, ...live].map((each) => stat(each).catch(absent)));
  return others.some((other) => other !== undefined && other.ino === one?.ino && other.dev === one.dev);
}

function taken(file: string): Result<never> {
  return fail('bad-request', `${file} is there already; --force replaces it`);
}

function absent(error: unknown): undefined {
  if (hasCode(error, 'ENOENT')) return undefined;
  throw error;
}

/** What a file or folder holds survives a power cut from here on. */
async function flush(place: string): Promise<void> {
  const handle = await open(place, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
