/**
 * What keys do to downloads: to the one under the cursor, to all that are marked, or to all there are. Invariant:
 * nothing that takes data away is done without a question that names it.
 */
import {
  hasEnded,
  type DownloadState,
  type DownloadView,
  type Priority,
  type TransferCommand,
} from '../../../core/engine/engine-api.ts';
import { askCancelBytes } from '../../../core/limits/screen.ts';
import { formatLink } from '../../../core/shoal-link.ts';
import type { ActionId } from '../../keys/key-table.ts';
import { hint, open, send, toast, type Effect } from '../../model/effects.ts';
import type { DownloadRow } from '../../model/transfers.ts';
import type { ScreenAction } from '../../screen/screen.ts';
import { showName } from '../../text/names.ts';
import { formatBytes, formatLimit, plural } from '../../text/numbers.ts';
import { askAbout, limitDialog } from './questions.ts';
import { downloadName } from '../../transfer-text.ts';

/** What the actions of a screen are for. */
export interface ActionTargets {
  /** The marked downloads, or the one under the cursor. */
  selected(): readonly DownloadRow[];
  /** All there are, in whatever view. */
  all(): Iterable<DownloadRow>;
  /** Of this view: what `clear` takes away. */
  shown(): Iterable<DownloadRow>;
  /** How one of them is now; undefined: it is gone. */
  latest(transfer: number): DownloadRow | undefined;
}

type Actions = Partial<Record<ActionId, ScreenAction>>;
type SimpleCommand = Extract<
  TransferCommand,
  { readonly type: 'pause' | 'resume' | 'cancel' | 'retry' | 'find-sources' }
>;

/** The downloads that an action is for, as they are whenever it is called. */
type Following = () => readonly DownloadRow[];

const running: ReadonlySet<DownloadState> = new Set([
  'queued',
  'finding',
  'waiting',
  'downloading',
  'finishing',
]);
const retried: ReadonlySet<DownloadState> = new Set(['waiting', 'failed', 'cancelled']);
const ranks: readonly Priority[] = ['low', 'normal', 'high'];

export function downloadActions(targets: ActionTargets): Actions {
  /** The same downloads whenever it is called, without those that are gone. */
  const following = (rows: readonly DownloadRow[]) => (): readonly DownloadRow[] =>
    rows.flatMap(({ download: { transfer } }) => targets.latest(transfer) ?? []);
  const withSelected = (act: (rows: readonly DownloadRow[]) => readonly Effect[]): ScreenAction => {
    return () => {
      const rows = targets.selected();
      return rows.length === 0 ? [hint('There is nothing under the cursor.')] : act(rows);
    };
  };
  return {
    details: withSelected(([row]) => (row === undefined ? [] : [open('details', { kind: 'transfer', transfer: row.download.transfer })])),
    expand: withSelected(([row]) => (row === undefined ? [] : [open('details', { kind: 'transfer', transfer: row.download.transfer })])),
    pause: withSelected(pauseOrResume),
    'pause-all': () => pauseOrResume([...targets.all()].filter(({ download }) => !hasEnded(download))),
    cancel: withSelected((rows) => cancel(following(rows))),
    retry: withSelected((rows) => simple('retry', rows, mayRetry, 'Trying again', 'Nothing to try again: only what waits, failed or was cancelled.')),
    'retry-all': () => simple('retry', [...targets.all()], ({ state }) => state === 'failed', 'Trying again', 'No download has failed.'),
    raise: withSelected((rows) => step(rows, 1)),
    lower: withSelected((rows) => step(rows, -1)),
    'queue-up': withSelected((rows) => move(rows, 'up')),
    'queue-down': withSelected((rows) => move(rows, 'down')),
    'more-sources': withSelected(findSources),
    limit: withSelected((rows) => [{ type: 'dialog', dialog: limitDialog(rows, (rate) => limit(following(rows)(), rate)) }]),
    sequential: withSelected(orderPieces),
    remove: withSelected((rows) => remove(following(rows))),
    delete: withSelected((rows) => [deleteData(following(rows))]),
    'clear-done': () => clear(following([...targets.shown()].filter(({ download }) => hasEnded(download)))),
    open: withSelected(([row]) => (row === undefined ? [] : openFile(row.download))),
    copy: withSelected(copyIds),
    'copy-link': withSelected(copyLinks),
  }; // prettier-ignore
}

