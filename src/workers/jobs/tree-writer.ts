/**
 * The job that puts the files of one tree on the disk: writes what fetch jobs hand over under hidden names, flushes
 * many files at once, and only then gives them theirs.
 * Invariant: a name that it gives stands for a whole, verified, flushed file, and every file that it was told of
 * and given ends exactly once, in a report.
 */
import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import type { MessagePort } from 'node:worker_threads';
import { stampOf } from '../../core/file-stamp.ts';
import { flushEveryMs, flushGroupBytes, flushGroupFiles } from '../../core/limits.ts';
import { openChannel, type Calls } from '../channel.ts';
import type {
  FailedFile,
  FilesForDisk,
  FilesTaken,
  PlacedFile,
  TreePage,
  TreePrepared,
  TreeWriterControl,
  TreeWriterHost,
  WriteTreeInput,
  WrittenFile,
} from '../tree-contract.ts';
import { copyVerified, failureOf, manifestOfFile, writeNew } from './disk-files.ts';
import { flushFiles } from './flush.ts';
import { Placer } from './placer.ts';
import { Slice } from './slice.ts';
import { FolderFinder, lookAtPage } from './tree-look.ts';

/** Ends when the actor stops it, after the last report, or is gone. */
export async function writeTree(input: WriteTreeInput): Promise<void> {
  const over = Promise.withResolvers<void>();
  const control: TreeWriterControl = {
    prepare: (page) => writer.prepare(page),
    connect: (store) => writer.connect(store),
    copy: (file, from) => void writer.copy(file, from),
    stop: () => over.resolve(),
  };
  const channel = openChannel<TreeWriterHost>(input.link, control);
  const writer = new TreeWriter(input, channel.remote);
  void channel.closed.then(() => over.resolve());
  await over.promise;
  await writer.end();
  channel.close();
}

/** Written under a hidden name. */
interface Staged {
  readonly placed: PlacedFile;
  readonly path: string;
}

class TreeWriter {
  readonly #input: WriteTreeInput;
  readonly #host: Calls<TreeWriterHost>;
  readonly #placer: Placer;
  readonly #stores = new Set<MessagePort>();
  /** Files that it was told of and that have not come. */
  readonly #awaited = new Map<number, PlacedFile>();
  #staged: Staged[] = [];
  #stagedBytes = 0;
  #lastName = 0;
  /** Looks and copies go one after the other. */
  #turns: Promise<unknown> = Promise.resolve();
  #flushing: Promise<void> | undefined;
  #flushTimer: NodeJS.Timeout | undefined;
  #reports: Promise<unknown> = Promise.resolve();

  constructor(input: WriteTreeInput, host: Calls<TreeWriterHost>) {
    this.#input = input;
    this.#host = host;
    this.#placer = new Placer(input.outDir);
  }

  prepare(page: TreePage): Promise<TreePrepared> {
    return this.#inTurn(async () => {
      const { here, missing, failed, problem } = await lookAtPage(this.#placer, this.#input.outDir, page);
      for (const placed of missing) this.#awaited.set(placed.file, placed);
      const written: WrittenFile[] = [];
      for (const { placed, path } of here) written.push(await this.#written(placed, path));
      return { written, failed, problem };
    });
  }

