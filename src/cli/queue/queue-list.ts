/** The queue of a peer as a list: rows for people, objects for scripts, the same things in both. Pure. */
import { hasEnded, type DownloadView } from '../../core/engine/engine-api.ts';
import { maxQueueRows } from '../../core/limits/cli.ts';
import { formatSize } from '../../core/quantity.ts';
import { displayName } from '../../core/safe-name.ts';
import { formatDuration } from '../../tui/text/numbers.ts';
import { downloadName, percentDone, secondsLeft } from '../../tui/transfer-text.ts';
import { table, type Column } from '../table.ts';
import { isHeldUp, standingOf, waitWords } from '../get/wait-words.ts';
import { counted } from '../words.ts';

const columns: readonly Column[] = [
  { title: 'No.', align: 'right' },
  { title: 'State' },
  { title: 'Done', align: 'right' },
  { title: 'Size', align: 'right' },
  { title: 'Speed', align: 'right' },
  { title: 'Left', align: 'right' },
  { title: 'Sources', align: 'right' },
  { title: 'Priority' },
  { title: 'Name', shrink: 'middle' },
];

/** How fast each comes, by its number. */
export type SpeedOf = (view: DownloadView) => number;

/** What scripts get of one download. */
export function queueObject(view: DownloadView, bytesPerSecond: number): object {
  const { transfer, id, name, queueIndex, priority, order, limitBytesPerSecond, sizeBytes, doneBytes } = view;
  const { sources, knownSources, files, outDir, path, addedMs, endedMs } = view;
  return {
    transfer,
    id: id ?? null,
    name,
    place: queueIndex ?? null,
    ...standingOf(view),
    priority,
    sequential: order === 'sequential',
    limit: limitBytesPerSecond,
    done: doneBytes,
    size: sizeBytes ?? null,
    percent: percentDone(view),
    bytesPerSecond,
    sources,
    knownSources,
    ...(files && { files }),
    out: outDir,
    path: path ?? null,
    addedMs,
    ...(endedMs !== undefined && { endedMs }),
  };
}

/** Lines for people: a row for each, and below it why it does not go on. `width`: of the terminal, if it is one. */
export function queueLines(
  downloads: readonly DownloadView[],
  speedOf: SpeedOf,
  width: number | undefined,
): readonly string[] {
  if (downloads.length === 0) return ['Nothing is in the queue.'];
  const shown = downloads.slice(0, maxQueueRows);
  const [titles = '', ...rows] = table(
    columns,
    shown.map((view) => cells(view, speedOf(view))),
    width,
  );
  const more = downloads.length - shown.length;
  return [
    titles,
    ...shown.flatMap((view, at) => [rows[at] ?? '', ...notes(view)]),
    ...(more > 0 ? [`and ${counted(more, 'other')}, see --json`] : []),
  ];
}

function cells(view: DownloadView, bytesPerSecond: number): readonly string[] {
  const { transfer, state, sizeBytes, sources, priority } = view;
  const left = state === 'downloading' ? secondsLeft(view, bytesPerSecond) : undefined;
  return [
    String(transfer),
    state,
    `${percentDone(view)} %`,
    sizeBytes === undefined ? '-' : formatSize(sizeBytes),
    bytesPerSecond === 0 ? '-' : `${formatSize(bytesPerSecond)}/s`,
    left === undefined ? '-' : formatDuration(left),
    hasEnded(view) ? '-' : String(sources),
    hasEnded(view) ? '-' : priority,
    downloadName(view),
  ];
}

/** What a row has no column for. */
function notes(view: DownloadView): readonly string[] {
  const { state, problem, limitBytesPerSecond, order } = view;
  const parts = [
    ...(isHeldUp(view) ? [`waits: ${waitWords(view)}`] : []),
    ...((state === 'failed' || state === 'cancelled') && problem ? [problem.message] : []),
    ...(limitBytesPerSecond > 0 && !hasEnded(view) ? [`at most ${formatSize(limitBytesPerSecond)}/s`] : []),
    ...(order === 'sequential' && !hasEnded(view) ? ['from the front'] : []),
  ];
  return parts.length === 0 ? [] : [`     ${displayName(parts.join('; '))}`];
}
