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
} from '../../core/engine-api.ts';
import type { PeerId } from '../../core/ids.ts';
import type { Problem } from '../../core/result.ts';
import { SharedRate } from '../../core/shared-rate.ts';

export interface DownloadRequest<Target extends DownloadTarget = DownloadTarget> {
  readonly target: Target;
  readonly outDir: string;
  /** 0 = unlimited. */
  readonly bytesPerSecond: number;
  /** Without progress for so long it fails, and at once when the disk refuses; undefined: it waits for ever. */
  readonly giveUpAfterMs?: number | undefined;
  readonly priority?: Priority | undefined;
  readonly order?: PieceOrder | undefined;
}

/** Its fields mean what those of `DownloadView` with the same names mean. */
export interface TransferRecord<Target extends DownloadTarget = DownloadTarget> {
  readonly transfer: number;
  readonly request: DownloadRequest<Target>;
  /** Shared with the jobs that fetch for it. */
  readonly rate: SharedRate;
  readonly usedSources: Set<PeerId>;
  readonly addedMs: number;
  /** What the user wishes; the request said what it was at first. */
  priority: Priority;
  order: PieceOrder;
  queueIndex: number | undefined;
  /** `queued`, `paused` and `cancelled` are set by the pool, the others by who works on it. */
  state: DownloadState;
  sizeBytes: number | undefined;
  doneBytes: number;
  fetchedBytes: number;
  wastedBytes: number;
  sentBytes: number;
  files: DownloadView['files'];
  sources: number;
  knownSources: number;
  availability: number | undefined;
  queuePosition: number | undefined;
  path: string | undefined;
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
    usedSources: new Set(),
    addedMs: nowMs,
    priority: request.priority ?? 'normal',
    order: request.order ?? 'rarest',
    queueIndex: undefined,
    state: 'queued',
    sizeBytes: undefined,
    doneBytes: 0,
    fetchedBytes: 0,
    wastedBytes: 0,
    sentBytes: 0,
    files: undefined,
    sources: 0,
    knownSources: 0,
    availability: undefined,
    queuePosition: undefined,
    path: undefined,
    problem: undefined,
    retry: undefined,
    attempts: 0,
    nextAttemptMs: undefined,
    endedMs: undefined,
    crashes: 0,
  };
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
  const { request, rate, usedSources, crashes: _, ...shown } = record;
  const { target, outDir } = request;
  return {
    ...shown,
    id: target.kind === 'content' ? target.id : undefined,
    name: nameOf(target),
    outDir,
    limitBytesPerSecond: rate.bytesPerSecond,
    usedSources: usedSources.size,
  };
}

/** A whole share has no name but its peer's. */
function nameOf(target: DownloadTarget): string {
  if (target.kind === 'content') return target.name;
  return target.path.split('/').findLast((part) => part !== '') ?? target.source.name;
}
