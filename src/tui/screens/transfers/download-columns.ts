/** The columns of downloads, by how much room there is. */
import { bar } from '../../text/bar.ts';
import { byGlyphs, columnsBy, type Column } from '../../text/columns.ts';
import type { Glyphs } from '../../text/glyphs.ts';
import { nameSegments } from '../../text/names.ts';
import { formatBytes, formatCount, formatPercent, formatSpeed, formatWhen } from '../../text/numbers.ts';
import { lineWidth, type Segment } from '../../text/segments.ts';
import type { DownloadRow } from '../../model/transfers.ts';
import type { Area } from '../../screen/area.ts';
import type { ScreenContext } from '../../screen/screen.ts';
import { ShownEtas } from './etas.ts';
import { barRole, shortState, stateWords, type StateFacts } from './state-words.ts';
import { downloadName } from '../../transfer-text.ts';

type DownloadColumn = Column<DownloadRow>;
type Times = Pick<ScreenContext, 'now' | 'wall'>;
type Files = NonNullable<DownloadRow['download']['files']>;

/** From here on there is room for the place in the queue and all sources. */
const roomyWidth = 124;
/** A name with less than this is no name any more. */
const leastNameWidth = 14;

/** Gives the columns of an area; the same array for the same kind of area. */
export function downloadColumns(times: Times): (area: Area) => readonly DownloadColumn[] {
  const etas = new ShownEtas();
  const keyOf = ({ size, width, glyphs }: Area): string => `${size} ${width >= roomyWidth} ${glyphs.name}`;
  return columnsBy(keyOf, ({ size, width, glyphs }) => {
    const parts = runningParts(times, etas, glyphs);
    if (size === 'tiny' || size === 'line') return [parts.name, parts.percent, parts.speed, parts.leftOrState];
    if (size === 'panes') return [parts.place, parts.name, parts.size, parts.bar, parts.tenths, parts.speed, parts.up, parts.eta, parts.allSources, parts.available, parts.words];
    if (size === 'wide' && width >= roomyWidth) return [parts.place, parts.name, parts.size, parts.bar, parts.percent, parts.speed, parts.eta, parts.allSources, parts.words];
    if (size === 'wide') return [parts.name, parts.size, parts.bar, parts.percent, parts.speed, parts.eta, parts.sources, parts.words];
    return [parts.name, parts.size, parts.bar, parts.percent, parts.speed, parts.eta, parts.sources, parts.state];
  }); // prettier-ignore
}

/** Of downloads that are done: what, where, when. */
export function doneColumns(times: Times): (area: Area) => readonly DownloadColumn[] {
  return byGlyphs((glyphs) => [
    nameColumn(glyphs),
    text('size', 'SIZE', 6, 2, 'right', ({ download }) => formatBytes(download.sizeBytes)),
    {
      ...text('path', 'WHERE', 16, 4, 'left', () => ''),
      weight: 2,
      cell: ({ download }, width) => nameSegments(download.path ?? download.outDir, width, glyphs),
    },
    text('from', 'FROM', 4, 5, 'right', ({ download }) => formatCount(download.usedSources)),
    text('sent', 'SENT', 6, 6, 'right', ({ download }) => formatBytes(download.sentBytes || undefined)),
    text('ended', 'ENDED', 6, 3, 'right', ({ download }) => formatWhen(download.endedMs, times.wall())),
  ]);
}

/** Of downloads that failed or were cancelled: what and why. */
export function failedColumns(times: Times): (area: Area) => readonly DownloadColumn[] {
  return byGlyphs((glyphs) => [
    nameColumn(glyphs),
    text('size', 'SIZE', 6, 4, 'right', ({ download }) => formatBytes(download.sizeBytes)),
    percentColumn(0),
    {
      ...text('why', 'WHY', 16, 2, 'left', () => ''),
      weight: 4,
      cell: (row) => [stateWords(factsOf(row, times, glyphs))],
    },
    text('ended', 'ENDED', 6, 5, 'right', ({ download }) => formatWhen(download.endedMs, times.wall())),
  ]);
}

/** What words about a row need. */
export function factsOf(
  { download, figures }: DownloadRow,
  times: Pick<ScreenContext, 'wall'>,
  glyphs: Glyphs,
): StateFacts {
  return { download, downPerSecond: figures.downPerSecond, wallMs: times.wall(), glyphs: glyphs.name };
}