  connect(store: MessagePort): void {
    this.#stores.add(store);
    store.on('message', (message: FilesForDisk) => {
      this.#take(message);
      store.postMessage({ bytes: message.bytes } satisfies FilesTaken, [message.bytes.buffer]);
    });
    store.once('close', () => this.#stores.delete(store));
  }

  copy(file: number, from: string): Promise<void> {
    return this.#inTurn(async () => {
      const placed = this.#awaited.get(file);
      if (placed) await this.#copy(placed, from);
      this.#flushIfDue();
    });
  }

  /** All that has come gets its name first. */
  async end(): Promise<void> {
    clearTimeout(this.#flushTimer);
    for (const store of this.#stores) store.close();
    await this.#turns;
    await this.#flushing;
    await this.#flush();
    await this.#reports;
  }

  #inTurn<T>(step: () => Promise<T>): Promise<T> {
    const turn = this.#turns.then(step);
    this.#turns = turn.catch(() => undefined);
    return turn;
  }

  #take({ bytes, files }: FilesForDisk): void {
    const failed: FailedFile[] = [];
    for (const { file, at, length } of files) {
      const placed = this.#awaited.get(file);
      // It came over another connection as well.
      if (!placed) continue;
      this.#awaited.delete(file);
      const path = this.#hiddenPath();
      try {
        writeNew(path, bytes.subarray(at, at + length));
        this.#stage(placed, path, length);
      } catch (error) {
        failed.push(failureOf(placed, path, error));
      }
    }
    this.#report([], failed);
    this.#flushIfDue();
  }

  async #copy(placed: PlacedFile, from: string): Promise<void> {
    const path = this.#hiddenPath();
    try {
      if (await copyVerified(from, path, placed)) {
        this.#awaited.delete(placed.file);
        return this.#stage(placed, path, placed.sizeBytes);
      }
    } catch {
      // What was there is gone or cannot be read: then it is fetched like any other.
    }
    const problem = { code: 'stale', message: `It is no longer what was written: ${from}` } as const;
    this.#report([], [{ file: placed.file, problem, isDisk: false }]);
  }

  #stage(placed: PlacedFile, path: string, bytes: number): void {
    this.#staged.push({ placed, path });
    this.#stagedBytes += bytes;
  }

  #hiddenPath(): string {
    return join(this.#input.staging, String(++this.#lastName));
  }

  /** When there is much to flush, when nothing more is to come, or after a while. */
  #flushIfDue(): void {
    if (this.#flushing || this.#staged.length === 0) return;
    const isMuch = this.#staged.length >= flushGroupFiles || this.#stagedBytes >= flushGroupBytes;
    if (isMuch || this.#awaited.size === 0) this.#startFlush();
    else this.#flushTimer ??= setTimeout(() => this.#startFlush(), flushEveryMs);
  }

  #startFlush(): void {
    clearTimeout(this.#flushTimer);
    this.#flushTimer = undefined;
    this.#flushing ??= this.#flush().finally(() => {
      this.#flushing = undefined;
      this.#flushIfDue();
    });
  }

  async #flush(): Promise<void> {
    const group = this.#staged;
    this.#staged = [];
    this.#stagedBytes = 0;
    if (group.length === 0) return;
    const { staging } = this.#input;
    try {
      await flushFiles(
        staging,
        group.map(({ path }) => path),
      );
    } catch (error) {
      const failed = group.map(({ placed }) => ({ ...failureOf(placed, staging, error), isDisk: true }));
      return this.#report([], failed);
    }
    await this.#nameAll(group);
  }

  async #nameAll(group: readonly Staged[]): Promise<void> {
    // Looked at anew: much may have happened to the folders since the files were prepared.
    const finder = new FolderFinder(this.#placer, this.#input.outDir);
    const slice = new Slice();
    let written: WrittenFile[] = [];
    for (const { placed, path } of group) {
      const folder = finder.find(placed.folders);
      if (!folder.ok) {
        this.#report([], [{ file: placed.file, problem: folder.problem, isDisk: folder.isDisk }]);
        continue;
      }
      try {
        const named = this.#placer.place(path, folder.value, placed.name);
        written.push(await this.#written(placed, named));
      } catch (error) {
        this.#report([], [failureOf(placed, join(folder.value, placed.name), error)]);
      }
      if (!slice.isOver) continue;
      this.#report(written, []);
      written = [];
      await slice.pause();
    }
    this.#report(written, []);
  }

  async #written(placed: PlacedFile, path: string): Promise<WrittenFile> {
    const { file, id, sizeBytes } = placed;
    if (!this.#input.adopts) return { file, path, id, adoption: undefined };
    const stamp = stampOf(lstatSync(path, { bigint: true }));
    const manifest = await manifestOfFile(path, sizeBytes);
    return { file, path, id, adoption: manifest && { stamp, manifest } };
  }

  #report(written: readonly WrittenFile[], failed: readonly FailedFile[]): void {
    if (written.length + failed.length === 0) return;
    // When the actor is gone nobody wants to know.
    this.#reports = this.#host.report({ written, failed }).catch(() => undefined);
  }
}
