/**
 * The job that puts the files of one tree on the disk: writes what fetch jobs hand over under hidden names, flushes
 * many files at once, and only then gives them, or the new folder they are in, theirs.
 * Invariant: a name that it gives stands for a whole, verified, flushed file, and every file that it was told of
 * and given ends exactly once, in a report.
 */
import { randomUUID } from 'node:crypto';
import type { MessagePort } from 'node:worker_threads';
import { manifestOf } from '../../../content/manifest-hasher.ts';
import { hasCode } from '../../../core/disk-problem.ts';
import { flushEveryMs } from '../../../core/limits/downloads.ts';
import {
  copyStepTimeoutMs,
  flushGroupBytes,
  flushGroupFiles,
  maxFolderWaitBytes,
  maxSmallFileBytes,
} from '../../../core/limits/trees.ts';
import { openChannel } from '../../channel.ts';
import {
  wordsPerFile,
  type FilesForDisk,
  type FilesTaken,
  type PlacedFile,
  type TreePage,
  type TreePrepared,
  type TreeWriterControl,
  type TreeWriterHost,
  type WriteTreeInput,
} from '../../tree-contract.ts';
import { AwaitedFiles, type AwaitedFile } from '../fetch/awaited-files.ts';
import { copyVerified, failureOf, writeNew } from './disk-files.ts';
import { flushFiles } from './flush.ts';
import { NewFolders, type NewFolder, type StagedFile } from './new-folder.ts';
import { Placer } from './placer.ts';
import { lookAtPage } from './tree-look.ts';
import { TreeNaming } from './tree-naming.ts';
import { TreeReports } from './tree-reports.ts';

/** Ends when the actor stops it, after the last report, or is gone. */
export async function writeTree(input: WriteTreeInput): Promise<void> {
  const over = Promise.withResolvers<void>();
  const control: TreeWriterControl = {
    prepare: (page) => writer.prepare(page),
    connect: (store) => writer.connect(store),
    copy: (file, from) => void writer.copy(file, from),
    setAside: (files) => writer.setAside(files),
    forget: (files) => writer.forget(files),
    stop: () => over.resolve(),
  };
  const channel = openChannel<TreeWriterHost>(input.link, control);
  const reports = new TreeReports((report) => channel.remote.report(report));
  const writer = new TreeWriter(input, reports);
  void channel.closed.then(() => over.resolve());
  await over.promise;
  await writer.end();
  channel.close();
}

interface Staged extends StagedFile {
  readonly folder: NewFolder | undefined;
}

class TreeWriter {
  readonly #input: WriteTreeInput;
  readonly #reports: TreeReports;
  readonly #placer: Placer;
  readonly #stores = new Set<MessagePort>();
  readonly #awaited = new AwaitedFiles();
  readonly #newFolders = new NewFolders();
  readonly #naming: TreeNaming;
  #staged: Staged[] = [];
  #stagedBytes = 0;
  /** No other writer has had such names: what one has left behind on a disk that hung may come back later. */
  readonly #names = randomUUID().slice(0, 8);
  #lastName = 0;
  /** Looks go one after the other, and so do copies, beside them: a large one takes long. */
  #looks: Promise<unknown> = Promise.resolve();
  #copies: Promise<unknown> = Promise.resolve();
  readonly #ending = new AbortController();
  #flushing: Promise<void> | undefined;
  #flushTimer: NodeJS.Timeout | undefined;
  /** Something has waited for its name for `flushEveryMs`. */
  #isLate = false;

  constructor(input: WriteTreeInput, reports: TreeReports) {
    this.#input = input;
    this.#reports = reports;
    this.#placer = new Placer(input.outDir);
    const { outDir } = input;
    const [placer, newFolders] = [this.#placer, this.#newFolders];
    this.#naming = new TreeNaming({ outDir, placer, newFolders, reports });
  }

  prepare(page: TreePage): Promise<TreePrepared> {
    const prepared = this.#looks.then(async () => {
      const { signal } = this.#ending;
      const looked = await lookAtPage(this.#placer, this.#input.outDir, page, signal);
      const { here, missing, failed, problem } = looked;
      for (const { placed, isAlone } of missing)
        if (placed.sizeBytes > maxSmallFileBytes) this.#awaited.expectAside(placed);
        else this.#awaited.expect(placed, isAlone ? this.#newFolderFor(placed) : undefined);
      const answer = new TreeReports(() => Promise.resolve());
      for (const { placed, path, manifest } of here)
        answer.written(placed, path, this.#input.adopts ? manifest : undefined);
      for (const one of failed) answer.failed(one);
      return { ...answer.take(), problem };
    });
    this.#looks = prepared.catch(() => undefined);
    return prepared;
  }

  /** Undefined when it cannot be made: then the file says why when it is written. */
  #newFolderFor(placed: PlacedFile): NewFolder | undefined {
    try {
      return this.#newFolders.expect(placed, () => this.#hiddenPath());
    } catch {
      return undefined;
    }
  }