function runningParts(times: Times, etas: ShownEtas, glyphs: Glyphs) {
  const facts = (row: DownloadRow): StateFacts => factsOf(row, times, glyphs);
  const eta = ({ download, figures }: DownloadRow): string =>
    etas.text(download.transfer, figures.secondsLeft, times.now());
  return {
    place: text('queue', '#', 4, 11, 'right', ({ download }) => (download.queueIndex === undefined ? '-' : formatCount(download.queueIndex))),
    name: nameColumn(glyphs),
    size: text('size', 'SIZE', 6, 6, 'right', ({ download }) => formatBytes(download.sizeBytes)),
    bar: {
      ...text('bar', 'PROGRESS', 8, 5, 'left', () => ''),
      weight: 1,
      maxWidth: 22,
      cell: ({ download, fraction }: DownloadRow, width: number): readonly Segment[] => [
        // In reverse it would show what is missing as what is there.
        { text: bar(fraction, width, glyphs), role: barRole(download), inverse: false },
      ],
    },
    percent: percentColumn(0),
    tenths: percentColumn(1),
    speed: text('speed', 'DOWN', 7, 4, 'right', ({ figures }) => formatSpeed(figures.downPerSecond)),
    up: text('up', 'UP', 7, 10, 'right', ({ figures }) => formatSpeed(figures.upPerSecond)),
    eta: text('eta', 'ETA', 6, 7, 'right', eta),
    sources: text('sources', 'SRC', 3, 8, 'right', ({ download }) => formatCount(download.sources)),
    allSources: text('sources', 'SOURCES', 7, 8, 'right', ({ download }) => `${formatCount(download.sources)}/${formatCount(download.knownSources)}`),
    available: text('available', 'AVAIL', 5, 9, 'right', ({ download }) => download.availability?.toFixed(2) ?? '-'),
    state: { ...text('state', 'STAT', 4, 3, 'left', () => ''), cell: (row: DownloadRow) => [shortState(facts(row))] },
    words: { ...text('state', 'STATE', 18, 3, 'left', () => ''), weight: 2, maxWidth: 60, cell: (row: DownloadRow) => [stateWords(facts(row))] },
    leftOrState: {
      ...text('eta', 'LEFT', 6, 3, 'right', () => ''),
      cell: (row: DownloadRow): readonly Segment[] => row.figures.secondsLeft === undefined ? [shortState(facts(row))] : [{ text: eta(row) }],
    },
  } satisfies Record<string, DownloadColumn>; // prettier-ignore
}

const percentColumn = (digits: 0 | 1): DownloadColumn =>
  text('percent', '%', digits === 0 ? 4 : 6, 2, 'right', ({ download, figures }) =>
    formatPercent(figures.hereBytes, download.sizeBytes, download.state === 'done', digits),
  );

/** Names, and of trees how many of their files are there. */
function nameColumn(glyphs: Glyphs): DownloadColumn {
  return {
    ...text('name', 'NAME', 18, 1, 'left', () => ''),
    weight: 5,
    cell: ({ download }, width) => {
      if (download.files === undefined) return nameSegments(downloadName(download), width, glyphs);
      const whole = filesSegments(download.files);
      const files = width - lineWidth(whole) >= leastNameWidth ? whole : shortFiles(download.files);
      const room = width - lineWidth(files);
      if (room < leastNameWidth) return nameSegments(downloadName(download), width, glyphs);
      return [...nameSegments(downloadName(download), room, glyphs), ...files];
    },
  };
}

/** ` 12/340`, and `!2` for those that failed. */
function shortFiles({ total, done, failed }: Files): readonly Segment[] {
  const bad: readonly Segment[] = failed === 0 ? [] : [{ text: ` !${formatCount(failed)}`, role: 'error' }];
  return [{ text: ` ${formatCount(done)}/${formatCount(total)}`, role: 'dim' }, ...bad];
}

/** ` 12/340 files`, and how many of them failed. */
export function filesSegments(files: Files): readonly Segment[] {
  const failed: readonly Segment[] =
    files.failed === 0 ? [] : [{ text: ` ${formatCount(files.failed)} failed`, role: 'error' }];
  return [{ text: ` ${formatCount(files.done)}/${formatCount(files.total)} files`, role: 'dim' }, ...failed];
}

function text(
  key: string,
  title: string,
  minWidth: number,
  priority: number,
  align: 'left' | 'right',
  cell: (row: DownloadRow) => string,
): DownloadColumn {
  return { key, title, minWidth, weight: 0, priority, align, cell: (row) => [{ text: cell(row) }] };
}
