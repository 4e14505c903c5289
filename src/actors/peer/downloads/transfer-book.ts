/**
 * All downloads of one engine, by number, by purpose and in the order of their turns. Kept by who starts the tree,
 * so that it survives the pool that works on it; the profile remembers it where there is a store.
 * Invariant: a record is either open, then it is in the order, or it has ended, and of those only the last are
 * kept; two open ones are never for the same thing, and what is asked for again has the record that it had.
 */
import type { Priority } from '../../../core/engine/engine-api.ts';
import type { ContentId } from '../../../core/ids.ts';
import { maxDownloads, maxEndedDownloads } from '../../../core/limits/downloads.ts';
import { fail, ok, type Result } from '../../../core/result.ts';
import { RunningOrder, type Move } from '../../../core/engine/running-order.ts';
import type { TransferStore } from '../../../profile/transfer-store.ts';
import {
  askAnew,
  createRecord,
  hasEnded,
  type DownloadRequest,
  type TransferRecord,
} from './transfer-record.ts';
import { restored, stored } from './transfer-rows.ts';

/** How what is asked for stood before: not in the book, open, or ended and taken up again. */
export interface Added {
  readonly record: TransferRecord;
  readonly was: 'new' | 'open' | 'ended';
}

export class TransferBook {
  readonly #store: TransferStore | undefined;
  readonly #records = new Map<number, TransferRecord>();
  readonly #open = new Map<string, TransferRecord>();
  readonly #order = new RunningOrder<TransferRecord>();
  /** Oldest first. */
  readonly #ended = new Set<TransferRecord>();
  /** The last that has ended, of what each was for. */
  readonly #endedFor = new Map<string, TransferRecord>();
  /** As they were when they were last worth writing down. */
  readonly #keptBytes = new WeakMap<TransferRecord, number>();
  readonly #unsaved = new Set<TransferRecord>();
  readonly #forgotten = new Set<number>();
  #lastTransfer = 0;
  #isNumbered = true;

  /** Takes up what the store has. Throws what its database says. */
  constructor(store?: TransferStore) {
    this.#store = store;
    for (const row of store?.load() ?? []) {
      const record = restored(row);
      this.#lastTransfer = Math.max(this.#lastTransfer, record.transfer);
      // One of two that were open for the same thing is enough.
      if (!hasEnded(record) && this.#open.has(purpose(record.request))) {
        this.#forgotten.add(record.transfer);
        continue;
      }
      if (!hasEnded(record)) this.#reopen(record);
      else this.#keepEnded(record);
      this.#records.set(record.transfer, record);
    }
    this.renumber(Infinity);
  }

  get(transfer: number): TransferRecord | undefined {
    return this.#records.get(transfer);
  }

