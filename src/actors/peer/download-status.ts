/**
 * How a download stands, for its record: its state, and while it waits why, until when and what is done about it.
 * Invariant: who waits has a reason and a time.
 */
import type { Assignment } from '../../core/assignment.ts';
import type { DownloadState } from '../../core/engine-api.ts';
import { deliveringMs, seekEveryMs } from '../../core/limits/downloads.ts';
import type { Problem } from '../../core/result.ts';
import type { SourceBook } from '../../core/source-book.ts';
import type { DownloadFile } from './download-file.ts';
import type { TransferRecord } from './transfer-record.ts';

export interface Standing {
  readonly file: Pick<DownloadFile, 'obstacle' | 'isOpening' | 'isCopying' | 'doubtedBytes'>;
  /** Undefined while the file is not open. */
  readonly assignment: Assignment | undefined;
  readonly sources: Pick<SourceBook, 'inUse' | 'size' | 'problem' | 'nextAttemptMs' | 'receivedMs'>;
  readonly isSeeking: boolean;
  readonly isFinishing: boolean;
  /** Sources lost and questions for more in vain, since a piece last came. */
  readonly attempts: number;
  /** The same moment by the download's clock and by the calendar. */
  readonly nowMs: number;
  readonly dateMs: number;
}

/** Brings the record up to date and gives the state. */
export function takeDown(record: TransferRecord, standing: Standing): DownloadState {
  const { file, assignment, sources, nowMs, dateMs } = standing;
  const state = stateOf(standing);
  const isWaiting = state === 'waiting';
  const untilMs = file.obstacle?.untilMs ?? sources.nextAttemptMs() ?? nowMs + seekEveryMs;
  record.sources = assignment?.working(nowMs) ?? 0;
  record.queuePosition = assignment?.queuePosition;
  record.knownSources = sources.size;
  record.availability = assignment?.copies;
  record.uncheckedBytes = file.doubtedBytes;
  record.problem = isWaiting ? reasonOf(standing) : undefined;
  record.retry = isWaiting ? (file.obstacle?.retry ?? 'connection') : undefined;
  record.attempts = isWaiting ? (file.obstacle?.attempts ?? standing.attempts) : 0;
  record.nextAttemptMs = isWaiting ? dateMs + Math.max(0, untilMs - nowMs) : undefined;
  return state;
}

/** Why it does not go on. */
export function reasonOf({ file, assignment, sources, nowMs }: Standing): Problem {
  if (file.obstacle) return file.obstacle.problem;
  if (assignment?.queuePosition !== undefined)
    return { code: 'busy', message: 'All sources are busy; waiting for our turn' };
  if (assignment && assignment.size > 0 && !assignment.hasWork(nowMs))
    return { code: 'not-found', message: 'Nobody who is online has the rest of it' };
  return sources.problem ?? (sources.inUse > 0 ? silent : nobody);
}

const silent: Problem = { code: 'timeout', message: 'Who has it has sent nothing so far' };
const nobody: Problem = { code: 'not-found', message: 'Nobody who is online has it' };

function stateOf({ file, assignment, sources, isSeeking, isFinishing, nowMs }: Standing): DownloadState {
  if (isFinishing) return 'finishing';
  if (file.obstacle) return 'waiting';
  if (file.isCopying) return 'downloading';
  // All is here, and what an earlier run left of it is being read.
  if (assignment?.isComplete) return 'downloading';
  // Those who download the same have something for us only now and then, while all others make us wait.
  if (assignment && (nowMs - sources.receivedMs < deliveringMs || assignment.working(nowMs) > 0))
    return 'downloading';
  if (assignment && assignment.size > 0)
    return assignment.queuePosition === undefined && assignment.hasWork(nowMs) ? 'downloading' : 'waiting';
  const mayFind = sources.inUse > 0 || file.isOpening || (isSeeking && sources.problem === undefined);
  return mayFind ? 'finding' : 'waiting';
}
