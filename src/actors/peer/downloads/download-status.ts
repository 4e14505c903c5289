/**
 * How a download stands, for its record: its state, and while it waits why, until when and what is done about it.
 * Invariant: who waits has a reason and a time.
 */
import type { Assignment } from '../../../core/swarm/assignment.ts';
import type { DownloadState } from '../../../core/engine/engine-api.ts';
import type { KnownSource } from '../../../core/swarm/known-source.ts';
import { sourceAnswerTimeoutMs } from '../../../core/limits/downloads.ts';
import { rateSilenceMs } from '../../../core/limits/pipelining.ts';
import type { Problem } from '../../../core/result.ts';
import type { SourceBook } from '../../../core/swarm/source-book.ts';
import type { DownloadFile } from './download-file.ts';
import type { Seeker } from './download-seeker.ts';
import { reasonToWait, stateAtWork, type Standing as CommonStanding } from './standing.ts';
import type { TransferRecord } from './transfer-record.ts';

export interface Standing {
  readonly file: Pick<DownloadFile, 'obstacle' | 'isOpening' | 'isCopying' | 'doubtedBytes'>;
  /** Undefined while the file is not open. */
  readonly assignment: Assignment | undefined;
  readonly sources: Pick<SourceBook, 'all' | 'size' | 'problem' | 'nextAttemptMs' | 'receivedMs'>;
  readonly seeker: Pick<Seeker, 'isSeeking' | 'seeksAtMs'>;
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
  const asked = askedOf(standing);
  const state = standing.isFinishing ? 'finishing' : stateAtWork(commonOf(standing, asked));
  const isWaiting = state === 'waiting';
  record.sources = assignment?.working(nowMs) ?? 0;
  record.arrivingBytes = assignment?.arrivingBytes ?? 0;
  record.queuePosition = assignment?.queuePosition;
  record.knownSources = sources.size;
  record.availability = assignment?.copies;
  record.uncheckedBytes = file.doubtedBytes;
  record.problem = isWaiting ? reasonOf(standing) : state === 'finding' ? sources.problem : undefined;
  record.retry = isWaiting ? (file.obstacle?.retry ?? 'connection') : undefined;
  record.attempts = isWaiting ? (file.obstacle?.attempts ?? standing.attempts) : 0;
  const isTimed = isWaiting || (state === 'finding' && asked.called.length > 0);
  record.nextAttemptMs = isTimed ? dateMs + Math.max(0, untilMs(standing, asked) - nowMs) : undefined;
  return state;
}

/** Why it does not go on. */
export const reasonOf = (standing: Standing): Problem => reasonToWait(commonOf(standing, askedOf(standing)));

/** Sources that something is to come of. */
interface AskedSources {
  /** Nothing has come of them for a while. */
  readonly silent: readonly KnownSource[];
  /** They are being dialled, or have not said yet what they have. */
  readonly called: readonly KnownSource[];
}

function askedOf({ sources, assignment, nowMs }: Standing): AskedSources {
  const inUse = [...sources.all].filter((known) => known.inUse);
  return {
    silent: inUse.filter(({ stallsAtMs }) => stallsAtMs !== undefined),
    called: inUse.filter(({ source }) => assignment?.stateOf(source.peer, nowMs) === undefined),
  };
}

function commonOf(standing: Standing, { silent, called }: AskedSources): CommonStanding {
  const { file, assignment, sources, seeker, attempts, nowMs } = standing;
  // Who is called again, after a failure or without an answer, is waited for as before.
  const isCalledFirst = called.some(
    ({ problem, askedMs }) => problem === undefined && nowMs - askedMs < rateSilenceMs,
  );
  const isFirstSeek = seeker.isSeeking && attempts === 0 && sources.problem === undefined;
  return {
    obstacle: file.obstacle?.problem,
    // All is here too where what an earlier run left of it is being read.
    isBusyHere: file.isCopying || (assignment?.isComplete ?? false),
    receivedMs: assignment ? sources.receivedMs : -Infinity,
    working: assignment?.working(nowMs) ?? 0,
    connected: assignment?.size ?? 0,
    hasWork: assignment?.hasWork(nowMs) ?? false,
    queuePosition: assignment?.queuePosition,
    isLooking: file.isOpening || isCalledFirst || (isFirstSeek && called.length === 0),
    called: namesOf(called),
    silent: namesOf(silent),
    problem: sources.problem,
    nowMs,
  };
}

const namesOf = (known: readonly KnownSource[]): string[] => known.map(({ source }) => source.name);

/** When something is done about it next, by the download's clock: an attempt ends, or another begins. */
function untilMs({ file, sources, seeker, nowMs, dateMs }: Standing, asked: AskedSources): number {
  if (file.obstacle) return file.obstacle.untilMs;
  const ends = [
    ...asked.silent.map(({ stallsAtMs = dateMs }) => nowMs + stallsAtMs - dateMs),
    ...asked.called.map(({ askedMs }) => askedMs + sourceAnswerTimeoutMs),
    ...[sources.nextAttemptMs() ?? []].flat(),
  ];
  return ends.length > 0 ? Math.min(...ends) : seeker.seeksAtMs;
}
