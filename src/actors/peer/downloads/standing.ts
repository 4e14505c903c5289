/**
 * Whether what is being downloaded comes, is looked for or waits, and for what: one rule and the same words for a file
 * and for a folder. Pure. Invariant: who waits has a reason.
 */
import type { DownloadState } from '../../../core/engine/engine-api.ts';
import { deliveringMs } from '../../../core/limits/downloads.ts';
import { noAnswerOfAll } from '../../../core/peer-words.ts';
import type { Problem } from '../../../core/result.ts';

export interface Standing {
  /** What keeps everything from going on. */
  readonly obstacle: Problem | undefined;
  /** All that can be done just now is done here, without anybody. */
  readonly isBusyHere: boolean;
  /** When payload came last. */
  readonly receivedMs: number;
  /** Sources that deliver, or are believed to be about to. */
  readonly working: number;
  /** Sources that can be asked. */
  readonly connected: number;
  /** Whether one of them has something that is not here yet. */
  readonly hasWork: boolean;
  /** The best place in a queue, when all of them that have something make us wait. */
  readonly queuePosition: number | undefined;
  /** Whether sources are being reached or looked for, and not only once more. */
  readonly isLooking: boolean;
  /** Of whom something may come, by their names … */
  readonly called: readonly string[];
  /** … and of whom nothing has come for a while though it should. */
  readonly silent: readonly string[];
  /** Why the last source was lost, or none was found. */
  readonly problem: Problem | undefined;
  readonly nowMs: number;
}

export type AtWork = Extract<DownloadState, 'downloading' | 'finding' | 'waiting'>;

/** Of what has been begun and is not about to end. */
export function stateAtWork(standing: Standing): AtWork {
  const { obstacle, isBusyHere, receivedMs, working, connected, hasWork, queuePosition } = standing;
  const { silent, isLooking, nowMs } = standing;
  if (obstacle) return 'waiting';
  // Some have something for us only now and then, while all others make us wait.
  if (isBusyHere || working > 0 || nowMs - receivedMs < deliveringMs) return 'downloading';
  const mayCome = queuePosition === undefined && hasWork && silent.length === 0;
  if (connected > 0) return mayCome ? 'downloading' : 'waiting';
  return isLooking ? 'finding' : 'waiting';
}

/** Why it does not go on. */
export function reasonToWait(standing: Standing): Problem {
  const { obstacle, queuePosition, connected, hasWork, problem, called, silent } = standing;
  if (obstacle) return obstacle;
  if (queuePosition !== undefined) return busy;
  if (connected > 0 && !hasWork)
    return { code: 'not-found', message: 'Nobody who is online has the rest of it' };
  if (silent.length > 0) return noAnswerOfAll(silent);
  return problem ?? (called.length > 0 ? noAnswerOfAll(called) : nobody);
}

const busy: Problem = { code: 'busy', message: 'All sources are busy; waiting for our turn' };
export const nobody: Problem = { code: 'not-found', message: 'Nobody who is online has it' };
