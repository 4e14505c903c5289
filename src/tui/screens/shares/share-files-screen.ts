/** One folder of our own share: its files, and what others got of each. */
import type { VirtualPath } from '../../../core/catalogue.ts';
import type { ShareEntry } from '../../../core/engine/engine-api.ts';
import { shareEntriesEveryMs } from '../../../core/limits/screen.ts';
import { formatLink } from '../../../core/shoal-link.ts';
import { nameOf, parentPath } from '../../../core/share/virtual-path.ts';
import { ask, type Effect } from '../../model/effects.ts';
import { Table } from '../../model/table.ts';
import { ListPane } from '../../screen/list-pane.ts';
import type { MakeScreen } from '../../screen/screen.ts';
import { byGlyphs, type Column } from '../../text/columns.ts';
import type { Glyphs } from '../../text/glyphs.ts';
import { nameSegments, showName } from '../../text/names.ts';
import { formatBytes, formatCount } from '../../text/numbers.ts';

export const shareFilesScreen: MakeScreen = (context) => {
  const table = new Table<ShareEntry>();
  const list = entryList(table);
  let path: VirtualPath = '/';
  let problem = '';
  let askedMs = -Infinity;

  function refresh(): readonly Effect[] {
    const asked = path;
    askedMs = context.now();
    return [
      ask({ type: 'share-entries', path: asked }, ({ answer }) => {
        if (asked !== path) return [];
        problem = answer.ok ? '' : showName(answer.problem.message).text;
        if (answer.ok) show(table, answer.value);
        return [];
      }),
    ];
  }

  function go(to: VirtualPath, from?: VirtualPath): readonly Effect[] {
    path = to;
    table.clear();
    list.view.marks.clear();
    list.view.moveTo(0, -Infinity);
    wanted = from;
    return refresh();
  }

  /** Where the cursor belongs once the folder is listed: on the one we came out of. */
  let wanted: VirtualPath | undefined;

  return {
    name: 'share-files',
    title: () => showName(path).text,
    count: () => list.view.total,
    lists: [list],
    empty: () => [
      [],
      [{ text: problem === '' ? '  There are no files in it.' : `  ${problem}`, role: problem === '' ? 'plain' : 'warn' }],
      [],
      [{ text: '  Esc goes back.', role: 'dim' }],
    ], // prettier-ignore
    opened: (target) => (target?.kind === 'folder' ? go(target.path) : []),
    hintWords: (action) => (action === 'open-share' && list.current?.kind === 'file' ? '' : undefined),
    settle() {
      if (wanted === undefined || table.get(wanted) === undefined) return;
      list.goTo(wanted, -Infinity);
      wanted = undefined;
    },
    poll: (nowMs) => (nowMs - askedMs >= shareEntriesEveryMs ? refresh() : []),
    wakeAt: () => askedMs + shareEntriesEveryMs,
    actions: {
      'open-share'() {
        const entry = list.current;
        return entry?.kind === 'folder' ? go(entry.path) : [];
      },
      parent() {
        const parent = parentPath(path);
        return parent === '/' ? [{ type: 'close-screen' }] : go(parent, path);
      },
      copy() {
        const entry = list.current;
        return entry?.kind === 'file' ? [{ type: 'copy', text: entry.id, what: 'Id copied' }] : [];
      },
      'copy-link'() {
        const entry = list.current;
        if (entry?.kind !== 'file') return [];
        const link = formatLink({ id: entry.id, name: nameOf(entry.path), sizeBytes: entry.sizeBytes });
        return [{ type: 'copy', text: link, what: 'Link copied' }];
      },
    },
  };
};

function show(table: Table<ShareEntry>, entries: readonly ShareEntry[]): void {
  const now = new Set<string>(entries.map(({ path }) => path));
  for (const entry of entries) {
    const known = table.get(entry.path);
    if (known === undefined || !sameEntry(known, entry)) table.set(entry.path, entry);
  }
  for (const id of [...table.ids()]) if (!now.has(String(id))) table.delete(id);
}

const sameEntry = (one: ShareEntry, other: ShareEntry): boolean =>
  one.kind === other.kind &&
  one.sizeBytes === other.sizeBytes &&
  one.sentBytes === other.sentBytes &&
  one.timesSent === other.timesSent;

function entryList(table: Table<ShareEntry>): ListPane<ShareEntry> {
  return new ListPane<ShareEntry>({
    table,
    columns: byGlyphs(entryColumns),
    sorts: [
      { key: 'name', title: 'name', letter: 'n', descending: false, value: ({ kind, path }) => `${kind === 'folder' ? 0 : 1}${path.toLowerCase()}` },
      { key: 'size', title: 'size', letter: 'z', descending: true, value: ({ sizeBytes }) => sizeBytes },
      { key: 'sent', title: 'sent', letter: 's', descending: true, value: ({ sentBytes }) => sentBytes },
      { key: 'times', title: 'times sent', letter: 't', descending: true, value: ({ timesSent }) => timesSent },
    ],
    filter: { text: ({ path }) => nameOf(path) },
  }); // prettier-ignore
}

function entryColumns(glyphs: Glyphs): readonly Column<ShareEntry>[] {
  const right = { weight: 0, align: 'right' } as const;
  return [
    { key: 'name', title: 'NAME', minWidth: 18, weight: 1, priority: 1, align: 'left', cell: ({ path }, width) => nameSegments(nameOf(path), width, glyphs) },
    { key: 'files', title: 'FILES', minWidth: 9, priority: 5, ...right, cell: (entry) => [{ text: entry.kind === 'folder' ? formatCount(entry.files) : '', role: 'dim' }] },
    { key: 'size', title: 'SIZE', minWidth: 6, priority: 2, ...right, cell: ({ sizeBytes }) => [{ text: formatBytes(sizeBytes) }] },
    { key: 'sent', title: 'SENT', minWidth: 6, priority: 3, ...right, cell: ({ sentBytes }) => [sentBytes === 0 ? { text: '-', role: 'dim' } : { text: formatBytes(sentBytes), role: 'up' }] },
    { key: 'times', title: 'TIMES', minWidth: 6, priority: 4, ...right, cell: ({ timesSent }) => [{ text: timesSent === 0 ? '-' : formatCount(timesSent), role: timesSent === 0 ? 'dim' : 'plain' }] },
  ]; // prettier-ignore
}
