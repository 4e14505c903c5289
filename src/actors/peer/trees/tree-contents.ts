/**
 * The larger files of one tree: ordinary downloads of contents, a few at a time, each with its own sources, partial
 * file and journal. They are the tree's own and are shown nowhere else. One that cannot go on does not keep the
 * others from their turn.
 * Invariant: every file given ends exactly once, or is dropped with the tree.
 */
import type { Source } from '../../../core/catalogue.ts';
import type { ContentTarget, DownloadState } from '../../../core/engine/engine-api.ts';
import { maxTreeFiles } from '../../../core/limits/cli.ts';
import { maxDownloadCrashes } from '../../../core/limits/downloads.ts';
import { treeContentTurnMs, treeContentsAtOnce } from '../../../core/limits/trees.ts';
import type { Problem } from '../../../core/result.ts';
import type { ActorContext, ActorRef, StopReason } from '../../runtime/index.ts';
import { downloadActor } from '../downloads/download.ts';
import type { DownloadArgs, WorkCommand } from '../downloads/download-messages.ts';
import { createRecord, hasEnded, type TransferRecord } from '../downloads/transfer-record.ts';
import type { OpenFile } from './tree-files.ts';
import type { TreeArgs, TreeMessage } from './tree-messages.ts';

interface Waiting {
  readonly open: OpenFile;
  readonly sources: readonly Source[];
  /** Of its last turn, if it has had one. */
  readonly record?: TransferRecord;
}

interface Running extends Waiting {
  readonly record: TransferRecord;
  readonly ref: ActorRef<WorkCommand>;
  readonly startedMs: number;
}

export interface ContentEnd {
  readonly open: OpenFile;
  readonly path: string | undefined;
  readonly problem: Problem | undefined;
}

export class TreeContents {
  readonly #ctx: ActorContext<TreeMessage>;
  readonly #args: TreeArgs;
  readonly #now: () => number;
  readonly #waiting: Waiting[] = [];
  readonly #running = new Map<number, Running>();
  readonly #crashes = new Map<number, number>();
  #started = 0;
  #isStopped = false;

  constructor(ctx: ActorContext<TreeMessage>, args: TreeArgs) {
    this.#ctx = ctx;
    this.#args = args;
    this.#now = args.now ?? (() => performance.now());
  }

  get isIdle(): boolean {
    return this.#running.size === 0;
  }

  /** The records of those under way, and of those whose next turn is to come. */
  get records(): TransferRecord[] {
    return [...this.#running.values(), ...this.#waiting].flatMap(({ record }) => record ?? []);
  }

  /** How those under way stand. */
  get states(): DownloadState[] {
    return Array.from(this.#running.values(), ({ record }) => record.state);
  }

  /** When all of them wait the one with a place in a queue, else that which goes on first; undefined when there is none. */
  get nextWaiting(): TransferRecord | undefined {
    if (this.states.some((state) => state !== 'waiting')) return undefined;
    const records = [...this.#running.values()].map(({ record }) => record);
    const rank = ({ queuePosition = Infinity, nextAttemptMs = 0 }: TransferRecord) =>
      [queuePosition, nextAttemptMs] as const;
    return records.sort((one, other) => {
      const [[place, nextMs], [otherPlace, otherNextMs]] = [rank(one), rank(other)];
      return place === otherPlace ? nextMs - otherNextMs : place - otherPlace;
    })[0];
  }

  add(open: OpenFile, sources: readonly Source[]): void {
    this.#waiting.push({ open, sources });
    this.#start();
  }

  /** Brings what is under way into the files' own counters. */
  count(): void {
    for (const { open, record } of this.#running.values()) {
      open.doneBytes = record.doneBytes;
      open.fetchedBytes = record.fetchedBytes;
      open.sources = record.usedSources.size;
    }
  }

  tellAll(command: Extract<WorkCommand, { readonly type: 'retry' | 'find-sources' | 'order-pieces' }>): void {
    for (const { ref, record } of this.#running.values()) {
      record.order = this.#args.record.order;
      ref.offer(command);
    }
  }

  /** Those that have waited for their turn go on in place of those that cannot go on. */
  giveWay(): void {
    if (this.#waiting.length === 0 || this.#isStopped) return;
    for (const { ref, record, startedMs } of this.#running.values())
      if (record.state === 'waiting' && this.#now() - startedMs >= treeContentTurnMs)
        this.#ctx.stopChild(ref);
  }

  /** None is begun any more, and those under way end; only then is it known what they leave on the disk. */
  stop(): void {
    this.#isStopped = true;
    for (const { ref } of this.#running.values()) this.#ctx.stopChild(ref);
  }

  /** One of them is over; undefined when it is tried again. */
  over(child: number, reason: StopReason): ContentEnd | undefined {
    const running = this.#running.get(child);
    this.#running.delete(child);
    if (!running) return undefined;
    const { open, record } = running;
    open.fetchedBytes = record.fetchedBytes;
    open.sources = record.usedSources.size;
    open.tookMs = (open.tookMs ?? 0) + (this.#now() - running.startedMs);
    for (const peer of record.usedSources) this.#args.record.usedSources.add(peer);
    const crashes = (this.#crashes.get(open.file) ?? 0) + (reason.kind === 'failed' ? 1 : 0);
    const isTriedAgain = !this.#isStopped && !hasEnded(record) && crashes <= maxDownloadCrashes;
    if (isTriedAgain) {
      this.#crashes.set(open.file, crashes);
      record.sources = 0;
      this.#waiting.push({ open, sources: running.sources, record });
    }
    this.#start();
    if (isTriedAgain) return undefined;
    const message = reason.kind === 'failed' ? reason.error.message : 'The download ended by itself';
    return { open, path: record.path, problem: record.problem ?? { code: 'internal', message } };
  }

  #start(): void {
    while (!this.#isStopped && this.#running.size < treeContentsAtOnce) {
      const next = this.#waiting.shift();
      if (!next) return;
      this.#run(next);
    }
  }

  #run({ open, sources, record: last }: Waiting): void {
    // What lies elsewhere on this machine has been looked for.
    const { record, copies: _, ...needs } = this.#args;
    const { outDir, giveUpAfterMs } = record.request;
    const target: ContentTarget = {
      kind: 'content',
      id: open.id,
      name: open.name,
      folders: open.folders,
      sources,
    };
    // Never the number of a download of its own, nor of another tree's.
    const child = -(record.transfer * maxTreeFiles * 2 + (this.#started++ % (maxTreeFiles * 2)));
    const request = { target, outDir, bytesPerSecond: 0, giveUpAfterMs, order: record.order };
    const { doneBytes = 0, fetchedBytes = 0, wastedBytes = 0, sentBytes = 0 } = last ?? {};
    const own = {
      ...createRecord(child, request, Date.now()),
      ...{ doneBytes, fetchedBytes, wastedBytes, sentBytes },
      rate: record.rate,
      weight: record.weight,
      folder: record.folder,
    };
    const args = { ...needs, record: own as DownloadArgs['record'], host: this.#ctx.self };
    const ref = this.#ctx.spawn(downloadActor, args, { name: `content-${-child}`, restart: 'temporary' });
    this.#running.set(child, { open, sources, record: own, ref, startedMs: this.#now() });
    this.#ctx.watch(ref, (reason) => ({ type: 'content-over', child, reason }));
  }
}
