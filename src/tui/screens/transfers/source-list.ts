/** The lists of one download's parts: its sources, and the files of a tree. */
import type { SourceView } from '../../../core/engine/engine-api.ts';
import { ListPane } from '../../screen/list-pane.ts';
import { byGlyphs, type Column } from '../../text/columns.ts';
import { nameSegments, showName } from '../../text/names.ts';
import { formatBytes, formatPercent, formatSpeed, retryWords } from '../../text/numbers.ts';
import type { Segment } from '../../text/segments.ts';
import type { Glyphs } from '../../text/glyphs.ts';
import type { DetailsFeed, FileRow, SourceRow } from './details-feed.ts';

/** The sources of what the feed follows, those that deliver first. */
export function sourceList(feed: DetailsFeed, wall: () => number): ListPane<SourceRow> {
  return new ListPane({
    table: feed.sources,
    columns: byGlyphs((glyphs) => sourceColumns(glyphs, wall)),
    sorts: [
      { key: 'speed', title: 'speed', letter: 's', descending: true, value: ({ source }) => source.bytesPerSecond * 8 + stateRank[source.state] },
      { key: 'peer', title: 'peer', letter: 'p', descending: false, value: ({ source }) => source.name.toLowerCase() },
      { key: 'have', title: 'what it has', letter: 'h', descending: true, value: ({ source }) => source.havePieces ?? -1 },
      { key: 'got', title: 'received', letter: 'r', descending: true, value: ({ source }) => source.receivedBytes },
    ],
    filter: { text: ({ source }) => `${source.name} ${source.state}` },
  }); // prettier-ignore
}

/** The files of a tree that are not done, those that failed first. */
export function fileList(feed: DetailsFeed): ListPane<FileRow> {
  return new ListPane({
    table: feed.files,
    columns: byGlyphs(fileColumns),
    sorts: [
      { key: 'state', title: 'failed first', letter: 's', descending: true, value: ({ file }) => (file.outcome === 'failed' ? 2 : file.doneBytes > 0 ? 1 : 0) },
      { key: 'path', title: 'name', letter: 'n', descending: false, value: ({ file }) => file.path.toLowerCase() },
      { key: 'size', title: 'size', letter: 'z', descending: true, value: ({ file }) => file.sizeBytes },
    ],
    filter: { text: ({ file }) => `${file.path} ${file.outcome}` },
  }); // prettier-ignore
}

/** What a source does, and why it does nothing. */
export function sourceWords(
  { state, problem, queuePosition, nextAttemptMs }: SourceView,
  wallMs: number,
  glyphs: Glyphs,
): Segment {
  const why = problem === undefined ? '' : `: ${showName(problem.message, glyphs.name).text}`;
  switch (state) {
    case 'delivering':
      return { text: 'sending', role: 'down' };
    case 'connecting':
      return { text: 'connecting', role: 'accent' };
    case 'waiting':
      return {
        text: queuePosition === undefined ? 'waiting for a slot' : `waiting, place ${queuePosition}`,
        role: 'warn',
      };
    case 'idle':
      return { text: 'ready' };
    case 'useless':
      return { text: 'no useful pieces', role: 'dim' };
    case 'resting': {
      const retry = retryWords({ nextAttemptMs, attempts: 0 }, wallMs);
      return { text: `${retry === '' ? 'resting' : retry}${why}`, role: 'warn' };
    }
    case 'banned':
      return { text: `banned${why}`, role: 'error' };
  }
}

const stateRank: Readonly<Record<SourceView['state'], number>> = {
  delivering: 6, waiting: 5, connecting: 4, idle: 3, useless: 2, resting: 1, banned: 0,
}; // prettier-ignore

function sourceColumns(glyphs: Glyphs, wall: () => number): readonly Column<SourceRow>[] {
  const right = { weight: 0, align: 'right' as const };
  return [
    { key: 'peer', title: 'PEER', minWidth: 8, weight: 1, maxWidth: 30, priority: 1, align: 'left', cell: ({ source }, width) => nameSegments(source.name, width, glyphs) },
    { key: 'have', title: 'HAVE', minWidth: 4, priority: 4, ...right, cell: ({ source, pieces }) => [{ text: havePercent(source, pieces) }] },
    { key: 'speed', title: 'DOWN', minWidth: 7, priority: 2, ...right, cell: ({ source }) => [{ text: formatSpeed(source.bytesPerSecond) }] },
    { key: 'got', title: 'GOT', minWidth: 5, priority: 5, ...right, cell: ({ source }) => [{ text: formatBytes(source.receivedBytes || undefined) }] },
    { key: 'state', title: 'STATE', minWidth: 10, weight: 2, priority: 3, align: 'left', cell: ({ source }) => [sourceWords(source, wall(), glyphs)] },
  ]; // prettier-ignore
}

/** A source that has all of it has 100 %: it has verified it. */
const havePercent = ({ havePieces }: SourceView, pieces: number | undefined): string =>
  havePieces === undefined
    ? '-'
    : formatPercent(havePieces, pieces, pieces !== undefined && havePieces >= pieces);

function fileColumns(glyphs: Glyphs): readonly Column<FileRow>[] {
  const right = { weight: 0, align: 'right' as const };
  return [
    { key: 'path', title: 'FILE', minWidth: 18, weight: 3, priority: 1, align: 'left', cell: ({ file }, width) => nameSegments(file.path, width, glyphs) },
    { key: 'size', title: 'SIZE', minWidth: 6, priority: 4, ...right, cell: ({ file }) => [{ text: formatBytes(file.sizeBytes) }] },
    { key: 'percent', title: '%', minWidth: 4, priority: 3, ...right, cell: ({ file }) => [{ text: formatPercent(file.doneBytes, file.sizeBytes, file.outcome === 'done') }] },
    { key: 'state', title: 'STATE', minWidth: 8, weight: 2, priority: 2, align: 'left', cell: ({ file }) => [fileWords(file, glyphs)] },
  ]; // prettier-ignore
}

function fileWords({ outcome, doneBytes, fetchedBytes, problem }: FileRow['file'], glyphs: Glyphs): Segment {
  if (outcome === 'done') return { text: 'verified', role: 'ok' };
  const why = problem === undefined ? '' : `: ${showName(problem.message, glyphs.name).text}`;
  if (outcome === 'failed') return { text: `failed${why}`, role: 'error' };
  return fetchedBytes + doneBytes > 0
    ? { text: `downloading${why}`, role: 'down' }
    : { text: `waiting${why}`, role: 'dim' };
}
