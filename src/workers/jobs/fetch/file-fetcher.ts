/**
 * Asks for the small files of any number of trees over one connection, many at a time, proves what comes against
 * its id and hands it to who writes it. Nothing per file leaves this thread but in batches.
 * Invariant: a file wanted is handed over or refused exactly once, unless its tree is closed or the connection ends.
 */
import { isContent } from '../../../content/content-id.ts';
import { maxStoreBacklogBytes } from '../../../core/limits/trees.ts';
import { pieceCount } from '../../../core/swarm/piece-length.ts';
import type { Pipeline } from '../../../core/swarm/pipeline.ts';
import type { Problem } from '../../../core/result.ts';
import { problemOf } from '../../../protocol/errors.ts';
import type { PeerMessageNamed } from '../../../protocol/peer-messages.ts';
import type { FilesForDisk, FilesTaken, OpenedTree, TreeReport, WantedFile } from '../../tree-contract.ts';
import type { Asker, FetchBase } from './asker.ts';
import { nowMs, type Connection } from '../connection.ts';
import { FetchedTree } from './fetched-tree.ts';
import { FileFlow, type AskedFiles, type FilesLine } from './file-flow.ts';
import { FilesBuffers, type FilesPart } from '../disk/files-parts.ts';
import { paceOf, ReadPacer, type Pace } from '../pacer.ts';
import { withdrawable } from './wanted-files.ts';

export class FileFetcher {
  readonly #connection: Connection;
  readonly #onNews: () => void;
  readonly #onBytes: () => void;
  readonly #resumeReading: () => void;
  readonly #pacer: ReadPacer;
  readonly #flows = new Map<number, FileFlow>();
  readonly #requests = new Map<number, AskedFiles>();
  readonly #pipeline: Pipeline;
  readonly #asker: Asker;
  readonly #line: FilesLine;
  readonly #buffers = new FilesBuffers();
  /** Of all trees that are open. */
  #backlogBytes = 0;
  #queuePosition = 0;

