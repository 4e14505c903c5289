/** How a download has ended, as a line for people. Pure. */
import { relative, sep } from 'node:path';
import { formatSize } from '../core/quantity.ts';
import type { DownloadOutcome } from './downloads.ts';

/** A finished file for people; its path relative to `base` where it lies below. */
export function doneLine(outcome: Extract<DownloadOutcome, { ok: true }>, base: string): string {
  const path = shownPath(outcome.path, base);
  const { sizeBytes, fetchedBytes, seconds, isTimed, sources } = outcome;
  if (sources === 0 && fetchedBytes === 0)
    return `Verified  ${path}  ${formatSize(sizeBytes)}, was already here`;
  const resumed = fetchedBytes < sizeBytes ? ` (${formatSize(fetchedBytes)} fetched now)` : '';
  const from = `from ${sources} ${sources === 1 ? 'peer' : 'peers'}`;
  const speed = seconds > 0 ? `, ${formatSize(fetchedBytes / seconds)}/s` : '';
  const time = isTimed ? ` in ${seconds.toFixed(1)} s${speed}` : '';
  return `Verified  ${path}  ${formatSize(sizeBytes)}${resumed}${time} ${from}`;
}

/** Relative to `base` where it lies there or below. */
export function shownPath(path: string, base: string): string {
  if (path === base) return '.';
  return path.startsWith(base.endsWith(sep) ? base : base + sep) ? relative(base, path) : path;
}

export function failedLine({ file, problem }: Extract<DownloadOutcome, { ok: false }>): string {
  return `Failed    ${[...file.target.folders, file.target.name].join('/')}: ${problem.message} (${problem.code})`;
}