  connect(store: MessagePort): void {
    this.#stores.add(store);
    store.on('message', (message: FilesForDisk) => {
      this.#take(message);
      const { bytes } = message;
      const taken = (): void => store.postMessage({ bytes } satisfies FilesTaken, [bytes.buffer]);
      // The disk is behind: who sends more than it takes waits for it.
      if (this.#flushing && this.#stagedBytes >= flushGroupBytes) void this.#flushing.then(taken, taken);
      else taken();
    });
    store.once('close', () => this.#stores.delete(store));
  }

  copy(file: number, from: string): Promise<void> {
    const copied = this.#copies.then(async () => {
      const awaited = this.#awaited.get(file);
      if (awaited && !this.#ending.signal.aborted) await this.#copy(awaited, from);
      this.#flushIfDue();
    });
    this.#copies = copied.catch(() => undefined);
    return copied;
  }

  setAside(files: readonly number[]): void {
    this.#awaited.setAside(files);
    this.#naming.nameWhole();
    this.#flushIfDue();
  }

  forget(files: readonly number[]): void {
    for (const file of files) this.#awaited.remove(file);
    this.#naming.nameWhole();
    this.#flushIfDue();
  }

  /** All that has come gets its name first. What reads a file that does not answer is not waited for. */
  async end(): Promise<void> {
    for (const store of this.#stores) store.close();
    this.#ending.abort();
    await Promise.all([this.#looks, this.#copies]);
    await this.#flushed();
    this.#isLate = true;
    // As any other: one beside it, when the time is over, would take from it that it is late.
    this.#startFlush();
    await this.#flushed();
    clearTimeout(this.#flushTimer);
    await this.#naming.done;
    await this.#reports.sent;
  }

  #take({ bytes, files }: FilesForDisk): void {
    for (let word = 0; word < files.length; word += wordsPerFile) {
      const [file = 0, at = 0, length = 0] = files.subarray(word, word + wordsPerFile);
      // It may have come over another connection as well.
      const awaited = this.#awaited.remove(file);
      if (awaited) this.#write(awaited, bytes.subarray(at, at + length));
    }
    this.#reports.send();
    this.#flushIfDue();
  }

  #write({ placed, folder }: AwaitedFile, bytes: Uint8Array): void {
    const path = folder?.isOpen ? `${folder.path}/${placed.name}` : this.#hiddenPath();
    try {
      writeNew(path, bytes);
      const manifest = this.#input.adopts ? manifestOf(bytes) : undefined;
      this.#stage({ placed, path, manifest, folder: folder?.isOpen ? folder : undefined }, bytes.length);
    } catch (error) {
      // Two names of the list may be one on this disk.
      if (folder && hasCode(error, 'EEXIST')) return this.#write({ placed, folder: undefined }, bytes);
      this.#naming.drop(path, folder);
      this.#reports.failed(failureOf(placed, path, error));
    }
  }

  async #copy({ placed }: AwaitedFile, from: string): Promise<void> {
    const path = this.#hiddenPath();
    try {
      const copied = await copyVerified(from, path, placed, {
        signal: this.#ending.signal,
        timeoutMs: copyStepTimeoutMs,
        moved: (bytes) => this.#reports.copied(bytes),
      });
      if (copied) {
        this.#awaited.remove(placed.file);
        this.#naming.nameWhole();
        const manifest = this.#input.adopts ? copied : undefined;
        return this.#stage({ placed, path, manifest, folder: undefined }, placed.sizeBytes);
      }
    } catch {
      // What was there is gone or cannot be read: then it is fetched like any other.
    }
    this.#naming.drop(path, undefined);
    const problem = { code: 'stale', message: `It is no longer what was written: ${from}` } as const;
    this.#reports.failed({ file: placed.file, problem, isDisk: false });
    this.#reports.send();
  }

  #stage(staged: Staged, bytes: number): void {
    if (staged.folder) staged.folder.unflushed++;
    this.#staged.push(staged);
    this.#stagedBytes += bytes;
  }

  #hiddenPath(): string {
    return `${this.#input.staging}/${this.#names}-${++this.#lastName}`;
  }

  /** When there is much to flush, when nothing more is to come, or after a while. */
  #flushIfDue(): void {
    if (this.#staged.length === 0 && !this.#newFolders.areWaiting) return;
    // However often there is much: what is flushed waits no longer than this for the rest of its folder.
    this.#flushTimer ??= setTimeout(() => {
      this.#flushTimer = undefined;
      this.#isLate = true;
      this.#startFlush();
    }, flushEveryMs);
    const isMuch = this.#staged.length >= flushGroupFiles || this.#stagedBytes >= flushGroupBytes;
    if (isMuch || (!this.#awaited.areComing && this.#staged.length > 0)) this.#startFlush();
  }

  #startFlush(): void {
    this.#flushing ??= this.#flush().finally(() => {
      this.#flushing = undefined;
      this.#flushIfDue();
    });
  }

  /** Settles when none is under way: one that ends may begin the next. */
  async #flushed(): Promise<void> {
    while (this.#flushing) await this.#flushing;
  }

  async #flush(): Promise<void> {
    const group = this.#staged;
    this.#staged = [];
    this.#stagedBytes = 0;
    const { staging } = this.#input;
    const paths = group.map(({ path }) => path);
    const problem = await flushFiles(staging, paths).then(
      () => undefined,
      (error: unknown) => ({ error }),
    );
    const alone: StagedFile[] = [];
    for (const staged of group) {
      const { placed, folder } = staged;
      if (folder) folder.unflushed--;
      if (problem) {
        this.#naming.drop(staged.path, folder);
        this.#reports.failed({ ...failureOf(placed, staging, problem.error), isDisk: true });
      } else if (folder?.isOpen) folder.ready.push(staged);
      else alone.push(staged);
    }
    this.#naming.nameWhole();
    if (this.#isLate || this.#newFolders.waitingBytes > maxFolderWaitBytes)
      for (const folder of this.#newFolders.late()) alone.push(...this.#newFolders.close(folder));
    this.#isLate = false;
    this.#naming.nameLater(alone);
    await this.#naming.done;
  }
}
