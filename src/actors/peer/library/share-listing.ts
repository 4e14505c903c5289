/**
 * Pages of what is shared, for browsers: folders first, then files, each in order of their names; recursively,
 * a folder is followed by what is below it. Invariant: the cursor is the last path given, so pages neither
 * repeat nor skip what stays while the share changes between them.
 */
import type { ListEntry, ListPage, VirtualPath } from '../../../core/catalogue.ts';
import type { ShareEntry } from '../../../core/engine/engine-api.ts';
import { fail, ok, type Result } from '../../../core/result.ts';
import { nothingSent, sumOfSent, type SentBook, type SentTotal } from '../../../core/uploads/sent-book.ts';
import { splitVirtualPath } from '../../../core/share/virtual-path.ts';
import type { KnownFile } from './known-file.ts';
import type { Folder, ShareTable } from './share-table.ts';

export interface ListQuery {
  readonly path: VirtualPath;
  readonly recursive: boolean;
  readonly cursor: string | undefined;
  readonly limit: number;
}

/** Where to go on: after the folder or file with these components below the listed folder. */
interface After {
  readonly components: readonly string[];
  readonly isFolder: boolean;
}

/** Problems: `not-found` for an unknown path, `bad-request` for a cursor that is not of this listing. */
export function listPage(table: ShareTable, { path, recursive, cursor, limit }: ListQuery): Result<ListPage> {
  const components = splitVirtualPath(path);
  const folder = components && table.folder(components);
  if (!folder || !isListed(folder)) return listFile(table, components, path);
  const after = cursor === undefined ? undefined : afterOf(folder, cursor);
  if (cursor !== undefined && !after) return fail('bad-request', 'The cursor is not of this listing');
  const entries: ListEntry[] = [];
  let isLast = true;
  for (const entry of entriesOf(folder, recursive, after)) {
    if (entries.length === limit) {
      isLast = false;
      break;
    }
    entries.push(entry);
  }
  return ok({ entries, cursor: isLast ? undefined : entries.at(-1)?.path });
}

/** Everything directly in a folder, with what others got of it. Problem: `not-found`. */
export function shareEntries(
  table: ShareTable,
  path: VirtualPath,
  sent: SentBook,
): Result<readonly ShareEntry[]> {
  const components = splitVirtualPath(path);
  const folder = components && table.folder(components);
  if (!folder) return fail('not-found', 'Nothing is shared by that path');
  const totals = new Map<string, SentTotal>();
  for (const [id, total] of sent)
    for (const file of table.withContent(id)) {
      const name = nameIn(folder, file);
      if (name !== undefined) totals.set(name, sumOfSent(totals.get(name) ?? nothingSent, total));
    }
  const entries = Array.from(entriesOf(folder, false, undefined), (entry) => ({
    ...entry,
    ...(totals.get(entry.path) ?? nothingSent),
  }));
  return ok(entries);
}

/** The path of what a file is, or is in, directly in a folder; undefined when it is elsewhere. */
function nameIn(folder: Folder, file: KnownFile): VirtualPath | undefined {
  const { path } = file;
  if (!path.startsWith(folder.path)) return undefined;
  const end = path.indexOf('/', folder.path.length);
  return end === -1 ? path : path.slice(0, end + 1);
}

function listFile(
  table: ShareTable,
  components: readonly string[] | undefined,
  path: VirtualPath,
): Result<ListPage> {
  const name = components?.at(-1) ?? '';
  const file = components && table.folder(components.slice(0, -1))?.files.get(name);
  const entry = file && !path.endsWith('/') ? fileEntry(file) : undefined;
  return entry
    ? ok({ entries: [entry], cursor: undefined })
    : fail('not-found', 'Nothing is shared by that path');
}

function afterOf(folder: Folder, cursor: string): After | undefined {
  const all = cursor.startsWith(folder.path) ? splitVirtualPath(cursor) : undefined;
  const above = splitVirtualPath(folder.path);
  if (!all || !above || all.length <= above.length) return undefined;
  return { components: all.slice(above.length), isFolder: cursor.endsWith('/') };
}

function* entriesOf(folder: Folder, recursive: boolean, after: After | undefined): Generator<ListEntry> {
  folder.sorted ??= {
    folders: [...folder.folders.keys()].sort(byCode),
    files: [...folder.files.keys()].sort(byCode),
  };
  const { folders, files } = folder.sorted;
  const [last, ...below] = after?.components ?? [];
  const wasFile = after !== undefined && below.length === 0 && !after.isFolder;
  if (!wasFile) {
    for (const name of last === undefined ? folders : folders.slice(firstFrom(folders, last))) {
      const next = folder.folders.get(name);
      if (!next || !isListed(next)) continue;
      if (name !== last) yield folderEntry(next);
      const isBelow = name === last && below.length > 0;
      if (recursive)
        yield* entriesOf(
          next,
          true,
          isBelow ? { components: below, isFolder: after?.isFolder ?? false } : undefined,
        );
    }
  }
  for (const name of wasFile && last !== undefined ? files.slice(firstFrom(files, last)) : files) {
    const file = folder.files.get(name);
    const entry = file && !(wasFile && name === last) ? fileEntry(file) : undefined;
    if (entry) yield entry;
  }
}

/** Folders are listed that have something to list, or are on the disk. */
const isListed = ({ publishedFiles, walk, parent }: Folder): boolean =>
  publishedFiles > 0 || walk > 0 || !parent;

function folderEntry({ path, publishedFiles, publishedBytes }: Folder): ListEntry {
  return { kind: 'folder', path, files: publishedFiles, sizeBytes: publishedBytes };
}

function fileEntry(file: KnownFile): ListEntry | undefined {
  const { id, path, sizeBytes } = file;
  return id && { kind: 'file', id, path, sizeBytes };
}

const byCode = (a: string, b: string): number => (a < b ? -1 : 1);

/** The index of the first name that is not before `name`. */
function firstFrom(sorted: readonly string[], name: string): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] ?? '') < name) low = middle + 1;
    else high = middle;
  }
  return low;
}
