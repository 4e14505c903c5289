/**
 * What is told of one download, a line for each subject: what it does, what is there of it, how fast it comes,
 * from whom, where to. Lines are cut by whoever draws them.
 */
import type { DownloadDetails, DownloadView } from '../../../core/engine/engine-api.ts';
import type { DownloadRow, Meter } from '../../model/transfers.ts';
import type { Rate } from '../../model/rates.ts';
import { bar } from '../../text/bar.ts';
import type { Glyphs } from '../../text/glyphs.ts';
import { nameSegments, showName } from '../../text/names.ts';
import {
  formatBytes,
  formatClock,
  formatCount,
  formatLimit,
  formatPercent,
  formatSpeed,
  plural,
} from '../../text/numbers.ts';
import { countPieces, pieceLine, pieceRows } from '../../text/piece-map.ts';
import { fitLine, lineWidth, type Line, type Role, type Segment } from '../../text/segments.ts';
import { sparkline } from '../../text/sparkline.ts';
import { cut, textWidth } from '../../text/width.ts';
import { filesSegments } from './download-columns.ts';
import { barRole, shortState, stateSentence, type StateFacts } from './state-words.ts';
import { downloadName } from '../../transfer-text.ts';

const labelWidth = 8;
const curveWidth = 60;

/** ` state  …` */
export function stateLine(facts: StateFacts): Line {
  return [label('state'), { text: stateSentence(facts), role: shortState(facts).role ?? 'plain' }];
}

/** The pieces in one line, or a bar while nothing is known of them. */
export function piecesLine(
  { download, figures, fraction }: DownloadRow,
  details: DownloadDetails | undefined,
  width: number,
  glyphs: Glyphs,
): Line {
  const map = details?.pieceMap;
  if (download.files !== undefined) {
    const files = filesSegments(download.files);
    const size = `  ${formatBytes(figures.hereBytes)} of ${formatBytes(download.sizeBytes)}`;
    const room = Math.max(3, width - labelWidth - lineWidth(files) - size.length - 1);
    return [
      label('files'),
      { text: bar(fraction, room, glyphs), role: barRole(download) },
      ...files,
      { text: size },
    ];
  }
  if (map === undefined || map.length === 0) {
    const told = `  ${formatBytes(figures.hereBytes)} of ${formatBytes(download.sizeBytes)}`;
    return [
      label('done'),
      {
        text: bar(fraction, Math.max(3, width - labelWidth - told.length - 1), glyphs),
        role: barRole(download),
      },
      { text: told },
    ];
  }
  const told = `  ${piecesWords(download, details)}`;
  return [
    label('pieces'),
    ...pieceLine(map, Math.max(1, width - labelWidth - told.length - 1), glyphs),
    { text: told },
  ];
}

/** `1,187/1,884 of 2.00M`: pieces that are there, of all, and how large they are. */
export function piecesWords(
  { doneBytes, state }: DownloadView,
  details: DownloadDetails | undefined,
): string {
  const { pieces, pieceLength, pieceMap } = details ?? {};
  if (pieces === undefined || pieceLength === undefined) return '';
  // A map of runs of pieces does not tell how many there are.
  const exact = pieceMap !== undefined && pieceMap.length === pieces;
  const have =
    state === 'done' ? pieces : exact ? countPieces(pieceMap).have : Math.floor(doneBytes / pieceLength);
  return `${formatCount(have)}/${formatCount(pieces)} of ${formatBytes(pieceLength)}`;
}

/** The map with the number of each row's first piece, in at most `maxRows` lines. */
export function pieceMapLines(
  details: DownloadDetails | undefined,
  width: number,
  maxRows: number,
  glyphs: Glyphs,
): readonly Line[] {
  const { pieceMap, pieces } = details ?? {};
  if (pieceMap === undefined || pieceMap.length === 0 || maxRows <= 0) return [];
  const digits = String(pieces ?? pieceMap.length).length;
  const perByte = (pieces ?? pieceMap.length) / pieceMap.length;
  return pieceRows(pieceMap, Math.max(1, width - digits - 3), maxRows, glyphs).map(({ first, line }) => [
    { text: ` ${String(Math.floor(first * perByte)).padStart(digits, '0')} `, role: 'dim' },
    ...line,
  ]);
}

/** What the signs of the map mean. */
export function pieceLegend({ pieces }: Glyphs): Line {
  return [
    label('pieces'),
    { text: pieces.have, role: 'down' },
    { text: ' have  ' },
    { text: pieces.requested, role: 'accent' },
    { text: ' coming  ' },
    { text: pieces.several },
    { text: ' 2+ sources  ' },
    { text: pieces.one, role: 'warn' },
    { text: ' 1 source  ' },
    { text: pieces.nobody, role: 'error' },
    { text: ' nobody' },
  ];
}

/**
 * The curve of the last two minutes, and the figures that go with it; `bytesPerSecond`, the one of now, is what the list
 * shows. What stands still has no rate after a while: then how much has moved in this run, `movedBytes`.
 */