  /** `onNews` when there is something to report, `onBytes` when it is only that some more bytes came. */
  constructor(base: FetchBase, onNews: () => void, onBytes: () => void) {
    const { connection, pipeline, asker, rate, began, resumeReading } = base;
    this.#connection = connection;
    this.#pipeline = pipeline;
    this.#asker = asker;
    this.#line = { connection, requests: this.#requests, began };
    this.#onNews = onNews;
    this.#onBytes = onBytes;
    this.#resumeReading = resumeReading;
    this.#pacer = new ReadPacer(rate, resumeReading);
    void connection.ended.then(() => {
      this.#pacer.stop();
      for (const number of this.#flows.keys()) this.close(number);
    });
  }

  /** Whether more may be read from the network. */
  get mayRead(): boolean {
    return this.#backlogBytes < maxStoreBacklogBytes && !this.#pacer.isWaiting;
  }

  /** How the trees that files are on their way of stand to their limits. */
  get pace(): Pace {
    if (this.#requests.size === 0) return 'idle';
    return paceOf(Array.from(this.#requests.values(), ({ tree }) => tree.pacer));
  }

  /** The most to read at once, so that what is limited comes evenly. */
  get quantumBytes(): number {
    let quantumBytes = Infinity;
    for (const { tree } of this.#requests.values())
      quantumBytes = Math.min(quantumBytes, tree.pacer.quantumBytes);
    return quantumBytes;
  }

  open(opened: OpenedTree): void {
    const tree = new FetchedTree(opened, this.#resumeReading);
    const flow = new FileFlow(tree, this.#line);
    this.#flows.set(opened.tree, flow);
    this.#asker.open(flow);
    opened.store.on('message', ({ bytes }: FilesTaken) => this.#taken(tree, bytes));
  }

  /** Files of a tree that has been closed meanwhile are no longer wanted. */
  want(number: number, files: readonly WantedFile[]): void {
    this.#flows.get(number)?.tree.wanted.add(files);
    this.#asker.ask();
  }

  /** Files that are to come from elsewhere: gives those of them that are not on their way, and fetches them no more. */
  drop(number: number, files: readonly number[]): number[] {
    const tree = this.#flows.get(number)?.tree;
    if (!tree) return [];
    const unwanted = new Set(files);
    const dropped = tree.wanted.drop(unwanted);
    const requests = [...this.#requests].filter(([, asked]) => asked.tree === tree && asked.answered === 0);
    for (const [requestId, asked] of withdrawable(requests, this.#queuePosition > 0, dropped.length > 0)) {
      if (!asked.files.some(({ file }) => unwanted.has(file))) continue;
      this.#withdraw(requestId, asked);
      dropped.push(...asked.files.map(({ file }) => file).filter((file) => unwanted.has(file)));
      tree.wanted.add(asked.files.filter(({ file }) => !unwanted.has(file)));
    }
    this.#asker.ask();
    return dropped;
  }

  /** What is on its way is thrown away. */
  close(number: number): void {
    const flow = this.#flows.get(number);
    if (!flow) return;
    const { tree } = flow;
    this.#flows.delete(number);
    this.#asker.close(flow);
    tree.pacer.stop();
    for (const [requestId, asked] of this.#requests)
      if (asked.tree === tree) this.#withdraw(requestId, asked);
    tree.store.close();
    // Nobody hears any more that it is taken.
    this.#settled(tree, tree.backlogBytes);
    this.#asker.ask();
  }

  queued(position: number): void {
    this.#queuePosition = position;
  }

  /** The next files of a request begin. */
  begins({ requestId, last, files }: PeerMessageNamed<'files'>): void {
    const asked = this.#requests.get(requestId);
    if (!asked) return;
    const coming: { wanted: WantedFile; at: number; length: number }[] = [];
    let at = 0;
    for (const { sizeBytes, code } of files) {
      const wanted = asked.files[asked.answered++];
      if (!wanted) return;
      if (code !== undefined) {
        this.#refuse(asked.tree, wanted, problemOf({ code, message: 'The source does not give it' }));
        continue;
      }
      coming.push({ wanted, at, length: sizeBytes });
      at += sizeBytes;
    }
    asked.part = { buffer: this.#buffers.take(), files: coming, isLast: last, filled: 0 };
  }

  /** Whether the bytes are of files. */
  data(requestId: number, bytes: Uint8Array): boolean {
    const asked = this.#requests.get(requestId);
    if (!asked) return false;
    const { part, tree } = asked;
    if (!part) return true;
    part.buffer.set(bytes, part.filled);
    part.filled += bytes.length;
    this.#pacer.came(bytes.length);
    tree.received(bytes.length);
    this.#onBytes();
    return true;
  }

  /** Whether it was the end of bytes of files. */
  dataEnd(requestId: number): boolean {
    const asked = this.#requests.get(requestId);
    if (!asked) return false;
    const { part } = asked;
    asked.part = undefined;
    if (part) {
      this.#pipeline.came(part.filled, nowMs());
      this.#settle(asked, part.filled);
      this.#handOver(asked.tree, part);
      if (part.isLast) this.#forget(requestId, asked);
    }
    this.#asker.ask();
    this.#onNews();
    return true;
  }

  /** Whether the request was one for files. */
  refused(error: PeerMessageNamed<'error'>): boolean {
    const asked = this.#requests.get(error.requestId);
    if (!asked) return false;
    const problem = problemOf(error);
    for (const wanted of asked.files.slice(asked.answered)) this.#refuse(asked.tree, wanted, problem);
    this.#forget(error.requestId, asked);
    this.#asker.ask();
    return true;
  }

  /** What is new since the last time. */
  takeReports(): TreeReport[] {
    return [...this.#flows.values()].flatMap(({ tree }) => tree.takeReport() ?? []);
  }

  #refuse(tree: FetchedTree, wanted: WantedFile, problem: Problem): void {
    tree.refuse(wanted, problem);
    this.#onNews();
  }

  #handOver(tree: FetchedTree, { buffer, files }: FilesPart): void {
    const right: number[] = [];
    for (const { wanted, at, length } of files) {
      const { file, id } = wanted;
      if (isContent(id, buffer.subarray(at, at + length))) right.push(file, at, length);
      else this.#spoiled(tree, wanted, length);
    }
    if (right.length === 0) return this.#buffers.give(buffer);
    tree.backlogBytes += buffer.length;
    this.#backlogBytes += buffer.length;
    tree.store.postMessage({ bytes: buffer, files: Uint32Array.from(right) } satisfies FilesForDisk, [
      buffer.buffer,
    ]);
  }

  /** Which of its pieces is wrong only the source can find out. */
  #spoiled(tree: FetchedTree, wanted: WantedFile, length: number): void {
    const { id } = wanted;
    const piece = Math.floor(Math.random() * pieceCount(length));
    if (length > 0) this.#connection.send({ type: 'spoiled', id, piece });
    this.#refuse(tree, wanted, { code: 'piece-mismatch', message: 'The source sent something else' });
  }

  #taken(tree: FetchedTree, bytes: Uint8Array<ArrayBuffer>): void {
    this.#buffers.give(bytes);
    this.#settled(tree, Math.min(bytes.length, tree.backlogBytes));
  }

  #settled(tree: FetchedTree, bytes: number): void {
    tree.backlogBytes -= bytes;
    this.#backlogBytes -= bytes;
    if (this.mayRead) this.#resumeReading();
  }

  #withdraw(requestId: number, asked: AskedFiles): void {
    this.#connection.send({ type: 'cancel', requestId });
    this.#forget(requestId, asked);
  }

  #settle(asked: AskedFiles, bytes: number): void {
    const settled = Math.min(bytes, asked.outstandingBytes);
    asked.outstandingBytes -= settled;
    this.#pipeline.settled(settled);
  }

  #forget(requestId: number, asked: AskedFiles): void {
    this.#requests.delete(requestId);
    this.#settle(asked, asked.outstandingBytes);
    if (asked.part) this.#buffers.give(asked.part.buffer);
  }
}
