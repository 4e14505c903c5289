/**
 * Downloading what was chosen in a peer's share: a folder as one transfer, a file as another. Invariant: many files are
 * not queued without their number having been said.
 */
import type { ListEntry, Source } from '../../../core/catalogue.ts';
import type { DiskView, DownloadTarget } from '../../../core/engine/engine-api.ts';
import type { PeerId } from '../../../core/ids.ts';
import { askFolderBytes, askFolderFiles } from '../../../core/limits/screen.ts';
import { nameOf } from '../../../core/share/virtual-path.ts';
import { confirmation } from '../../model/dialog.ts';
import { ask, hint, toast, type Effect } from '../../model/effects.ts';
import { showName } from '../../text/names.ts';
import { formatBytes, plural } from '../../text/numbers.ts';
import type { Line } from '../../text/segments.ts';
import type { TreeRow } from './share-tree.ts';

export interface GetFacts {
  readonly outDir: string;
  /** As it is whenever this is called. */
  readonly disk: () => DiskView | undefined;
  /** Called when they are asked for, not while that is still a question. */
  readonly begun: () => void;
}

interface Visited {
  readonly peer: PeerId;
  readonly name: string;
}

/** Gets these rows, after a question where that is much. What lies in a chosen folder is not asked for twice. */
export function getRows(peer: Visited, rows: readonly TreeRow[], facts: GetFacts): readonly Effect[] {
  const wanted = withoutCovered(rows.map(({ entry }) => entry));
  const [first] = wanted;
  if (first === undefined) return [hint('Nothing is chosen yet')];
  const effects = (): readonly Effect[] => {
    facts.begun();
    return downloadEntries(peer.peer, wanted, facts.outDir);
  };
  const folders = wanted.filter(({ kind }) => kind === 'folder');
  const isMuch = filesOf(folders) > askFolderFiles || bytesOf(folders) > askFolderBytes;
  // Who has seen nothing of what is in it has hardly chosen it.
  const isUnseen = rows.some(({ state }) => state === 'opening');
  if (!isMuch && !isUnseen) return effects();
  const what =
    wanted.length === 1 ? showName(nameOf(first.path)).text : plural(wanted.length, 'entry', 'entries');
  const body = (): readonly Line[] => [
    [{ text: `Get all of ${what} from ${showName(peer.name).text}?`, bold: true }],
    [
      {
        text: `${plural(filesOf(wanted), 'file')}, ${formatBytes(bytesOf(wanted))}${roomWords(facts.disk())}`,
      },
    ],
    ...(bytesOf(wanted) > (facts.disk()?.freeBytes ?? Infinity)
      ? [[{ text: 'What does not fit waits until there is room, and goes on by itself.' }]]
      : []),
  ];
  return [{ type: 'dialog', dialog: confirmation('Get folders?', body, { label: 'Get', effects }) }];
}

const filesOf = (entries: readonly ListEntry[]): number =>
  entries.reduce((sum, entry) => sum + (entry.kind === 'folder' ? entry.files : 1), 0);

const bytesOf = (entries: readonly ListEntry[]): number =>
  entries.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);

const roomWords = (disk: DiskView | undefined): string =>
  disk?.freeBytes === undefined ? '' : `; ${formatBytes(disk.freeBytes)} are free here`;

/** Finds where the peer is, then asks for each entry. */
function downloadEntries(peer: PeerId, wanted: readonly ListEntry[], outDir: string): readonly Effect[] {
  return [
    ask({ type: 'find-peer', peer }, ({ answer }) => {
      if (!answer.ok) return [toast(showName(answer.problem.message).text, 'warning')];
      return [...wanted.map((entry) => download(entry, answer.value, outDir)), toast(queued(wanted))];
    }),
  ];
}

function download(entry: ListEntry, source: Source, outDir: string): Effect {
  const target: DownloadTarget =
    entry.kind === 'folder'
      ? { kind: 'tree', source, path: entry.path }
      : { kind: 'content', id: entry.id, name: nameOf(entry.path), folders: [], sources: [source] };
  const sizeBytes = entry.kind === 'file' ? entry.sizeBytes : undefined;
  return ask({ type: 'download', target, outDir, bytesPerSecond: 0, sizeBytes }, ({ answer }) =>
    answer.ok ? [] : [toast(showName(answer.problem.message).text, 'error')],
  );
}

function withoutCovered(entries: readonly ListEntry[]): readonly ListEntry[] {
  const folders = entries.filter(({ kind }) => kind === 'folder').map(({ path }) => path);
  return entries.filter(({ path }) => !folders.some((folder) => path !== folder && path.startsWith(folder)));
}

function queued(entries: readonly ListEntry[]): string {
  const folders = entries.filter(({ kind }) => kind === 'folder').length;
  const files = entries.length - folders;
  const parts = [
    ...(folders > 0 ? [plural(folders, 'folder')] : []),
    ...(files > 0 ? [plural(files, 'file')] : []),
  ];
  return `${parts.join(' and ')} queued, ${formatBytes(bytesOf(entries))}. Press 2 to watch.`;
}
