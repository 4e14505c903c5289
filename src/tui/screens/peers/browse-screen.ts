/** What one peer shares, as a tree: files and folders are downloaded from it. */
import type { VirtualPath } from '../../../core/catalogue.ts';
import type { PeerId } from '../../../core/ids.ts';
import { formatLink } from '../../../core/shoal-link.ts';
import type { DiskView } from '../../../core/engine/engine-api.ts';
import { nameOf, parentPath } from '../../../core/share/virtual-path.ts';
import { ask, toast, type Effect } from '../../model/effects.ts';
import { ListPane } from '../../screen/list-pane.ts';
import type { MakeScreen } from '../../screen/screen.ts';
import { byGlyphs, type Column } from '../../text/columns.ts';
import type { Glyphs } from '../../text/glyphs.ts';
import { nameSegments, showName } from '../../text/names.ts';
import { formatBytes, formatCount } from '../../text/numbers.ts';
import { getRows } from './download-entries.ts';
import { ShareTree, type TreeRow } from './share-tree.ts';

interface Visited {
  readonly peer: PeerId;
  readonly name: string;
}

export const browseScreen: MakeScreen = (context) => {
  const tree = new ShareTree();
  const list = treeList(tree);
  let visited: Visited | undefined;
  let problem = '';
  let isListing = false;

  function listFolder(path: VirtualPath): readonly Effect[] {
    const peer = visited;
    if (peer === undefined || !tree.open(path)) return [];
    if (path === '/') isListing = true;
    const failed = (words: string): readonly Effect[] => {
      tree.fail(path);
      if (path !== '/') return [toast(words, 'warning')];
      isListing = false;
      problem = words;
      return [];
    };
    return [
      ask(
        { type: 'browse', peer: peer.peer, path, recursive: false },
        ({ answer, last }) => {
          if (visited !== peer) return [];
          if (!answer.ok) return failed(showName(answer.problem.message).text);
          tree.add(path, answer.value, last);
          if (path === '/' && last) isListing = false;
          const [only, second] = answer.value;
          if (path === '/' && last && only?.kind === 'folder' && second === undefined)
            return listFolder(only.path);
          return tree.isFull ? [toast('Its list is too long: not all of it is shown', 'warning')] : [];
        },
        () => (visited === peer ? failed('It did not answer in time') : []),
      ),
    ];
  }

  function visit(peer: Visited): readonly Effect[] {
    visited = { ...peer };
    problem = '';
    tree.clear();
    list.view.marks.clear();
    list.view.moveTo(0, -Infinity);
    return listFolder('/');
  }

  /** Asks for what is seen again; cursor, marks and open folders stay where they are. */
  function again(): readonly Effect[] {
    if (visited === undefined) return [];
    if (!tree.isListed || tree.table.size === 0) return visit(visited);
    // What was asked before has no say any more.
    visited = { ...visited };
    return listAgain(tree.forgetClosed());
  }

  /** One after the other, so that a peer is not asked for all of its folders at once. */
  function listAgain([path, ...others]: readonly VirtualPath[]): readonly Effect[] {
    const peer = visited;
    if (peer === undefined || path === undefined) return [];
    if (!tree.isOpen(path)) return listAgain(others);
    const failed = (words: string): readonly Effect[] => [
      toast(`This list may have changed since: ${words}`, 'warning'),
    ];
    return [
      ask(
        { type: 'browse', peer: peer.peer, path, recursive: false },
        ({ answer, last }) => {
          if (visited !== peer) return [];
          if (!answer.ok) return failed(showName(answer.problem.message).text);
          tree.renew(path, answer.value, last);
          return last ? listAgain(others) : [];
        },
        () => (visited === peer ? failed('It did not answer in time') : []),
      ),
    ];
  }

  /** Opens a closed folder, and goes into an open one. */
  function openFolder(): readonly Effect[] {
    const row = list.current;
    if (row === undefined || row.entry.kind === 'file') return [];
    if (row.state !== 'closed') {
      list.view.move(1, context.now());
      return [];
    }
    return listFolder(row.entry.path);
  }

  /** Closes an open folder, or goes to the one that holds this. */
  function toParent(): readonly Effect[] {
    const row = list.current;
    if (row === undefined) return [];
    if (row.state === 'open') tree.close(row.entry.path);
    else list.goTo(parentPath(row.entry.path), context.now());
    return [];
  }

  return {
    name: 'browse',
    title: () => (visited === undefined ? 'Browse' : showName(visited.name).text),
    lists: [list],
    empty: () => [
      [],
      isListing
        ? [{ text: '  Listing.', role: 'dim' }]
        : problem === ''
          ? [{ text: '  It shares nothing.' }]
          : [{ text: `  ${problem}`, role: 'warn' }],
      [],
      [{ text: '  r asks again, Esc goes back.', role: 'dim' }],
    ],
    hintWords: (action) => (action === 'open-folder' && list.current?.entry.kind === 'file' ? '' : undefined),
    opened(target) {
      if (target?.kind !== 'peer') return [];
      return target.peer === visited?.peer ? again() : visit(target);
    },
    actions: {
      get() {
        if (visited === undefined) return [];
        const disk = (): DiskView | undefined => context.engine.status.disk;
        const begun = (): void => list.view.marks.clear();
        return getRows(visited, list.selection(), { outDir: context.downloadsDir(), disk, begun });
      },
      'open-folder': openFolder,
      parent: toParent,
      refresh: again,
      copy() {
        const entry = list.current?.entry;
        return entry?.kind === 'file' ? [{ type: 'copy', text: entry.id, what: 'Id copied' }] : [];
      },
      'copy-link'() {
        const entry = list.current?.entry;
        if (entry?.kind !== 'file') return [];
        const link = formatLink({ id: entry.id, name: nameOf(entry.path), sizeBytes: entry.sizeBytes });
        return [{ type: 'copy', text: link, what: 'Link copied' }];
      },
    },
  };
};

function treeList(tree: ShareTree): ListPane<TreeRow> {
  return new ListPane<TreeRow>({
    table: tree.table,
    columns: byGlyphs(treeColumns),
    sorts: [{ key: 'tree', title: 'tree', letter: 't', descending: false, value: ({ order }) => order }],
    filter: { text: ({ entry }) => entry.path },
  });
}

function treeColumns(glyphs: Glyphs): readonly Column<TreeRow>[] {
  const right = { weight: 0, align: 'right' } as const;
  return [
    {
      key: 'name',
      title: 'NAME',
      minWidth: 18,
      weight: 1,
      priority: 1,
      align: 'left',
      cell({ entry, depth, state }, width) {
        const { open, closed } = glyphs.folder;
        const sign = state === 'file' ? ' ' : state === 'closed' ? closed : open;
        const lead = `${'  '.repeat(Math.min(depth, Math.floor(width / 4)))}${sign} `;
        const name = nameSegments(nameOf(entry.path), Math.max(1, width - lead.length), glyphs);
        const role = entry.kind === 'folder' ? 'accent' : 'plain';
        return [{ text: lead, role }, ...name.map((run) => ({ role, ...run }) as const)];
      },
    },
    {
      key: 'files',
      title: 'FILES',
      minWidth: 9,
      priority: 3,
      ...right,
      cell: ({ entry, state }) => [
        { text: entry.kind === 'file' ? '' : state === 'opening' ? 'listing' : formatCount(entry.files), role: 'dim' },
      ],
    },
    {
      key: 'size',
      title: 'SIZE',
      minWidth: 5,
      priority: 2,
      ...right,
      cell: ({ entry }) => [{ text: formatBytes(entry.sizeBytes) }],
    },
  ]; // prettier-ignore
}
