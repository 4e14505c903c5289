/** Downloading what was chosen in a peer's share: a folder as one transfer, a file as another. */
import type { ListEntry, Source } from '../../../core/catalogue.ts';
import type { DownloadTarget } from '../../../core/engine-api.ts';
import type { PeerId } from '../../../core/ids.ts';
import { nameOf } from '../../../core/virtual-path.ts';
import { ask, hint, toast, type Effect } from '../../model/effects.ts';
import { showName } from '../../text/names.ts';
import { formatBytes, plural } from '../../text/numbers.ts';

/** Finds where the peer is, then asks for each entry. What lies in a chosen folder is not asked for twice. */
export function downloadEntries(
  peer: PeerId,
  entries: readonly ListEntry[],
  outDir: string,
): readonly Effect[] {
  const wanted = withoutCovered(entries);
  if (wanted.length === 0) return [hint('Nothing is chosen')];
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
  const bytes = entries.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const parts = [
    ...(folders > 0 ? [plural(folders, 'folder')] : []),
    ...(files > 0 ? [plural(files, 'file')] : []),
  ];
  return `${parts.join(' and ')} queued, ${formatBytes(bytes)}. Press 2 to watch.`;
}
