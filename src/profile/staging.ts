/**
 * A hidden folder below an output folder in which files lie until they have their names, and the lock that makes it
 * ours. Invariant: one owner at a time, in this process or any other, and it is empty when it is opened.
 */
import { mkdir, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { diskProblem, hasCode } from '../core/disk-problem.ts';
import { maxPartialFolderAttempts } from '../core/limits.ts';
import { fail, ok, type Result } from '../core/result.ts';
import { isUnopenable, tryLock, type FileLock } from './file-lock.ts';
import { partialFolder } from './open-partial.ts';

export interface Staging {
  readonly path: string;
  /** Removes it with what is in it. */
  close(): Promise<void>;
}

/** `key` is fit for a file name. Problems: `busy` when somebody has it open, and what the disk says. */
export async function openStaging(outDir: string, key: string): Promise<Result<Staging>> {
  const folder = join(outDir, partialFolder);
  const path = join(folder, `${key}.tree`);
  let lock: FileLock | undefined;
  try {
    lock = await lockIn(folder, `${key}.tree.lock`);
    if (!lock) return fail('busy', `Another download of the same folder is under way in ${outDir}`);
    // What a killed run left was never given a name, and is fetched again in less time than it takes to look at it.
    await rm(path, { recursive: true, force: true });
    await mkdir(path, { mode: 0o700 });
    return ok(new OpenStaging(folder, path, lock));
  } catch (error) {
    lock?.release();
    return { ok: false, problem: diskProblem(error, path) };
  }
}

class OpenStaging implements Staging {
  readonly path: string;
  readonly #folder: string;
  readonly #lock: FileLock;

  constructor(folder: string, path: string, lock: FileLock) {
    this.#folder = folder;
    this.path = path;
    this.#lock = lock;
  }

  async close(): Promise<void> {
    await rm(this.path, { recursive: true, force: true }).catch(() => undefined);
    this.#lock.release();
    // Fails while other downloads are in it, as it should.
    await rmdir(this.#folder).catch(() => undefined);
  }
}

/** Takes the lock. A download that ends removes the folder, unless something of ours is in it by then. */
async function lockIn(folder: string, name: string): Promise<FileLock | undefined> {
  for (let attempt = 1; ; attempt++) {
    try {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      return tryLock(join(folder, name));
    } catch (error) {
      if (attempt === maxPartialFolderAttempts || !isMissing(error)) throw error;
    }
  }
}

const isMissing = (error: unknown): boolean => hasCode(error, 'ENOENT') || isUnopenable(error);
