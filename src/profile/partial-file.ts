/**
 * One unfinished download on the disk: a file of full size in the hidden `.shoal` folder of the output folder,
 * under its content id, with its journal and its lock. Other threads write pieces into it; this remembers which.
 * Invariant: one owner at a time, and the journal never claims a piece whose bytes were not flushed. It has only pieces
 * that were hashed in this life, or in one that ended in order since when nobody has touched the file; only with all of
 * them does it get a name. A small file has no journal: to fetch it again costs less than to wait for the disk for each.
 */
import { join } from 'node:path';
import { Bitfield, type SharedBitfield } from '../core/swarm/bitfield.ts';
import { diskProblem } from '../core/disk-problem.ts';
import type { ContentId } from '../core/ids.ts';
import { partialWritersMs } from '../core/limits/downloads.ts';
import type { Manifest } from '../core/swarm/manifest.ts';
import { pieceCount, pieceSize } from '../core/swarm/piece-length.ts';
import { PieceWriters } from '../core/swarm/piece-writers.ts';
import { fail, ok, type Result } from '../core/result.ts';
import { realDisk, type Disk } from './disk.ts';
import type { FileTimes } from './download-journal.ts';
import { type OpenedPartial, openPartial, seeItLiesThere, partialPaths, type Trust } from './open-partial.ts';
import { makeFolders, placeFile } from './place-file.ts';
import { lossProblem } from './target-folder.ts';

export class PartialFile {
  readonly id: ContentId;
  readonly manifest: Manifest;
  /** Those that write to it. */
  readonly writers: PieceWriters;
  readonly #opened: OpenedPartial;
  readonly #disk: Disk;
  readonly #outDir: string;
  /** What the last flush covered. */
  #flushed: Bitfield;
  #flushing: Promise<Result<void>> | undefined;
  #unflushed = 0;
  /** Something that was written cannot be trusted to have reached the disk, though it may still be read back. */
  #hasLostWrites = false;
  /** A piece that was had turned out wrong: somebody else writes to it. */
  #isMeddledWith = false;
  /** Ends come one after the other: a download may be stopped while its file is given its name. */
  #ending: Promise<unknown> = Promise.resolve();
  #isSpent = false;
  /** Called right before pieces that were had are not had any more, as long as others may see what is had. */
  onLoss: (() => void) | undefined;

  private constructor(disk: Disk, outDir: string, id: ContentId, manifest: Manifest, opened: OpenedPartial) {
    this.id = id;
    this.manifest = manifest;
    this.#disk = disk;
    this.#outDir = outDir;
    this.#opened = opened;
    this.writers = PieceWriters.of(pieceCount(manifest.sizeBytes));
    this.#flushed = this.claimed;
  }

  /** `outDir` exists. Problems: `busy` when another download holds it, and what the disk says. */
  static async open(
    outDir: string,
    id: ContentId,
    manifest: Manifest,
    disk: Disk = realDisk,
  ): Promise<Result<PartialFile>> {
    try {
      const opened = await openPartial(disk, outDir, id, manifest);
      if (opened) return ok(new PartialFile(disk, outDir, id, manifest, opened));
      return fail('busy', `Another download of the same content is under way in ${outDir}`);
    } catch (error) {
      return { ok: false, problem: diskProblem(error, partialPaths(outDir, id).part) };
    }
  }

  get path(): string {
    return this.#opened.path;
  }

  get trust(): Trust {
    return this.#opened.trust;
  }

  /** Flushed or not: all pieces that were added. */
  get have(): SharedBitfield {
    return this.#opened.have;
  }

  /** What an earlier run claimed and nobody has read yet, if that run did not end in order: it is not had. */
  get doubted(): Bitfield {
    return this.#opened.doubted;
  }

  /** A flush failed in an earlier run: what that one did not claim may read back right and be lost all the same. */
  get hasLostWrites(): boolean {
    return this.#opened.hasLostWrites;
  }

  get isInDoubt(): boolean {
    return this.doubted.firstHad() !== undefined;
  }

  /** A copy: what is had and what is in doubt. */
  get claimed(): Bitfield {
    const claimed = this.have.copy();
    claimed.take(this.doubted, Infinity);
    return claimed;
  }

