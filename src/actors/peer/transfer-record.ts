/**
 * What is known of one download, from its request to its end. Records outlive the actors that work on them:
 * after a restart the work goes on where the record and the disk say.
 */
import type {
  ContentTarget,
  DownloadState,
  DownloadView,
  PieceOrder,
  Priority,
} from '../../core/engine-api.ts';
import type { PeerId } from '../../core/ids.ts';
import type { Problem } from '../../core/result.ts';
import { transferViewMs } from '../../core/limits.ts';
import { SharedRate } from '../../core/shared-rate.ts';

export interface DownloadRequest {
  readonly target: ContentTarget;
  readonly outDir: string;
  /** 0 = unlimited. */
  readonly bytesPerSecond: number;
  /** Without progress for so long it fails, and at once when the disk refuses; undefined: it waits for ever. */
  readonly giveUpAfterMs?: number | undefined;
  readonly priority?: Priority | undefined;
  readonly order?: PieceOrder | undefined;
}

export interface TransferRecord {
  readonly transfer: number;
  readonly request: DownloadRequest;
  /** Shared with the jobs that fetch for it. */
  readonly rate: SharedRate;
  readonly usedSources: Set<PeerId>;
  state: DownloadState;
  sizeBytes: number | undefined;
  doneBytes: number;
  fetchedBytes: number;
  sources: number;
  queuePosition: number | undefined;
  path: string | undefined;
  problem: Problem | undefined;
  nextAttemptMs: number | undefined;
  crashes: number;
  readonly addedMs: number;
  endedMs: number | undefined;
}

/** All downloads of one engine: kept by who starts the tree, so that it survives the pool. */
export interface TransferBook {
  readonly records: Map<number, TransferRecord>;
  lastTransfer: number;
}

export function createTransferBook(): TransferBook {
  return { records: new Map(), lastTransfer: 0 };
}

export function createRecord(transfer: number, request: DownloadRequest): TransferRecord {
  const rate = new SharedRate();
  rate.setRate(request.bytesPerSecond);
  return {
    transfer,
    request,
    rate,
    usedSources: new Set(),
    state: 'queued',
    sizeBytes: undefined,
    doneBytes: 0,
    fetchedBytes: 0,
    sources: 0,
    queuePosition: undefined,
    path: undefined,
    problem: undefined,
    nextAttemptMs: undefined,
    crashes: 0,
    addedMs: Date.now(),
    endedMs: undefined,
  };
}

export function hasEnded({ state }: TransferRecord): boolean {
  return state === 'done' || state === 'failed' || state === 'cancelled';
}

export function viewOf(record: TransferRecord): DownloadView {
  const { transfer, request, usedSources, state, sizeBytes, doneBytes, fetchedBytes } = record;
  const { sources, queuePosition, path, problem, nextAttemptMs } = record;
  return {
    transfer,
    id: request.target.id,
    name: request.target.name,
    outDir: request.outDir,
    state,
    priority: request.priority ?? 'normal',
    order: request.order ?? 'rarest',
    queueIndex: undefined,
    limitBytesPerSecond: record.rate.bytesPerSecond,
    sizeBytes,
    doneBytes,
    fetchedBytes,
    wastedBytes: 0,
    sentBytes: 0,
    files: undefined,
    sources,
    knownSources: sources,
    usedSources: usedSources.size,
    availability: undefined,
    queuePosition,
    path,
    problem,
    retry: undefined,
    attempts: record.crashes,
    nextAttemptMs,
    addedMs: record.addedMs,
    endedMs: record.endedMs,
  };
}

/** When a record is worth showing again: a new state at once, new counters a few times a second. */
export class Showing {
  readonly #record: TransferRecord;
  readonly #changed: () => void;
  #shown = '';
  #state: DownloadState | undefined;
  #atMs = -Infinity;

  constructor(record: TransferRecord, changed: () => void) {
    this.#record = record;
    this.#changed = changed;
  }

  show(state: DownloadState, nowMs: number): void {
    const { doneBytes, fetchedBytes, sources, queuePosition, problem } = this.#record;
    this.#record.state = state;
    const shows = [doneBytes, fetchedBytes, sources, queuePosition, problem?.message].join();
    if (state === this.#state && (shows === this.#shown || nowMs - this.#atMs < transferViewMs)) return;
    this.#state = state;
    this.#shown = shows;
    this.#atMs = nowMs;
    this.#changed();
  }
}
