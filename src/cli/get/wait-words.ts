/**
 * Where a download stands, for logs and for scripts: while it does not go on, always why, and when that is looked
 * at again. Pure.
 */
import type { DownloadView } from '../../core/engine/engine-api.ts';
import type { Problem } from '../../core/result.ts';
import { formatClock } from '../../tui/text/numbers.ts';

/** Why it waits, its place where it stands in a line, and the time of the next attempt. */
export function waitWords({ problem, queuePosition, nextAttemptMs }: DownloadView): string {
  return [
    problem?.message ?? 'for a source',
    ...(queuePosition === undefined ? [] : [`place ${queuePosition} in the queue`]),
    ...(nextAttemptMs === undefined ? [] : [`next attempt at ${formatClock(nextAttemptMs, true)}`]),
  ].join(', ');
}

/** Whether something keeps it from going on that there is a word to say about. */
export const isHeldUp = ({ state, problem }: DownloadView): boolean =>
  state === 'waiting' || (state === 'queued' && problem !== undefined);

/** Its state as scripts get it; beside it only what there is. */
export interface Standing {
  readonly state: DownloadView['state'];
  readonly problem?: Problem;
  readonly queuePosition?: number;
  readonly attempts?: number;
  readonly nextAttemptMs?: number;
}

export function standingOf(view: DownloadView): Standing {
  const { state, problem, queuePosition, attempts, nextAttemptMs } = view;
  return {
    state,
    ...(problem && { problem: { code: problem.code, message: problem.message } }),
    ...(queuePosition !== undefined && { queuePosition }),
    ...(attempts > 0 && { attempts }),
    ...(nextAttemptMs !== undefined && { nextAttemptMs }),
  };
}
