/**
 * A hidden folder below an output folder in which files lie until they have their names, the lock that makes it ours,
 * and a list of the contents whose partial files lie beside it.
 * Invariant: one owner at a time, in this process or any other, and it is empty when it is opened.
 */
import { appendFile, lstat, mkdir, readFile, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { diskProblem, hasCode } from '../core/disk-problem.ts';
import { decodeId, type ContentId } from '../core/ids.ts';
import { maxPartialFolderAttempts } from '../core/limits/downloads.ts';
import { fail, ok, type Result } from '../core/result.ts';
import { isUnopenable, tryLock, type FileLock } from './file-lock.ts';
import { makeFolders } from './make-folders.ts';
import { partialFolder, partialPaths } from './open-partial.ts';
import { discardLeft } from './left-partial.ts';

export interface Staging {
  readonly path: string;
  /** A content is begun in the same output folder: whoever discards this is to find it, in another run as well. */
  begun(id: ContentId): void;
  /** Contents of this run and earlier ones of which something is left. */
  leftovers(): Promise<readonly ContentId[]>;
  /** Lets go of it for who opens it next, who finds the list. */
  release(): void;
  /** Removes it with what is in it. Contents that were begun are over. */
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
    return ok(new OpenStaging(outDir, path, lock));
  } catch (error) {
    lock?.release();
    return { ok: false, problem: diskProblem(error, path) };
  }
}

/** What has its place on the disk of contents that were begun and are not finished, whoever has it open. */
export async function leftoverBytes(outDir: string, key: string): Promise<number> {
  const ids = await listedIn(join(outDir, partialFolder, `${key}.tree.contents`));
  let bytes = 0;
  for (const id of ids) {
    const part = await lstat(partialPaths(outDir, id).part).catch(() => undefined);
    bytes += (part?.blocks ?? 0) * 512;
  }
  return bytes;
}

async function listedIn(list: string): Promise<ReadonlySet<ContentId>> {
  const text = await readFile(list, 'utf8').catch(() => '');
  return new Set(text.split('\n').flatMap((line) => (decodeId(line) ? [line as ContentId] : [])));
}

/**
 * Removes what lies there for nobody: whoever let go of it with `release` cannot have it again. The list stays, as its
 * contents may be under way.
 */
export async function clearStaging(outDir: string, key: string): Promise<void> {
  const folder = join(outDir, partialFolder);
  const path = join(folder, `${key}.tree`);
  try {
    const lock = tryLock(`${path}.lock`);
    if (!lock) return;
    await rm(path, { recursive: true, force: true }).catch(() => undefined);
    lock.release();
    await rmdir(folder);
  } catch {
    // It is away with its disk, or other downloads are in it.
  }
}

class OpenStaging implements Staging {
  readonly path: string;
  readonly #outDir: string;
  readonly #lock: FileLock;
  readonly #list: string;
  /** Begun, and not on the list. */
  readonly #unlisted = new Set<ContentId>();
  /** Settles when the list is written. */
  #listed: Promise<void> = Promise.resolve();

  constructor(outDir: string, path: string, lock: FileLock) {
    this.#outDir = outDir;
    this.path = path;
    this.#lock = lock;
    this.#list = `${path}.contents`;
  }

  begun(id: ContentId): void {
    this.#unlisted.add(id);
    this.#listed = this.#listed.then(() => this.#write());
  }

  async leftovers(): Promise<readonly ContentId[]> {
    return (await this.#found()) ?? [];
  }

  release(): void {
    this.#lock.release();
  }

  async close(): Promise<void> {
    await this.#clear();
    const left = await this.#found();
    const isAway = !(await isThere(this.path));
    if (left?.length === 0 && !isAway) await rm(this.#list, { force: true }).catch(() => undefined);
    await rm(this.path, { recursive: true, force: true }).catch(() => undefined);
    this.release();
    // Fails while other downloads are in it, as it should.
    await rmdir(join(this.#outDir, partialFolder)).catch(() => undefined);
  }

  /** What lies beside no partial file is of use to nobody. */
  async #clear(): Promise<void> {
    for (const id of await this.leftovers())
      if (!(await isThere(partialPaths(this.#outDir, id).part))) await discardLeft(this.#outDir, id);
  }

  /** Undefined when nobody knows: there is no list, or it is away with its disk and may be back in a moment. */
  async #found(): Promise<readonly ContentId[] | undefined> {
    await this.#listed;
    await this.#write();
    const text = await readFile(this.#list, 'utf8').catch(() => undefined);
    const ids = new Set(text?.split('\n').flatMap((line) => (decodeId(line) ? [line as ContentId] : [])));
    const left: ContentId[] = [];
    for (const id of ids) if (await isAnyLeft(this.#outDir, id)) left.push(id);
    return text === undefined ? undefined : left;
  }

  async #write(): Promise<void> {
    const ids = [...this.#unlisted];
    if (ids.length === 0) return;
    try {
      await appendFile(this.#list, ids.map((id) => `${id}\n`).join(''));
      for (const id of ids) this.#unlisted.delete(id);
    } catch {
      // Full, or away with its disk: written with the next, or when it is asked for.
    }
  }
}

/** A journal or a lock alone is, where the folder was away when it was to be removed or its partial file to be made. */
async function isAnyLeft(outDir: string, id: ContentId): Promise<boolean> {
  const { part, have, manifest, lock } = partialPaths(outDir, id);
  for (const path of [part, have, manifest, lock]) if (await isThere(path)) return true;
  return false;
}

async function isThere(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}

/** Takes the lock. A download that ends removes the folder, unless something of ours is in it by then. */
async function lockIn(folder: string, name: string): Promise<FileLock | undefined> {
  for (let attempt = 1; ; attempt++) {
    try {
      makeFolders(folder, 0o700);
      return tryLock(join(folder, name));
    } catch (error) {
      if (attempt === maxPartialFolderAttempts || !isMissing(error)) throw error;
    }
  }
}

const isMissing = (error: unknown): boolean => hasCode(error, 'ENOENT') || isUnopenable(error);
