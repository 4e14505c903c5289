/**
 * A transfer in words and figures, as bars, lines and tables show it. Invariant: nothing is 100 % before it is
 * verified and in its place.
 */
import { hereBytes, type DownloadView } from '../core/engine/engine-api.ts';
import { formatSize } from '../core/quantity.ts';
import { formatDuration, plural } from './text/numbers.ts';

/** What a download is called: of a folder with a slash at its end. */
export function downloadName({ id, name }: Pick<DownloadView, 'id' | 'name'>): string {
  return id === undefined ? `${name}/` : name;
}

/** Whole percent, rounded down; at most 99 until done. */
export function percentDone(view: DownloadView): number {
  const { state, sizeBytes } = view;
  if (state === 'done') return 100;
  if (sizeBytes === undefined || sizeBytes === 0) return 0;
  return Math.min(99, Math.floor((hereBytes(view) * 100) / sizeBytes));
}

/** What is going on, in a few words: speed and sources while bytes come, the reason while none do. */
export function describeState(view: DownloadView, bytesPerSecond: number): string {
  switch (view.state) {
    case 'queued':
      return view.problem === undefined ? 'waiting for its turn' : `waiting: ${view.problem.message}`;
    case 'finding':
      return 'looking for sources';
    case 'waiting':
      if (view.queuePosition !== undefined) return `waiting: place ${view.queuePosition} in the queue`;
      return view.problem === undefined ? 'waiting for a source' : `waiting: ${view.problem.message}`;
    case 'downloading': {
      const seconds = secondsLeft(view, bytesPerSecond);
      const left = seconds === undefined ? [] : [`${formatDuration(seconds)} left`];
      const { uncheckedBytes } = view;
      if (isChecking(view)) return `checking, ${formatSize(uncheckedBytes)} left`;
      const unchecked = uncheckedBytes > 0 ? [`${formatSize(uncheckedBytes)} to check`] : [];
      return [`${formatSize(bytesPerSecond)}/s`, ...left, plural(view.sources, 'source'), ...unchecked].join(
        ', ',
      );
    }
    case 'paused':
      return 'paused';
    case 'finishing':
      return 'checking';
    case 'done':
      return 'verified';
    case 'failed':
      return view.problem?.message ?? 'failed';
    case 'cancelled':
      return 'cancelled';
  }
}

/** Whether all is here, and nothing goes on but reading what an earlier run left that did not end in order. */
export function isChecking({ state, doneBytes, sizeBytes, uncheckedBytes }: DownloadView): boolean {
  return state === 'downloading' && uncheckedBytes > 0 && doneBytes === sizeBytes;
}

/** Undefined while there is no speed to reckon with. */
export function secondsLeft(view: DownloadView, bytesPerSecond: number): number | undefined {
  return view.sizeBytes === undefined
    ? undefined
    : secondsToCome(view.sizeBytes - view.doneBytes, bytesPerSecond);
}

/** The same for so many bytes. */
export function secondsToCome(bytes: number, bytesPerSecond: number): number | undefined {
  return bytesPerSecond < 1024 ? undefined : Math.max(0, bytes) / bytesPerSecond;
}
