/**
 * What stands below the list of downloads: of the one under the cursor a few lines, and in large windows boxes with
 * its piece map and its sources, and beside them the uploads and what went wrong lately. Invariant: exactly the
 * lines that it said it wants, or fewer subjects of them.
 */
import { hasEnded } from '../../../core/engine/engine-api.ts';
import { beside, fitBlock } from '../../parts/cells.ts';
import { box, rule } from '../../parts/box.ts';
import type { DownloadRow } from '../../model/transfers.ts';
import { part, type Area } from '../../screen/area.ts';
import type { ListPane } from '../../screen/list-pane.ts';
import type { ScreenContext, Strip } from '../../screen/screen.ts';
import type { Line } from '../../text/segments.ts';
import type { DetailsFeed, SourceRow } from './details-feed.ts';
import {
  curveLine,
  downLine,
  fitted,
  fromLine,
  pieceLegend,
  pieceMapLines,
  piecesLine,
  piecesWords,
  stateLine,
  titleOf,
  toLine,
  upLine,
} from './detail-lines.ts';
import { factsOf } from './download-columns.ts';
import { logLines } from './log-lines.ts';
import { uploadPanel, type UploadPanel } from './upload-lines.ts';

export interface StripParts {
  readonly context: ScreenContext;
  readonly feed: DetailsFeed;
  readonly sources: ListPane<SourceRow>;
  /** The download that it is about. */
  readonly current: () => DownloadRow | undefined;
}

const stripLines = 6;
const leastStripLines = 3;
const boxLines = 15;
const lowerLines = 6;
const leastBoxLines = 11;

export function detailsStrip(parts: StripParts): Strip {
  const uploads = uploadPanel(parts.context);
  return {
    height(area) {
      const room = Math.floor(area.height / 2);
      if (showsBoxes(area)) return Math.min(room, boxLines + lowerLines);
      return room >= leastStripLines ? Math.min(room, stripLines) : 0;
    },
    lines(area) {
      const row = parts.current();
      if (row === undefined) return fitBlock([], area.width, area.height);
      return area.height >= leastBoxLines ? boxes(parts, row, area, uploads) : narrow(parts, row, area);
    },
  };
}

/** Whether the sources are drawn as a list of their own, which the keys can go to. */
export const showsBoxes = ({ size, height }: Area): boolean =>
  size === 'panes' && Math.floor(height / 2) >= leastBoxLines;

function narrow(
  { context, feed }: StripParts,
  row: DownloadRow,
  { width, height, glyphs }: Area,
): readonly Line[] {
  const details = feed.transfer === row.download.transfer ? feed.details : undefined;
  const meter = context.engine.transfers.meter(row.download.transfer);
  const title = titleOf(row, width - 24, glyphs).text;
  const subjects: readonly Line[] = [
    rule(title, width, glyphs, 'i hide  e expand'),
    stateLine(factsOf(row, context, glyphs)),
    piecesLine(row, details, width, glyphs),
    ...(meter === undefined
      ? []
      : [
          curveLine(
            'speed',
            meter.down,
            row.figures.downPerSecond,
            row.download.fetchedBytes,
            width,
            glyphs,
            'down',
          ),
        ]),
    ...(hasEnded(row.download) ? [] : [fromLine(row, details, width, glyphs)]),
    toLine(row, width, glyphs),
  ];
  return fitBlock(fitted(subjects, width, glyphs), width, height);
}

function boxes(
  parts: StripParts,
  row: DownloadRow,
  area: Area,
  uploadsOf: (area: Area) => UploadPanel,
): readonly Line[] {
  const { width, height, glyphs } = area;
  const leftWidth = Math.floor(width * 0.62);
  const rightWidth = width - leftWidth;
  const upper = height >= leastBoxLines + lowerLines ? height - lowerLines : height;
  const { context, sources } = parts;
  const listed = part(area, rightWidth - 2, upper - 3);
  const right = [sources.titles(listed), ...sources.lines(listed, context.isFocused(sources))];
  const { sources: active, knownSources } = row.download;
  const lines = beside(
    box(
      titleOf(row, leftWidth - 30, glyphs).text,
      detail(parts, row, part(area, leftWidth - 2, upper - 2)),
      leftWidth,
      upper,
      glyphs,
      pieceNote(parts, row),
    ),
    leftWidth,
    box(`sources ${active} of ${knownSources}`, right, rightWidth, upper, glyphs, 'Tab'),
    rightWidth,
  );
  if (upper === height) return lines;
  const uploads = uploadsOf(part(area, leftWidth - 2, lowerLines - 2));
  const log = logLines(context, part(area, rightWidth - 2, lowerLines - 2));
  return [
    ...lines,
    ...beside(
      box(uploads.title, uploads.lines, leftWidth, lowerLines, glyphs, ']'),
      leftWidth,
      box('warnings and errors', log, rightWidth, lowerLines, glyphs, '5 all'),
      rightWidth,
    ),
  ];
}

const pieceNote = ({ feed }: StripParts, { download }: DownloadRow): string =>
  feed.transfer === download.transfer ? piecesWords(download, feed.details) : '';

/** All subjects, with as much of the map as fits. */
function detail(
  { context, feed }: StripParts,
  row: DownloadRow,
  { width, height, glyphs }: Area,
): readonly Line[] {
  const details = feed.transfer === row.download.transfer ? feed.details : undefined;
  const meter = context.engine.transfers.meter(row.download.transfer);
  const below: readonly Line[] = [
    stateLine(factsOf(row, context, glyphs)),
    fromLine(row, details, width, glyphs),
    toLine(row, width, glyphs),
    downLine(row, meter, width, glyphs),
    upLine(row, meter, width, glyphs),
  ];
  const room = height - below.length - 1;
  const map = pieceMapLines(details, width, Math.min(6, room), glyphs);
  const upper = map.length === 0 ? [piecesLine(row, details, width, glyphs)] : [pieceLegend(glyphs), ...map];
  return fitted([...upper, ...below], width, glyphs);
}
