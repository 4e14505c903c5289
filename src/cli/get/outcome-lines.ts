/** How a download has ended, as a line for people. Pure. */
import { basename, relative, sep } from 'node:path';
import { formatSize } from '../../core/quantity.ts';
import type { DownloadOutcome } from './downloads.ts';

/** A finished file for people; its path relative to `base` where it lies below. */
export function doneLine(outcome: Extract<DownloadOutcome, { ok: true }>, base: string): string {
  const path = shownPath(outcome.path, base);
  const { sizeBytes, fetchedBytes, seconds, isTimed, sources, isCopy } = outcome;
  // Nobody sends what holds nothing, be it new or not.
  if (sizeBytes === 0) return `Verified  ${path}  ${formatSize(0)}`;
  if (isCopy === true) return `Verified  ${path}  ${formatSize(sizeBytes)}, copied from another file here`;
  if (sources === 0 && fetchedBytes === 0)
    return `Verified  ${path}  ${formatSize(sizeBytes)}, was already here`;
  const resumed = fetchedBytes < sizeBytes ? ` (${formatSize(fetchedBytes)} fetched now)` : '';
  const from = `from ${sources} ${sources === 1 ? 'peer' : 'peers'}`;
  const speed = seconds > 0 ? `, ${formatSize(fetchedBytes / seconds)}/s` : '';
  const time = isTimed ? ` in ${seconds.toFixed(1)} s${speed}` : '';
  return `Verified  ${path}  ${formatSize(sizeBytes)}${resumed}${time} ${from}`;
}

/** A folder that holds no file, made here. */
export function emptyFolderLine(path: string, base: string): string {
  return `Verified  ${shownPath(path, base)}${sep}  an empty folder`;
}

/** Relative to `base` where it lies there or below. */
export function shownPath(path: string, base: string): string {
  return path.startsWith(base.endsWith(sep) ? base : base + sep) ? relative(base, path) : path;
}

/** Whether it is called otherwise here than in the share: not every name can be, or is free. */
export function isRenamed({ path, file }: Extract<DownloadOutcome, { ok: true }>): boolean {
  const { id, name } = file.target;
  // What nobody knows the name of is asked for by its id.
  return path !== '' && name !== id && basename(path) !== name;
}

/** A file that failed, called as it would have been had it come. */
export function failedLine(outcome: Extract<DownloadOutcome, { ok: false }>, base: string): string {
  const { message, code } = outcome.problem;
  const { reason, folder } = ofPartial.exec(message)?.groups ?? {};
  const why = reason === undefined ? message : `${reason}: ${folder}`;
  return `Failed    ${failedPath(outcome, base)}: ${why} (${code})`;
}

/** Where it would lie; of what has no place yet, where it lies at its peer. */
export function failedPath({ file, path }: Extract<DownloadOutcome, { ok: false }>, base: string): string {
  return path === undefined ? [...file.target.folders, file.target.name].join('/') : shownPath(path, base);
}

/** What a disk says of a file that is not finished: nobody knows that by its name, but by its folder. */
export const ofPartial = /^(?<reason>.*?): (?<folder>.+)[\\/]\.shoal[\\/][a-z2-7]{52}\.\w+$/s;
