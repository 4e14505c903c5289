/**
 * Whose turn it is: starts the work on downloads in their order, as many at once as the limits say. Who waits for
 * a source or the disk keeps its worker but no slot, so it keeps nobody from running.
 * Invariant: a download that is open and not paused has a worker, or waits for a slot that is taken, or for a time
 * that is known.
 */
import { jitteredMs } from '../../../core/backoff.ts';
import {
  crashRetryMs,
  maxDownloadActors,
  maxDownloadCrashes,
  restMs,
  waitBeforeRestMs,
} from '../../../core/limits/downloads.ts';
import type { Problem } from '../../../core/result.ts';
import { comparePriorities } from '../../../core/engine/running-order.ts';
import type { ActorContext, ActorRef, StopReason } from '../../runtime/index.ts';
import type { WorkArgs, WorkCommand } from './download-messages.ts';
import type { WorkKinds } from './download-work.ts';
import type { TransferBook } from './transfer-book.ts';
import { hasEnded, isOfKind, type TransferRecord } from './transfer-record.ts';
import { Workplaces } from './workplaces.ts';

export type TurnsMessage =
  | { readonly type: 'turns' }
  | { readonly type: 'work-over'; readonly transfer: number; readonly reason: StopReason }
  | { readonly type: 'rested'; readonly transfer: number };

export interface TurnsNeeds {
  readonly ctx: ActorContext<TurnsMessage>;
  readonly book: TransferBook;
  readonly kinds: WorkKinds;
  readonly work: Omit<WorkArgs<never>, 'record'>;
  readonly slots: () => number;
  readonly now: () => number;
  readonly random: () => number;
  /** Its state has changed here. */
  readonly changed: (record: TransferRecord) => void;
}

interface Worker {
  readonly record: TransferRecord;
  readonly ref: ActorRef<WorkCommand>;
  readonly leave: () => void;
  isStopping: boolean;
  /** Since when it has had nothing but waiting; undefined while it has a slot. */
  waitsSinceMs: number | undefined;
}

export class DownloadTurns {
  readonly #needs: TurnsNeeds;
  readonly #workers = new Map<number, Worker>();
  readonly #resting = new Set<number>();
  readonly #places: Workplaces;
  #isAwake = false;

  constructor(needs: TurnsNeeds) {
    this.#needs = needs;
    this.#places = new Workplaces(needs.changed);
  }

  /** What an earlier life of the pool had begun is queued again. */
  takeUpAll(): void {
    for (const record of this.#needs.book.order()) {
      if (record.state === 'paused' || record.state === 'queued') continue;
      Object.assign(record, atRest, { state: 'queued' });
      this.#needs.changed(record);
    }
    this.wake();
  }

