/**
 * Downloads under way as rows of a terminal: name, bar, percent, and the rest in words. Invariant: no row is
 * wider than the terminal and there are never more than it has lines for; what does not fit is summed up.
 */
import { hereBytes, type DownloadView } from '../core/engine/engine-api.ts';
import { formatSize } from '../core/quantity.ts';
import { displayName } from '../core/safe-name.ts';
import { bar } from './text/bar.ts';
import { formatDuration } from './text/numbers.ts';
import { cut, fit } from './text/width.ts';
import { describeState, downloadName, percentDone, secondsLeft, secondsToCome } from './transfer-text.ts';

export interface ProgressRow {
  readonly view: DownloadView;
  readonly bytesPerSecond: number;
}

/** All files of a run, those that wait and those that have ended included. */
export interface ProgressTotals {
  readonly files: number;
  readonly ended: number;
  readonly bytesPerSecond: number;
}

/** The same of so many that only their sum is shown. */
export interface ManyFiles extends ProgressTotals {
  readonly failed: number;
  /** Of those that have ended or are under way. */
  readonly doneBytes: number;
  /** As far as it is known. */
  readonly sizeBytes: number;
  /** One that is under way; it says why nothing comes. */
  readonly sample: DownloadView | undefined;
}

const stateCells = 38;
const percentCells = 4;
const minNameCells = 18;
const maxNameCells = 60;

/** Rows for a terminal of `columns` by `lines`: one for each download, then what is left out and the totals. */
export function progressRows(
  rows: readonly ProgressRow[],
  totals: ProgressTotals,
  columns: number,
  lines: number,
): readonly string[] {
  // The last column stays free: writing to it makes some terminals wrap. So does the last line, for the cursor.
  const width = Math.max(1, columns - 1);
  const withTotals = totals.files > 1;
  const room = Math.max(1, lines - 2 - (withTotals ? 1 : 0));
  const shown = rows.slice(0, rows.length > room ? room - 1 : room);
  const hidden = rows.slice(shown.length);
  return [
    ...shown.map((row) => progressRow(row, width)),
    ...(hidden.length === 0
      ? []
      : [cut(`and ${hidden.length} more at ${formatSize(speed(hidden))}/s`, width)]),
    ...(withTotals ? [cut(totalsRow(totals), width)] : []),
  ];
}

function progressRow({ view, bytesPerSecond }: ProgressRow, width: number): string {
  const percent = `${percentDone(view)}%`.padStart(percentCells);
  const state = displayName(describeState(view, bytesPerSecond));
  const left = width - percentCells - stateCells - 2;
  const name = displayName(downloadName(view));
  if (left < minNameCells) {
    const seconds = secondsLeft(view, bytesPerSecond);
    const eta = seconds === undefined ? '' : formatDuration(seconds);
    const nameCells = Math.max(1, width - percentCells - 8);
    return cut(`${fit(name, nameCells, 'left', 'middle')} ${percent} ${eta}`, width);
  }
  const barCells = left >= minNameCells + 9 ? Math.min(24, Math.floor((left - minNameCells) / 2)) : 0;
  const nameCells = Math.min(maxNameCells, left - (barCells > 0 ? barCells + 1 : 0));
  const fraction =
    view.sizeBytes === undefined || view.sizeBytes === 0 ? 0 : hereBytes(view) / view.sizeBytes;
  const drawn = barCells > 0 ? [bar(fraction, barCells)] : [];
  return [fit(name, nameCells, 'left', 'middle'), ...drawn, percent, cut(state, stateCells)].join(' ');
}

/** One row for all. */
export function manyRow(many: ManyFiles, columns: number): string {
  const { files, ended, failed, doneBytes, sizeBytes, bytesPerSecond, sample } = many;
  const width = Math.max(1, columns - 1);
  const left = secondsToCome(sizeBytes - doneBytes, bytesPerSecond);
  const words = [
    `${ended} of ${files} files`,
    ...(failed > 0 ? [`${failed} failed`] : []),
    `${formatSize(doneBytes)} of ${formatSize(sizeBytes)}`,
    bytesPerSecond > 0 || !sample
      ? `${formatSize(bytesPerSecond)}/s`
      : displayName(describeState(sample, bytesPerSecond)),
    ...(left === undefined ? [] : [`${formatDuration(left)} left`]),
  ].join(', ');
  const fraction = sizeBytes > 0 ? Math.min(1, doneBytes / sizeBytes) : 0;
  const percent = `${Math.min(99, Math.floor(fraction * 100))}%`.padStart(percentCells);
  const barCells = Math.min(24, width - percentCells - words.length - 2);
  return cut([...(barCells >= 8 ? [bar(fraction, barCells)] : []), percent, words].join(' '), width);
}

function totalsRow({ files, ended, bytesPerSecond }: ProgressTotals): string {
  return `${ended} of ${files} files, ${formatSize(bytesPerSecond)}/s`;
}

const speed = (rows: readonly ProgressRow[]): number =>
  rows.reduce((total, { bytesPerSecond }) => total + bytesPerSecond, 0);
