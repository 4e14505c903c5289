/**
 * One unfinished download on the disk: a file of full size in the hidden `.shoal` folder of the output folder,
 * under its content id, with its journal and its lock. Other threads write pieces into it; this remembers which.
 * Invariant: one owner at a time, and the journal never claims a piece whose bytes were not flushed. A small
 * file has no journal: to fetch it again costs less than to wait for the disk for each.
 */
import { constants } from 'node:fs';
import { mkdir, open, rm, rmdir, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { verifyManifest } from '../content/content-id.ts';
import { Bitfield, type SharedBitfield } from '../core/bitfield.ts';
import { diskProblem, hasCode } from '../core/disk-problem.ts';
import type { ContentId } from '../core/ids.ts';
import type { Manifest } from '../core/manifest.ts';
import { maxPartialFolderAttempts, maxPiecesWithoutJournal } from '../core/limits.ts';
import { pieceCount } from '../core/piece-length.ts';
import { fail, ok, type Result } from '../core/result.ts';
import { readClaims, readManifest, writeClaims, writeManifest } from './download-journal.ts';
import { isUnopenable, tryLock, type FileLock } from './file-lock.ts';
import { makeFolders, placeFile } from './place-file.ts';

/** Whether what an earlier run left can be believed. */
export type Trust =
  /** Nothing was left. */
  | 'new'
  /** It ended in order: what it claims is likely right, and there is nothing else. */
  | 'clean'
  /** It was killed: what it claims is likely right, and there may be more than it claims. */
  | 'unclean';

/** Where unfinished downloads lie, hidden, below the folder they go to. */
export const partialFolder = '.shoal';

export class PartialFile {
  readonly id: ContentId;
  readonly manifest: Manifest;
  readonly path: string;
  readonly trust: Trust;
  /** Flushed or not: all pieces that were added. */
  readonly have: SharedBitfield;
  readonly #folder: string;
  readonly #file: FileHandle;
  readonly #lock: FileLock;
  readonly #isJournaled: boolean;
  #flushing: Promise<Result<void>> | undefined;
  #unflushed = 0;
  /** Ends come one after the other: a download may be stopped while its file is given its name. */
  #ending: Promise<unknown> = Promise.resolve();
  #isSpent = false;

  private constructor(
    parts: Pick<PartialFile, 'id' | 'manifest' | 'path' | 'trust' | 'have'>,
    folder: string,
    file: FileHandle,
    lock: FileLock,
  ) {
    this.id = parts.id;
    this.manifest = parts.manifest;
    this.path = parts.path;
    this.trust = parts.trust;
    this.have = parts.have;
    this.#folder = folder;
    this.#file = file;
    this.#lock = lock;
    this.#isJournaled = isJournaled(this.have.length);
  }

  /** Problems: `busy` when another download holds it, and what the disk says. */
  static async open(outDir: string, id: ContentId, manifest: Manifest): Promise<Result<PartialFile>> {
    const folder = join(outDir, partialFolder);
    const path = join(folder, `${id}.part`);
    let lock: FileLock | undefined;
    let file: FileHandle | undefined;
    try {
      lock = await lockIn(folder, `${id}.lock`);
      if (!lock) return fail('busy', `Another download of the same content is under way in ${outDir}`);
      const pieces = pieceCount(manifest.sizeBytes);
      const claims = isJournaled(pieces)
        ? await readClaims(join(folder, `${id}.have`), id, pieces)
        : undefined;
      const existing = claims && (await openExisting(path, manifest.sizeBytes));
      file = existing ?? (await createNew(path, manifest.sizeBytes));
      const have = Bitfield.shared(pieces);
      if (existing && claims) have.take(claims.have, Infinity);
      const trust = existing ? (claims?.clean ? 'clean' : 'unclean') : 'new';
      if (isJournaled(pieces)) {
        if (trust === 'new') await writeManifest(join(folder, `${id}.manifest`), manifest);
        await writeClaims(join(folder, `${id}.have`), id, { have, clean: false });
      }
      return ok(new PartialFile({ id, manifest, path, trust, have }, folder, file, lock));
    } catch (error) {
      await file?.close();
      lock?.release();
      return { ok: false, problem: diskProblem(error, path) };
    }
  }

  /** The manifest that an earlier run left in this folder, proved. */
  static async storedManifest(outDir: string, id: ContentId): Promise<Manifest | undefined> {
    const stored = await readManifest(join(outDir, partialFolder, `${id}.manifest`));
    const proved = stored && verifyManifest(id, stored);
    return proved?.ok ? proved.value : undefined;
  }

  /** Removes what an earlier run left, unless somebody is at work on it. */
  static async discard(outDir: string, id: ContentId): Promise<void> {
    const stored = await PartialFile.storedManifest(outDir, id);
    const partial = stored && (await PartialFile.open(outDir, id, stored));
    if (partial?.ok) await partial.value.discard();
  }

  /** How many bytes of the file have been given a place on the disk: fewer than its size while it has holes. */
  async allocatedBytes(): Promise<number> {
    const { blocks } = await this.#file.stat();
    return blocks * 512;
  }

  /** How many pieces were added since the last flush began. */
  get unflushedPieces(): number {
    return this.#unflushed;
  }

  /** A piece is on the disk and right. Whether that is news. */
  add(piece: number): boolean {
    const news = this.have.set(piece);
    if (news) this.#unflushed++;
    return news;
  }

  /** A claimed piece turned out wrong. */
  remove(piece: number): void {
    this.have.clear(piece);
  }

  /** Flushes the data, then claims it. One flush at a time: a second call joins the one under way. */
  flush(): Promise<Result<void>> {
    this.#flushing ??= this.#flush(false).finally(() => (this.#flushing = undefined));
    return this.#flushing;
  }

  /**
   * All is there: gives it its name in `folders` below the output folder, or `name (1).ext` and so on where that is taken, and removes
   * what was beside it. Returns the path. The partial file is spent, unless there was a problem.
   */
  finish(folders: readonly string[], name: string): Promise<Result<string>> {
    return this.#end(() => this.#finish(folders, name), fail('closed', 'The partial file is closed'));
  }

  /** Keeps it for another run, if it is worth keeping. `isComplete`: nothing was written that was not added. */
  close(isComplete: boolean): Promise<void> {
    return this.#end(() => (this.#isJournaled ? this.#keep(isComplete) : this.#remove()), undefined);
  }

  /** Removes it for good. */
  discard(): Promise<void> {
    return this.#end(() => this.#remove(), undefined);
  }

  /** Takes the step unless an earlier one was the end. */
  #end<T>(step: () => Promise<T>, late: T): Promise<T> {
    const ended = this.#ending.then(() => (this.#isSpent ? late : step()));
    this.#ending = ended.catch(() => undefined);
    return ended;
  }

  async #finish(folders: readonly string[], name: string): Promise<Result<string>> {
    const outDir = dirname(this.#folder);
    try {
      await this.#flushing;
      await this.#file.datasync();
      const folder = await makeFolders(outDir, folders);
      if (!folder.ok) return folder;
      const path = await placeFile(this.path, folder.value, name);
      await this.#file.close();
      await this.#removeJournal();
      return ok(path);
    } catch (error) {
      return { ok: false, problem: diskProblem(error, join(outDir, ...folders, name)) };
    }
  }

  async #keep(isComplete: boolean): Promise<void> {
    await this.#flushing;
    await this.#flush(isComplete);
    await this.#file.close();
    this.#lock.release();
    this.#isSpent = true;
  }

  async #remove(): Promise<void> {
    await this.#flushing;
    await this.#file.close();
    await rm(this.path, { force: true });
    await this.#removeJournal();
  }

  async #flush(clean: boolean): Promise<Result<void>> {
    // Taken before the flush: what is added while it runs is not covered by it.
    const have = Bitfield.decode(this.have.encode(), this.have.length) ?? this.have;
    this.#unflushed = 0;
    try {
      await this.#file.datasync();
      if (this.#isJournaled)
        await writeClaims(join(this.#folder, `${this.id}.have`), this.id, { have, clean });
      return ok(undefined);
    } catch (error) {
      return { ok: false, problem: diskProblem(error, this.path) };
    }
  }

  async #removeJournal(): Promise<void> {
    const kinds = this.#isJournaled ? ['have', 'have.new', 'manifest', 'manifest.new'] : [];
    for (const kind of kinds) await rm(join(this.#folder, `${this.id}.${kind}`), { force: true });
    this.#lock.release();
    this.#isSpent = true;
    // Fails while other downloads are in it, as it should.
    await rmdir(this.#folder).catch(() => undefined);
  }
}

const isJournaled = (pieces: number): boolean => pieces > maxPiecesWithoutJournal;

/** Takes the lock. A download that ends removes the folder, unless something of ours is in it by then. */
async function lockIn(folder: string, name: string): Promise<FileLock | undefined> {
  for (let attempt = 1; ; attempt++) {
    try {
      return tryLock(join(folder, name));
    } catch (error) {
      if (attempt === maxPartialFolderAttempts || !isMissing(error)) throw error;
    }
    try {
      await mkdir(folder, { recursive: true, mode: 0o700 });
    } catch (error) {
      // It was removed between its being there already and the look at what it is.
      if (!isMissing(error)) throw error;
    }
  }
}

const isMissing = (error: unknown): boolean => hasCode(error, 'ENOENT') || isUnopenable(error);

/** Undefined when there is none of this size, or something that is no ordinary file. */
async function openExisting(path: string, sizeBytes: number): Promise<FileHandle | undefined> {
  let file: FileHandle;
  try {
    file = await open(path, constants.O_RDWR | constants.O_NOFOLLOW);
  } catch (error) {
    if (hasCode(error, 'ENOENT') || hasCode(error, 'ELOOP')) return undefined;
    throw error;
  }
  const stats = await file.stat();
  if (stats.isFile() && stats.size === sizeBytes) return file;
  await file.close();
  return undefined;
}

async function createNew(path: string, sizeBytes: number): Promise<FileHandle> {
  const file = await openNew(path);
  try {
    await file.truncate(sizeBytes);
    return file;
  } catch (error) {
    await file.close();
    await rm(path, { force: true });
    throw error;
  }
}

async function openNew(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'wx+', 0o644);
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
    await rm(path, { force: true });
    return open(path, 'wx+', 0o644);
  }
}