  /** Looks, once all that is happening now has happened, who is to run. */
  wake(): void {
    if (this.#isAwake) return;
    this.#isAwake = true;
    this.#needs.ctx.pipe(Promise.resolve(), () => ({ type: 'turns' }));
  }

  /** The worker of a download, unless it is about to end. */
  workerOf({ transfer }: TransferRecord): ActorRef<WorkCommand> | undefined {
    const worker = this.#workers.get(transfer);
    return worker && !worker.isStopping ? worker.ref : undefined;
  }

  /** Nobody works on it any more, once `work-over` has come; true when there is nobody now. */
  stop(record: TransferRecord): boolean {
    this.#rouse(record);
    const worker = this.#workers.get(record.transfer);
    Object.assign(record, atRest);
    if (worker && !worker.isStopping) {
      worker.isStopping = true;
      this.#needs.ctx.stopChild(worker.ref);
    }
    this.wake();
    return worker === undefined;
  }

  /** A download that waits for its time without a worker is queued again now. */
  rouse(record: TransferRecord): void {
    if (!this.#rouse(record) || record.state !== 'waiting') return;
    Object.assign(record, atRest, { state: 'queued' });
    this.#needs.changed(record);
    this.wake();
  }

  /**
   * One that waits for its turn is not to have it: it waits for the disk until it is roused, or fails where nobody is
   * to wait. False when it waits for no turn.
   */
  keep(record: TransferRecord, problem: Problem, nextAttemptMs: number): boolean {
    if (record.state !== 'queued' || this.#workers.has(record.transfer)) return false;
    const isFinal = record.request.giveUpAfterMs !== undefined;
    if (isFinal) Object.assign(record, { state: 'failed', problem, retry: 'never' });
    else {
      this.#resting.add(record.transfer);
      Object.assign(record, { state: 'waiting', problem, retry: 'disk', nextAttemptMs });
    }
    this.#needs.changed(record);
    return !isFinal;
  }

  /** Whether it waits without a worker. */
  isKept({ transfer, state }: TransferRecord): boolean {
    return state === 'waiting' && this.#resting.has(transfer);
  }

  /** Nobody may start where a download is being removed from the disk. */
  reserve(record: TransferRecord): () => void {
    const leave = this.#places.occupy(record);
    return () => {
      leave();
      this.wake();
    };
  }

  /** A worker has said that something changed. */
  noted(record: TransferRecord): void {
    const worker = this.#workers.get(record.transfer);
    if (!worker) return;
    const waits = record.state === 'waiting';
    if (waits === (worker.waitsSinceMs !== undefined)) return;
    worker.waitsSinceMs = waits ? this.#needs.now() : undefined;
    this.wake();
  }

  receive(message: TurnsMessage): void {
    const { book } = this.#needs;
    switch (message.type) {
      case 'turns':
        this.#isAwake = false;
        return this.#takeTurns();
      case 'rested': {
        const record = book.get(message.transfer);
        return record ? this.rouse(record) : undefined;
      }
      case 'work-over': {
        const worker = this.#workers.get(message.transfer);
        if (worker) this.#over(worker, message.reason);
      }
    }
  }

  #takeTurns(): void {
    const { book, slots } = this.#needs;
    this.#places.review();
    const active = this.#active();
    // More than may: the limit was lowered, or some that had waited have found sources.
    while (active.length > slots() && this.#giveWay(active, undefined));
    let free = slots() - active.length;
    for (const record of book.order()) {
      if (free <= 0 && !this.#mayDisplace(record, active)) return;
      if (record.state !== 'queued') continue;
      if (!this.#places.isFree(record)) {
        // Else it is its own worker that has still to end.
        if (!this.#workers.has(record.transfer)) this.#places.passOver(record);
        continue;
      }
      if (this.#workers.size >= maxDownloadActors) return this.#layOneDown();
      if (free <= 0 && !this.#giveWay(active, record)) return;
      free = Math.max(0, free - 1);
      this.#start(record);
    }
  }

  /** Those that have a slot, in their order. */
  #active(): Worker[] {
    const order = (a: TransferRecord, b: TransferRecord): number =>
      comparePriorities(a.priority, b.priority) || a.place - b.place;
    return [...this.#workers.values()]
      .filter(({ isStopping, waitsSinceMs }) => !isStopping && waitsSinceMs === undefined)
      .toSorted((a, b) => order(a.record, b.record));
  }

  /** Whether one that runs is of lower priority. */
  #mayDisplace(record: TransferRecord, active: readonly Worker[]): boolean {
    const last = active.findLast(mayBeDisplaced);
    return last !== undefined && comparePriorities(record.priority, last.record.priority) < 0;
  }

  /** The last that runs goes back into the queue, if it may be displaced by this one. */
  #giveWay(active: Worker[], by: TransferRecord | undefined): boolean {
    if (by && !this.#mayDisplace(by, active)) return false;
    const at = active.findLastIndex(mayBeDisplaced);
    const [last] = at < 0 ? [] : active.splice(at, 1);
    if (!last) return false;
    this.stop(last.record);
    last.record.state = 'queued';
    this.#needs.changed(last.record);
    return true;
  }

  /** Too many have a worker: one that has waited long goes on waiting without, and its end wakes us. */
  #layOneDown(): void {
    const { ctx, now, random, changed } = this.#needs;
    let longest: Worker | undefined;
    for (const worker of this.#workers.values()) {
      if (worker.isStopping) return;
      if ((worker.waitsSinceMs ?? Infinity) < (longest?.waitsSinceMs ?? Infinity)) longest = worker;
    }
    if (longest?.waitsSinceMs === undefined) return;
    const leftMs = longest.waitsSinceMs + waitBeforeRestMs - now();
    if (leftMs > 0) return ctx.timers.once('turns', leftMs, { type: 'turns' });
    const { record } = longest;
    const { problem, retry } = record;
    this.stop(record);
    this.#rest(record, jitteredMs(restMs, 0.2, random));
    Object.assign(record, { problem, retry });
    changed(record);
  }

  #start(record: TransferRecord): void {
    const { ctx } = this.#needs;
    const { transfer } = record;
    const ref = this.#spawn(record);
    if (!ref) return;
    record.state = 'finding';
    const leave = this.#places.occupy(record);
    this.#workers.set(transfer, { record, ref, leave, isStopping: false, waitsSinceMs: undefined });
    ctx.watch(ref, (reason) => ({ type: 'work-over', transfer, reason }));
    this.#needs.changed(record);
  }

  #spawn(record: TransferRecord): ActorRef<WorkCommand> | undefined {
    const { ctx, kinds, work } = this.#needs;
    const options = { name: `download-${record.transfer}`, restart: 'temporary' } as const;
    if (isOfKind(record, 'content')) return kinds.content.start(ctx, { record, ...work }, options);
    return isOfKind(record, 'tree') ? kinds.tree?.start(ctx, { record, ...work }, options) : undefined;
  }

  #over({ record, leave, isStopping }: Worker, reason: StopReason): void {
    this.#workers.delete(record.transfer);
    leave();
    this.wake();
    // What it was stopped for is said by its state already; whoever ends by himself says so too.
    if (isStopping || hasEnded(record)) return;
    record.crashes += 1;
    Object.assign(record, atRest);
    record.problem = {
      code: 'internal',
      message: reason.kind === 'failed' ? reason.error.message : 'It gave up',
    };
    if (record.crashes > maxDownloadCrashes) {
      record.state = 'failed';
      record.retry = 'never';
    } else {
      this.#rest(record, crashRetryMs * record.crashes);
      record.retry = 'connection';
    }
    this.#needs.changed(record);
  }

  #rest(record: TransferRecord, waitMs: number): void {
    const { transfer } = record;
    record.state = 'waiting';
    record.nextAttemptMs = Date.now() + waitMs;
    this.#resting.add(transfer);
    this.#needs.ctx.timers.once(`rest-${transfer}`, waitMs, { type: 'rested', transfer });
  }

  /** Whether it was resting. */
  #rouse({ transfer }: TransferRecord): boolean {
    this.#needs.ctx.timers.cancel(`rest-${transfer}`);
    return this.#resting.delete(transfer);
  }
}

/** It will have its name in a moment. */
const mayBeDisplaced = ({ record }: Worker): boolean => record.state !== 'finishing';

/** What is true of a download that nobody works on. */
const atRest = {
  sources: 0,
  availability: undefined,
  queuePosition: undefined,
  problem: undefined,
  retry: undefined,
  attempts: 0,
  nextAttemptMs: undefined,
  uncheckedBytes: 0,
} satisfies Partial<TransferRecord>;