const numbers = (rows: readonly DownloadRow[]): readonly number[] =>
  rows.map(({ download }) => download.transfer);

/** Sends it for those it makes sense for, and says for how many. */
function simple(
  type: SimpleCommand['type'],
  rows: readonly DownloadRow[],
  fits: (download: DownloadView) => boolean,
  told: string,
  nothing: string,
): readonly Effect[] {
  const fitting = rows.filter(({ download }) => fits(download));
  if (fitting.length === 0) return [hint(nothing)];
  return [send({ type, transfers: numbers(fitting) }), toast(`${told}: ${named(fitting)}`)];
}

/** Whether trying again would do something. */
export const mayRetry = ({ state }: DownloadView): boolean => retried.has(state);

/** Whether the key for pausing has these go on. */
export const wouldResume = (rows: readonly DownloadRow[]): boolean =>
  !rows.some(({ download }) => running.has(download.state)) &&
  rows.some(({ download }) => download.state === 'paused');

/** Pauses while one of them runs; when all are paused they go on. */
function pauseOrResume(rows: readonly DownloadRow[]): readonly Effect[] {
  if (rows.some(({ download }) => running.has(download.state)))
    return simple('pause', rows, ({ state }) => running.has(state), 'Paused', '');
  const nothing = 'Nothing here can be paused or go on.';
  return simple('resume', rows, ({ state }) => state === 'paused', 'Resumed', nothing);
}

const bytesOf = (rows: readonly DownloadRow[]): number =>
  rows.reduce((bytes, { download }) => bytes + download.doneBytes, 0);

function cancel(rows: Following): readonly Effect[] {
  const going = (): readonly DownloadRow[] => rows().filter(({ download }) => !hasEnded(download));
  const effects = (now: readonly DownloadRow[]): readonly Effect[] =>
    simple('cancel', now, () => true, 'Cancelled', 'Nothing here is under way.');
  if (bytesOf(going()) <= askCancelBytes) return effects(going());
  return [
    askAbout({
      title: 'Cancel?',
      rows: going,
      question: (now) => `Cancel ${plural(now.length, 'download')}?`,
      consequence: (now) => `${formatBytes(bytesOf(now))} stay on the disk; r goes on.`,
      yes: 'Cancel them',
      effects,
    }),
  ];
}

function step(rows: readonly DownloadRow[], by: 1 | -1): readonly Effect[] {
  const going = rows.filter(({ download }) => !hasEnded(download));
  const effects = ranks.flatMap((priority, rank): readonly Effect[] => {
    const changing = going.filter(
      ({ download }) => download.priority !== priority && next(download.priority, by) === rank,
    );
    return changing.length === 0
      ? []
      : [send({ type: 'prioritise', transfers: numbers(changing), priority })];
  });
  if (effects.length > 0) return effects;
  return [hint(by === 1 ? 'The priority is as high as it goes.' : 'The priority is as low as it goes.')];
}

const next = (priority: Priority, by: 1 | -1): number =>
  Math.max(0, Math.min(ranks.length - 1, ranks.indexOf(priority) + by));

function move(rows: readonly DownloadRow[], to: 'up' | 'down'): readonly Effect[] {
  const going = rows.filter(({ download }) => !hasEnded(download));
  return going.length === 0 ? [] : [send({ type: 'move', transfers: numbers(going), to })];
}

const findSources = (rows: readonly DownloadRow[]): readonly Effect[] =>
  simple(
    'find-sources',
    rows,
    (download) => !hasEnded(download),
    'Looking for more sources',
    'Nothing here is under way.',
  );

function limit(rows: readonly DownloadRow[], bytesPerSecond: number): readonly Effect[] {
  if (rows.length === 0) return [hint('It is gone from the list meanwhile.')];
  const told = bytesPerSecond === 0 ? 'No limit' : `At most ${formatLimit(bytesPerSecond)}`;
  return [
    send({ type: 'limit', transfers: numbers(rows), bytesPerSecond }),
    toast(`${told}: ${named(rows)}`),
  ];
}