  /** Those there are, of these. */
  all(transfers: readonly number[]): TransferRecord[] {
    return transfers.flatMap((transfer) => this.#records.get(transfer) ?? []);
  }

  /** Where these contents were put, of those that are finished and still known. */
  finishedPaths(ids: ReadonlySet<ContentId>): ReadonlyMap<ContentId, string> {
    const paths = new Map<ContentId, string>();
    for (const { request, state, path } of this.#ended)
      if (request.target.kind === 'content' && ids.has(request.target.id) && state === 'done' && path)
        paths.set(request.target.id, path);
    return paths;
  }

  /** Whether its finished file is that of another one too, which then goes with the last of them. */
  sharesFile(record: TransferRecord): boolean {
    const { path, request } = record;
    if (path === undefined || request.target.kind !== 'content') return false;
    for (const other of this.#records.values()) if (other !== record && other.path === path) return true;
    return false;
  }

  /** In the order in which they were asked for. */
  records(): Iterable<TransferRecord> {
    return this.#records.values();
  }

  /** The open ones, in the order of their turns. */
  order(): Iterable<TransferRecord> {
    return this.#order;
  }

  /** The one that was for the very thing, and has ended. */
  endedFor(request: DownloadRequest): TransferRecord | undefined {
    return this.#endedFor.get(purpose(request));
  }

  /** The record for a request: a new one, unless there is one for the very thing. Problem: `limit`. */
  add(request: DownloadRequest, nowMs: number): Result<Added> {
    const key = purpose(request);
    const same = this.#open.get(key);
    if (same) return ok({ record: same, was: 'open' });
    if (this.#open.size >= maxDownloads) return fail('limit', `More than ${maxDownloads} downloads`);
    const earlier = this.#endedFor.get(key);
    if (earlier) {
      this.#dropEnded(earlier);
      askAnew(earlier, request, nowMs);
    }
    const record = earlier ?? createRecord((this.#lastTransfer += 1), request, nowMs);
    this.#records.set(record.transfer, record);
    this.#open.set(key, record);
    this.#order.append(record);
    record.queueIndex = this.#order.size;
    this.changed(record);
    this.#isNumbered = false;
    return ok({ record, was: earlier ? 'ended' : 'new' });
  }

  /** Takes up one that has ended. False when another is open for the same thing by now. */
  reopen(record: TransferRecord): boolean {
    if (this.#open.has(purpose(record.request)) || this.#open.size >= maxDownloads) return false;
    this.#dropEnded(record);
    record.state = 'queued';
    record.endedMs = undefined;
    this.#reopen(record);
    // Until they are numbered anew.
    record.queueIndex = this.#order.size;
    this.changed(record);
    return true;
  }

  /** To be called when a record has ended. Returns those that are forgotten, to make room. */
  end(record: TransferRecord, nowMs: number): TransferRecord[] {
    if (this.#ended.has(record) || !this.#records.has(record.transfer)) return [];
    this.#close(record);
    record.endedMs = nowMs;
    this.#keepEnded(record);
    this.changed(record);
    const tooMany = [...this.#ended].slice(0, Math.max(0, this.#ended.size - maxEndedDownloads));
    for (const oldest of tooMany) this.remove(oldest);
    return tooMany;
  }

  /** Forgets it. */
  remove(record: TransferRecord): void {
    this.#close(record);
    this.#dropEnded(record);
    this.#records.delete(record.transfer);
    this.#unsaved.delete(record);
    if (this.#store) this.#forgotten.add(record.transfer);
  }

  prioritise(record: TransferRecord, priority: Priority): void {
    this.#order.prioritise(record, priority);
    this.changed(record);
    this.#isNumbered = false;
  }

  move(records: readonly TransferRecord[], to: Move): void {
    for (const record of this.#order.move(records, to)) this.changed(record);
    this.#isNumbered = false;
  }

  /** Something of it has changed that a restart should not undo. */
  changed(record: TransferRecord): void {
    if (this.#store && this.#records.get(record.transfer) === record) this.#unsaved.add(record);
  }

  /** It was worked on: whether that is worth writing down is seen here. */
  worked(record: TransferRecord): void {
    if (this.#keptBytes.get(record) === record.keptBytes) return;
    this.#keptBytes.set(record, record.keptBytes);
    this.changed(record);
  }

  /** Gives everybody its index; returns at most `max` of those that have another than before, and the rest later. */
  renumber(max: number): TransferRecord[] {
    if (this.#isNumbered) return [];
    const changed: TransferRecord[] = [];
    let index = 0;
    for (const record of this.#order) {
      index += 1;
      if (record.queueIndex === index) continue;
      if (changed.length >= max) return changed;
      record.queueIndex = index;
      changed.push(record);
    }
    this.#isNumbered = true;
    return changed;
  }

  /** Whether all know their index. */
  get isNumbered(): boolean {
    return this.#isNumbered;
  }

  get hasUnsaved(): boolean {
    return this.#unsaved.size + this.#forgotten.size > 0;
  }

  /** Writes down at most `max` of what has changed. Throws what the database says; it is then still to be done. */
  save(max: number): void {
    const batch = [...this.#unsaved].slice(0, max);
    const forgotten = [...this.#forgotten];
    this.#store?.save(forgotten, batch.map(stored));
    for (const record of batch) this.#unsaved.delete(record);
    for (const transfer of forgotten) this.#forgotten.delete(transfer);
  }

  #keepEnded(record: TransferRecord): void {
    this.#ended.add(record);
    this.#endedFor.set(purpose(record.request), record);
  }

  #dropEnded(record: TransferRecord): void {
    this.#ended.delete(record);
    const key = purpose(record.request);
    if (this.#endedFor.get(key) === record) this.#endedFor.delete(key);
  }

  #reopen(record: TransferRecord): void {
    this.#open.set(purpose(record.request), record);
    this.#order.insert(record);
    this.#isNumbered = false;
  }

  #close(record: TransferRecord): void {
    const key = purpose(record.request);
    if (this.#open.get(key) !== record) return;
    this.#open.delete(key);
    this.#order.remove(record);
    record.queueIndex = undefined;
    this.#isNumbered = false;
  }
}

/** What two downloads may not both be for. */
function purpose({ target, outDir }: DownloadRequest): string {
  return target.kind === 'content'
    ? [target.id, outDir, ...target.folders, target.name].join('\0')
    : [target.source.peer, outDir, target.path].join('\0');
}

/** Where a download works: two of the same would only stand in each other's way. */
export function workplace({ request }: TransferRecord): string {
  const { target, outDir } = request;
  return target.kind === 'content' ? `${target.id}\0${outDir}` : purpose(request);
}