export function curveLine(
  name: string,
  rate: Rate | undefined,
  bytesPerSecond: number,
  movedBytes: number,
  width: number,
  glyphs: Glyphs,
  role: Role,
): Line {
  if (rate === undefined || rate.peakBytesPerSecond + rate.bytesPerSecond === 0)
    return [
      label(name),
      { text: `${movedBytes === 0 ? 'nothing' : formatBytes(movedBytes)} in this run`, role: 'dim' },
    ];
  const samples = rate.samples();
  const mean = samples.length === 0 ? 0 : samples.reduce((sum, value) => sum + value, 0) / samples.length;
  // Of the first second there is no sample yet.
  const average = samples.length === 0 ? '' : `  avg ${formatSpeed(mean)}`;
  const told = `  now ${formatSpeed(bytesPerSecond)}${average}  peak ${formatSpeed(Math.max(rate.peakBytesPerSecond, bytesPerSecond))}`;
  const room = Math.min(curveWidth, width - labelWidth - told.length - 1);
  const curve: Line = room < 8 ? [] : [{ text: sparkline(samples, room, glyphs), role }];
  return [label(name), ...curve, { text: told.trimStart().padStart(room < 8 ? 0 : told.length) }];
}

/** What comes of a download. `meter`: undefined until something has moved. */
export function downLine(row: DownloadRow, meter: Meter | undefined, width: number, glyphs: Glyphs): Line {
  const { figures, download } = row;
  return curveLine('down', meter?.down, figures.downPerSecond, download.fetchedBytes, width, glyphs, 'down');
}

/** What others get of it meanwhile. */
export function upLine(row: DownloadRow, meter: Meter | undefined, width: number, glyphs: Glyphs): Line {
  const { figures, download } = row;
  return curveLine('up', meter?.up, figures.upPerSecond, download.sentBytes, width, glyphs, 'up');
}

/** Who delivers, the fastest first, as many as there is room for. */
export function fromLine(
  { download }: DownloadRow,
  details: DownloadDetails | undefined,
  width: number,
  glyphs: Glyphs,
): Line {
  const { sources, knownSources, wastedBytes } = download;
  const wasted: readonly Segment[] =
    wastedBytes === 0 ? [] : [{ text: `  wasted ${formatBytes(wastedBytes)}`, role: 'warn' }];
  const room = width - labelWidth - lineWidth(wasted) - 1;
  const delivering = (details?.sources ?? [])
    .filter(({ state }) => state === 'delivering')
    .toSorted((one, other) => other.bytesPerSecond - one.bytesPerSecond);
  if (delivering.length === 0 || sources === 0)
    return [label('from'), { text: sourcesWords(download) }, ...wasted];
  const shown: Segment[] = [];
  let left = room;
  for (const [at, { name, bytesPerSecond }] of delivering.entries()) {
    const text = `${cut(showName(name, glyphs.name).text, 20, 'middle', glyphs.ellipsis)} ${formatSpeed(bytesPerSecond)}  `;
    const others = knownSources - at;
    const more = `+${formatCount(others)} more`;
    if (textWidth(text) + more.length > left) {
      shown.push({ text: more, role: 'dim' });
      return [label('from'), ...shown, ...wasted];
    }
    shown.push({ text });
    left -= textWidth(text);
  }
  const others = knownSources - delivering.length;
  if (others > 0) shown.push({ text: `+${formatCount(others)} more`, role: 'dim' });
  return [label('from'), ...shown, ...wasted];
}

/** `2 of 14 known sources`: how many of them deliver. */
const sourcesWords = ({ sources, knownSources }: DownloadView): string =>
  sources === 0
    ? `nobody just now, ${plural(knownSources, 'source')} known`
    : `${formatCount(sources)} of ${plural(knownSources, 'known source')}`;

/** Where it lies or comes to lie, which content it is, and how it is dealt with. */
export function toLine({ download }: DownloadRow, width: number, glyphs: Glyphs): Line {
  const facts: Segment[] = [
    ...(download.id === undefined ? [] : [{ text: `  id ${shortId(download.id, glyphs)}` }]),
    { text: `  added ${formatClock(download.addedMs)}` },
    { text: `  priority ${download.priority}` },
    ...(download.order === 'sequential' ? [{ text: '  from the front' }] : []),
    ...(download.limitBytesPerSecond === 0
      ? []
      : [{ text: `  limit ${formatLimit(download.limitBytesPerSecond)}` }]),
  ];
  const room = width - labelWidth - lineWidth(facts) - 1;
  const place = nameSegments(download.path ?? download.outDir, Math.max(12, room), glyphs);
  return [label(download.path === undefined ? 'to' : 'is at'), ...place, ...facts];
}

/** Its name and how much of it is verified: for titles. */
export function titleOf({ download, figures }: DownloadRow, width: number, glyphs: Glyphs): Segment {
  const { sizeBytes, state } = download;
  const percent =
    sizeBytes === undefined ? '' : `  ${formatPercent(figures.hereBytes, sizeBytes, state === 'done', 1)}`;
  const name = nameSegments(downloadName(download), Math.max(8, width - percent.length), glyphs);
  return { text: `${name.map(({ text }) => text).join('')}${percent}`, role: 'title' };
}

/** The beginning and the end: enough to tell two apart. */
const shortId = (id: string, { ellipsis }: Glyphs): string => `${id.slice(0, 8)}${ellipsis}${id.slice(-4)}`;

export const label = (text: string): Segment => ({ text: ` ${text}`.padEnd(labelWidth), role: 'dim' });

/** Lines of exactly `width`. */
export const fitted = (lines: readonly Line[], width: number, glyphs: Glyphs): readonly Line[] =>
  lines.map((line) => fitLine(line, width, glyphs.ellipsis));
