/**
 * What is known of one download, from its request to its end. Records outlive the actors that work on them:
 * after a restart the work goes on where the record and the disk say.
 */
import type {
  DownloadState,
  DownloadTarget,
  DownloadView,
  PieceOrder,
  Priority,
  RetryClass,
} from '../../../core/engine/engine-api.ts';
import type { PeerId } from '../../../core/ids.ts';
import type { Problem } from '../../../core/result.ts';
import type { FolderStamp } from '../../../profile/target-folder.ts';
import { SharedRate } from '../../../core/rates/shared-rate.ts';
import { SharedWeight } from '../../../core/rates/shared-weight.ts';

export interface DownloadRequest<Target extends DownloadTarget = DownloadTarget> {
  readonly target: Target;
  readonly outDir: string;
  /** 0 = unlimited. */
  readonly bytesPerSecond: number;
  /** Without progress for so long it fails, and at once when the disk refuses; undefined: it waits for ever. */
  readonly giveUpAfterMs?: number | undefined;
  readonly priority?: Priority | undefined;
  readonly order?: PieceOrder | undefined;
  /** What others say it is; the truth comes with its manifest or list. */
  readonly sizeBytes?: number | undefined;
}

/** Its fields mean what those of `DownloadView` with the same names mean. */
export interface TransferRecord<Target extends DownloadTarget = DownloadTarget> {
  readonly transfer: number;
  readonly request: DownloadRequest<Target>;
  /** Shared with the jobs that fetch for it. */
  readonly rate: SharedRate;
  readonly weight: SharedWeight;
  readonly usedSources: Set<PeerId>;
  readonly addedMs: number;
  /** What the user wishes; the request said what it was at first. */
  priority: Priority;
  order: PieceOrder;
  /** Sorts it among those of its priority; set by the order it is in. */
  place: number;
  queueIndex: number | undefined;
  /** `queued`, `paused` and `cancelled` are set by the pool, the others by who works on it. */
  state: DownloadState;
  sizeBytes: number | undefined;
  doneBytes: number;
  arrivingBytes: number;
  /** Of `doneBytes`, what the next run will find whatever happens: flushed and claimed. */
  keptBytes: number;
  /** Which folder `outDir` was when it was last written to; undefined before that. */
  folder: FolderStamp | undefined;
  fetchedBytes: number;
  wastedBytes: number;
  sentBytes: number;
  files: DownloadView['files'];
  sources: number;
  knownSources: number;
  availability: number | undefined;
  queuePosition: number | undefined;
  path: string | undefined;
  isCopy: boolean;
  uncheckedBytes: number;
  problem: Problem | undefined;
  retry: RetryClass | undefined;
  attempts: number;
  nextAttemptMs: number | undefined;
  endedMs: number | undefined;
  /** Faults of ours while it was worked on, in a row. */
  crashes: number;
}

export function createRecord(transfer: number, request: DownloadRequest, nowMs: number): TransferRecord {
  const rate = new SharedRate();
  rate.setRate(request.bytesPerSecond);
  return {
    transfer,
    request,
    rate,
    weight: SharedWeight.of(transfer, request.priority ?? 'normal'),
    usedSources: new Set(),
    addedMs: nowMs,
    priority: request.priority ?? 'normal',
    order: request.order ?? 'rarest',
    place: 0,
    queueIndex: undefined,
    state: 'queued',
    sizeBytes: request.sizeBytes,
    doneBytes: 0,
    arrivingBytes: 0,
    keptBytes: 0,
    folder: undefined,
    fetchedBytes: 0,
    wastedBytes: 0,
    sentBytes: 0,
    files: undefined,
    sources: 0,
    knownSources: 0,
    availability: undefined,
    queuePosition: undefined,
    path: undefined,
    isCopy: false,
    uncheckedBytes: 0,
    problem: undefined,
    retry: undefined,
    attempts: 0,
    nextAttemptMs: undefined,
    endedMs: undefined,
    crashes: 0,
  };
}

/**
 * One that has ended is wanted again, as it is asked for now: what is there of an unfinished one counts, a finished
 * one is looked at anew.
 */
export function askAnew(record: TransferRecord, request: DownloadRequest, nowMs: number): void {
  const { state, doneBytes, keptBytes } = record;
  Object.assign(
    record,
    createRecord(record.transfer, request, nowMs),
    state === 'done' ? {} : { doneBytes, keptBytes },
  );
}

export function hasEnded({ state }: TransferRecord): boolean {
  return state === 'done' || state === 'failed' || state === 'cancelled';
}

export function isOfKind<Kind extends DownloadTarget['kind']>(
  record: TransferRecord,
  kind: Kind,
): record is TransferRecord<Extract<DownloadTarget, { readonly kind: Kind }>> {
  return record.request.target.kind === kind;
}

export function viewOf(record: TransferRecord): DownloadView {
  const { request, rate, usedSources, ...rest } = record;
  const { transfer, state, priority, order, queueIndex, path, problem, retry, attempts, nextAttemptMs } =
    rest;
  const { sizeBytes, doneBytes, arrivingBytes, fetchedBytes, wastedBytes, sentBytes } = rest;
  const { files, addedMs, endedMs } = rest;
  const { sources, knownSources, availability, queuePosition, isCopy, uncheckedBytes } = rest;
  return {
    transfer,
    id: request.target.kind === 'content' ? request.target.id : undefined,
    name: nameOf(request.target),
    outDir: request.outDir,
    state,
    priority,
    order,
    queueIndex,
    limitBytesPerSecond: rate.bytesPerSecond,
    sizeBytes,
    doneBytes,
    // Until the last of it is verified and counted.
    arrivingBytes: hasEnded(record) || state === 'paused' || state === 'queued' ? 0 : arrivingBytes,
    fetchedBytes,
    wastedBytes,
    sentBytes,
    files,
    sources,
    knownSources,
    usedSources: usedSources.size,
    availability,
    queuePosition,
    path,
    isCopy,
    uncheckedBytes,
    problem,
    retry,
    attempts,
    // Waits are reckoned with a clock that knows parts of a millisecond.
    nextAttemptMs: nextAttemptMs === undefined ? undefined : Math.ceil(nextAttemptMs),
    addedMs,
    endedMs,
  };
}

/** A whole share has no name but its peer's. */
function nameOf(target: DownloadTarget): string {
  if (target.kind === 'content') return target.name;
  return target.path.split('/').findLast((part) => part !== '') ?? target.source.name;
}