function orderPieces(rows: readonly DownloadRow[]): readonly Effect[] {
  const order = rows.some(({ download }) => download.order === 'rarest') ? 'sequential' : 'rarest';
  const told = order === 'sequential' ? 'From the front' : 'Rarest pieces first';
  return [send({ type: 'order-pieces', transfers: numbers(rows), order }), toast(`${told}: ${named(rows)}`)];
}

const areDone = (rows: readonly DownloadRow[]): boolean =>
  rows.every(({ download }) => download.state === 'done');

/** Files stay; asks unless they are all done. */
function remove(rows: Following): readonly Effect[] {
  const effects = (now: readonly DownloadRow[]): readonly Effect[] => [takeOff(now, false)];
  if (areDone(rows())) return effects(rows());
  return [
    askAbout({
      title: 'Remove?',
      rows,
      question: (now) => `Take ${plural(now.length, 'download')} off the list?`,
      consequence: (now) =>
        areDone(now)
          ? 'What is on the disk stays there.'
          : 'What is on the disk stays there, but is not completed.',
      yes: 'Remove',
      effects,
    }),
  ];
}

function deleteData(rows: Following): Effect {
  return askAbout({
    title: 'Delete?',
    rows,
    question: (now) => `DELETE ${plural(now.length, 'download')} from the disk?`,
    consequence: goneWords,
    yes: 'Delete',
    effects: (now) => [takeOff(now, true)],
  });
}

/** Of a folder only what is unfinished is deleted: something else may lie beside the finished files. */
function goneWords(rows: readonly DownloadRow[]): string {
  const files = rows.filter(({ download: { id } }) => id !== undefined);
  const folders = rows.length - files.length;
  if (files.length === 0) return 'Finished files stay; unfinished ones are gone for good.';
  const stays = folders === 0 ? '' : `; finished files of ${plural(folders, 'folder')} stay`;
  return `${formatBytes(bytesOf(files))} are gone for good${stays}.`;
}

/** Done ones leave the list without a question, those that failed with one. */
function clear(rows: Following): readonly Effect[] {
  const ended = (): readonly DownloadRow[] => rows().filter(({ download }) => hasEnded(download));
  const effects = (now: readonly DownloadRow[]): readonly Effect[] => [
    takeOff(now, false),
    toast(`Cleared from the list: ${plural(now.length, 'download')}; files stay.`),
  ];
  if (ended().length === 0) return [hint('Nothing has finished yet.')];
  if (areDone(ended())) return effects(ended());
  return [
    askAbout({
      title: 'Clear?',
      rows: ended,
      question: (now) => `Clear ${plural(now.length, 'download')} that did not finish?`,
      consequence: () => 'What is on the disk stays there.',
      yes: 'Clear',
      effects,
    }),
  ];
}

const takeOff = (rows: readonly DownloadRow[], deletesData: boolean): Effect =>
  send({ type: 'remove', transfers: numbers(rows), deletesData });

/** The file itself when it is there, else the folder it comes into. */
function openFile({ path, outDir }: DownloadView): readonly Effect[] {
  const place = path ?? outDir;
  return [
    {
      type: 'run',
      task: async (ports) => {
        await ports.openPath(place);
        return [toast(`Opened ${showName(place).text}`)];
      },
    },
  ];
}

function copyIds(rows: readonly DownloadRow[]): readonly Effect[] {
  const ids = rows.flatMap(({ download }) => (download.id === undefined ? [] : [download.id]));
  if (ids.length === 0) return [hint('A folder has no id of its own.')];
  return [
    { type: 'copy', text: ids.join('\n'), what: ids.length === 1 ? 'id copied' : `${ids.length} ids copied` },
  ];
}

function copyLinks(rows: readonly DownloadRow[]): readonly Effect[] {
  const links = rows.flatMap(({ download: { id, name, sizeBytes } }) =>
    id === undefined ? [] : [formatLink({ id, name, sizeBytes })],
  );
  if (links.length === 0) return [hint('A folder has no link of its own.')];
  return [
    {
      type: 'copy',
      text: links.join('\n'),
      what: links.length === 1 ? 'link copied' : `${links.length} links copied`,
    },
  ];
}

/** The one by its name, or how many. */
function named(rows: readonly DownloadRow[]): string {
  const [first] = rows;
  return rows.length === 1 && first !== undefined
    ? showName(downloadName(first.download)).text
    : plural(rows.length, 'download');
}
