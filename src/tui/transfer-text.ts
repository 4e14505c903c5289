/**
 * A transfer in words and figures, as bars, lines and tables show it. Invariant: nothing is 100 % before it is
 * verified and in its place.
 */
import type { DownloadView } from '../core/engine-api.ts';
import { formatSize } from '../core/quantity.ts';

/** Whole percent, rounded down; at most 99 until done. */
export function percentDone({ state, doneBytes, sizeBytes }: DownloadView): number {
  if (state === 'done') return 100;
  if (sizeBytes === undefined || sizeBytes === 0) return 0;
  return Math.min(99, Math.floor((doneBytes / sizeBytes) * 100));
}

/** What is going on, in a few words: speed and sources while bytes come, the reason while none do. */
export function describeState(view: DownloadView, bytesPerSecond: number): string {
  switch (view.state) {
    case 'queued':
      return 'waiting for its turn';
    case 'finding':
      return 'looking for sources';
    case 'waiting':
      if (view.queuePosition !== undefined) return `waiting: place ${view.queuePosition} in the queue`;
      return view.problem === undefined ? 'waiting for a source' : `waiting: ${view.problem.message}`;
    case 'downloading': {
      const left = formatEta(secondsLeft(view, bytesPerSecond));
      const from = `${view.sources} ${view.sources === 1 ? 'source' : 'sources'}`;
      return [`${formatSize(bytesPerSecond)}/s`, ...(left === '' ? [] : [`${left} left`]), from].join(', ');
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

/** Undefined while there is no speed to reckon with. */
export function secondsLeft(view: DownloadView, bytesPerSecond: number): number | undefined {
  if (view.sizeBytes === undefined || bytesPerSecond < 1024) return undefined;
  return Math.max(0, view.sizeBytes - view.doneBytes) / bytesPerSecond;
}

/** `42s`, `3m05s`, `2h10m`, `4d`; empty when unknown. */
export function formatEta(seconds: number | undefined): string {
  if (seconds === undefined) return '';
  const whole = Math.ceil(seconds);
  const two = (value: number): string => String(value).padStart(2, '0');
  if (whole < 60) return `${whole}s`;
  if (whole < 3600) return `${Math.floor(whole / 60)}m${two(whole % 60)}s`;
  if (whole < 86_400) return `${Math.floor(whole / 3600)}h${two(Math.floor((whole % 3600) / 60))}m`;
  return `${Math.floor(whole / 86_400)}d`;
}

const eighths = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/** A bar of exactly `cells`, to an eighth of a cell, rounded down. */
export function bar(fraction: number, cells: number): string {
  const eighthsDone = Math.floor(Math.min(1, Math.max(0, fraction)) * cells * 8);
  const full = Math.floor(eighthsDone / 8);
  const drawn = '█'.repeat(full) + (eighths[eighthsDone % 8] ?? '');
  return drawn.padEnd(cells, '·');
}