  /** What the next run finds whatever happens now. */
  get keptBytes(): number {
    if (!this.#opened.journal) return 0;
    const { sizeBytes, pieceLength } = this.manifest;
    const last = this.#flushed.length - 1;
    const short = this.#flushed.has(last) ? pieceLength - pieceSize(sizeBytes, last) : 0;
    return this.#flushed.count * pieceLength - short;
  }

  /** How many bytes of the file have been given a place on the disk: fewer than its size while it has holes. */
  async allocatedBytes(): Promise<number> {
    const { blocks } = await this.#opened.file.stat();
    return blocks * 512;
  }

  /** How many pieces were added since the last flush began. */
  get unflushedPieces(): number {
    return this.#unflushed;
  }

  /**
   * A piece was written and is right. Whether that is news. After a flush that failed nothing is: the piece may have
   * been written before it, and be lost.
   */
  add(piece: number): boolean {
    if (this.#hasLostWrites) return false;
    this.doubted.clear(piece);
    const news = this.have.set(piece);
    if (news) this.#unflushed++;
    return news;
  }

  /** A piece in doubt was read and is right. */
  confirm(piece: number): void {
    if (this.doubted.clear(piece)) this.have.set(piece);
  }

  /** A claimed piece turned out wrong. Of one that was had, all others are to be doubted by the next run. */
  remove(piece: number): void {
    const wasWritten = this.writers.forget(piece);
    if (this.have.clear(piece) || wasWritten) this.#isMeddledWith = true;
    this.doubted.clear(piece);
    this.#flushed.clear(piece);
  }

  /** Nothing that is claimed is believed any more. */
  doubtAll(): void {
    this.doubted.take(this.have, Infinity);
    for (const { start, end } of this.doubted.ranges())
      for (let piece = start; piece < end; piece++) this.have.clear(piece);
  }

  /**
   * Flushes the data, then claims it. One flush at a time: a second call joins the one under way. After a problem
   * what was not flushed before is not had any more. Problems: what the disk says, also when the file lies no
   * longer where it did.
   */
  flush(): Promise<Result<void>> {
    this.#flushing ??= this.#flush(false).finally(() => (this.#flushing = undefined));
    return this.#flushing;
  }

  /**
   * All is there: gives it its name in `folders` below the output folder, or `name (1).ext` and so on where that
   * is taken, and removes what was beside it. Returns the path. The partial file is spent, unless there was a
   * problem.
   */
  finish(folders: readonly string[], name: string): Promise<Result<string>> {
    return this.#end(() => this.#finish(folders, name), fail('closed', 'The partial file is closed'));
  }

  /**
   * Waits for those that write to it, though not for ever, and adds what they have written. Whether none of them is
   * left, so that it can be closed quietly.
   */
  async settle(): Promise<boolean> {
    const areGone = await this.writers.areGone(partialWritersMs);
    for (const piece of this.writers.written()) this.add(piece);
    return areGone;
  }

  /** Keeps it for another run, if it is worth keeping. `isQuiet`: nobody has written what was not added. */
  close(isQuiet: boolean): Promise<void> {
    return this.#end(() => (this.#opened.journal ? this.#keep(isQuiet) : this.#remove()), undefined);
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
    const { file, path } = this.#opened;
    const target = join(this.#outDir, ...folders, name);
    try {
      // Who died writes for ever, as far as is known: it is not waited for so long.
      this.writers.end();
      await this.writers.areGone(partialWritersMs);
      const joined = await this.#flushing;
      const flushed = joined?.ok === false ? joined : await this.#flush(false);
      if (!flushed.ok) return flushed;
      if (!this.have.isFull) return fail('io', `What was written to it is lost: ${path}`);
      const folder = await makeFolders(this.#outDir, folders, this.#disk);
      if (!folder.ok) return folder;
      const placed = await placeFile(path, folder.value, name, this.#disk);
      await file.close();
      await this.#removeJournal();
      return ok(placed);
    } catch (error) {
      return { ok: false, problem: await lossProblem(error, target, this.#outDir, this.#disk) };
    }
  }

  async #keep(isQuiet: boolean): Promise<void> {
    const { file, lock, journal } = this.#opened;
    await this.#flushing;
    this.writers.end();
    // What is in doubt is to be doubted again.
    await this.#flush(isQuiet && !this.isInDoubt && !this.#isMeddledWith);
    await file.close();
    await journal?.close();
    lock.release();
    this.#isSpent = true;
  }

  async #remove(): Promise<void> {
    this.writers.end();
    await this.#flushing;
    await this.#opened.file.close();
    await this.#disk.rm(this.path, { force: true });
    await this.#removeJournal();
  }

  async #flush(isClosing: boolean): Promise<Result<void>> {
    const { file, have } = this.#opened;
    // Taken before the flush: what is added while it runs is not covered by it.
    const covered = isClosing ? have.copy() : this.claimed;
    this.#unflushed = 0;
    try {
      await seeItLiesThere(this.#disk, this.#opened, this.manifest.sizeBytes);
      await file.datasync();
      const closed = isClosing ? await file.stat({ bigint: true }) : undefined;
      await this.#claim(covered, closed);
      this.#flushed = covered;
      return ok(undefined);
    } catch (error) {
      this.#forgetUnflushed();
      // Whoever opens it next is to look for nothing else. A disk that takes not even that is read in vain as well.
      await this.#claim(this.#flushed, undefined).catch(() => undefined);
      return { ok: false, problem: await lossProblem(error, this.path, this.#outDir, this.#disk) };
    }
  }

  async #claim(have: Bitfield, closed: FileTimes | undefined): Promise<void> {
    const { journal, inode } = this.#opened;
    await journal?.write({ have, inode, closed, hasLostWrites: this.#hasLostWrites || this.hasLostWrites });
  }

  /** A system reports only once that it could not write something, and what it then reads back proves nothing. */
  #forgetUnflushed(): void {
    this.#hasLostWrites = true;
    this.onLoss?.();
    const { have } = this.#opened;
    for (const { start, end } of have.ranges())
      for (let piece = start; piece < end; piece++) if (!this.#flushed.has(piece)) have.clear(piece);
  }

  async #removeJournal(): Promise<void> {
    const { lock, journal } = this.#opened;
    const { folder, have, manifest } = partialPaths(this.#outDir, this.id);
    if (journal) {
      await journal.close();
      for (const path of [have, manifest, `${manifest}.new`]) await this.#disk.rm(path, { force: true });
    }
    lock.release();
    this.#isSpent = true;
    // Fails while other downloads are in it, as it should.
    await this.#disk.rmdir(folder).catch(() => undefined);
  }
}
