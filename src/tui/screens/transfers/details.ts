/**
 * One download over the whole screen: its state in full, its pieces, its speeds, every source with what it does,
 * and of a tree the files that are not done, failures first.
 */
import { detailsEveryMs } from '../../../core/limits/screen.ts';
import { hint, type Effect } from '../../model/effects.ts';
import type { DownloadRow } from '../../model/transfers.ts';
import { rule } from '../../parts/box.ts';
import { fitBlock } from '../../parts/cells.ts';
import { part, type Area } from '../../screen/area.ts';
import type { AnyList } from '../../screen/list-pane.ts';
import type { MakeScreen, ScreenContext } from '../../screen/screen.ts';
import { showName } from '../../text/names.ts';
import { formatCount, plural } from '../../text/numbers.ts';
import type { Line } from '../../text/segments.ts';
import { DetailsFeed, type SourceRow } from './details-feed.ts';
import {
  downLine,
  fitted,
  pieceLegend,
  pieceMapLines,
  piecesLine,
  piecesWords,
  stateLine,
  titleOf,
  toLine,
  upLine,
} from './detail-lines.ts';
import { downloadActions } from './download-actions.ts';
import { factsOf } from './download-columns.ts';
import { emptyWords } from './empty-words.ts';
import { blockPeer, browsePeer } from '../peer-actions.ts';
import { downloadHint } from './hint-words.ts';
import { fileList, sourceList } from './source-list.ts';
import { countsDown } from './state-words.ts';

const mapRows = 6;
/** Below this many lines the map, the curve of uploads and the legend give way to the list. */
const roomyLines = 24;
/** With less than this half of it is for the lists. */
const fullLines = 14;
const leastListLines = 5;

export const detailsScreen: MakeScreen = (context) => {
  const { downloads } = context.engine.transfers;
  const feed = new DetailsFeed();
  const sources = sourceList(feed, context.wall);
  const files = fileList(feed);
  let transfer: number | undefined;
  const row = (): DownloadRow | undefined => (transfer === undefined ? undefined : downloads.get(transfer));
  const rows = (): readonly DownloadRow[] => [row()].filter((one) => one !== undefined);
  const withSource = (act: (source: SourceRow['source']) => readonly Effect[]) => (): readonly Effect[] =>
    sources.current === undefined ? [hint('No source of it is known yet.')] : act(sources.current.source);
  return {
    name: 'details',
    title: () => 'Details',
    get lists(): readonly [AnyList, ...AnyList[]] {
      return row()?.download.files === undefined ? [sources] : [files, sources];
    },
    body(area) {
      const current = row();
      if (current === undefined) return fitBlock(emptyWords('details'), area.width, area.height);
      const upper = about(context, feed, current, area);
      const left = area.height - upper.length;
      const { sources: active, knownSources, files: tree } = current.download;
      const filesHeight = tree === undefined ? 0 : heightOfFiles(left, context.isFocused(sources));
      const open = `${plural(files.view.total, 'file')} not done yet, failed ones first`;
      const known = `sources ${formatCount(active)} of ${formatCount(knownSources)}`;
      return [
        ...upper,
        ...pane(context, files, open, part(area, area.width, filesHeight)),
        ...pane(context, sources, known, part(area, area.width, left - filesHeight)),
      ];
    },
    empty: () => emptyWords('details'),
    hintWords: (action) => downloadHint(action, row(), 0),
    hasRow: () => row() !== undefined,
    actions: {
      ...downloadActions({
        selected: rows,
        all: () => downloads.rows(),
        shown: rows,
        latest: (id) => context.engine.transfers.latest(id),
      }),
      details: () => [],
      expand: () => [{ type: 'close-screen' }],
      browse: withSource((source) => [browsePeer(source)]),
      block: withSource(({ peer, name }) => [blockPeer(peer, name)]),
    },
    opened(target) {
      if (target?.kind === 'transfer') transfer = target.transfer;
      feed.follow(row()?.download);
      return feed.poll(context.now());
    },
    settle: () => feed.follow(row()?.download),
    poll: (nowMs) => feed.poll(nowMs),
    wakeAt(nowMs) {
      const current = row();
      if (current !== undefined && countsDown(current.download)) return (Math.floor(nowMs / 1000) + 1) * 1000;
      return feed.lives ? nowMs + detailsEveryMs : undefined;
    },
  };
};

/** Both lists where there is room for both, else the one that has the keys. */
function heightOfFiles(height: number, sourcesFocused: boolean): number {
  if (height >= 2 * leastListLines) return Math.ceil(height * 0.6);
  return sourcesFocused ? 0 : height;
}

/** All subjects, a line each, and the map where there is room for it. */
function about(
  context: ScreenContext,
  feed: DetailsFeed,
  row: DownloadRow,
  { width, height, glyphs }: Area,
): readonly Line[] {
  const { details, problem } = feed;
  const meter = context.engine.transfers.meter(row.download.transfer);
  const roomy = height >= roomyLines;
  const map = roomy ? pieceMapLines(details, width, mapRows, glyphs) : [];
  const note = map.length === 0 ? 'e back' : `${piecesWords(row.download, details)}  e back`;
  const lines: readonly Line[] = [
    rule(titleOf(row, width - 34, glyphs).text, width, glyphs, note),
    stateLine(factsOf(row, context, glyphs)),
    ...(map.length === 0 ? [piecesLine(row, details, width, glyphs)] : [pieceLegend(glyphs), ...map]),
    downLine(row, meter, width, glyphs),
    ...(roomy ? [upLine(row, meter, width, glyphs)] : []),
    toLine(row, width, glyphs),
    ...(problem === undefined
      ? []
      : [[{ text: ` No details: ${showName(problem.message).text}`, role: 'warn' as const }]]),
  ];
  const shown = height >= fullLines ? lines : lines.slice(0, Math.max(1, Math.floor(height / 2)));
  return fitted(shown, width, glyphs);
}

/** A rule with what it is, titles, rows: exactly `area.height` lines. */
function pane(context: ScreenContext, list: AnyList, title: string, area: Area): readonly Line[] {
  const { width, height, glyphs } = area;
  if (height <= 0) return [];
  const listed = part(area, width, Math.max(0, height - 2));
  const focused = context.isFocused(list);
  const lines = [
    rule(title, width, glyphs, focused ? '' : 'Tab'),
    list.titles(listed),
    ...list.lines(listed, focused),
  ];
  return fitBlock(lines, width, height);
}
