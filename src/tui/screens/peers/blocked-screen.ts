/** The peers that get nothing of us. */
import type { BlockedPeer } from '../../../core/engine/engine-api.ts';
import { send, toast } from '../../model/effects.ts';
import { Table } from '../../model/table.ts';
import { ListPane } from '../../screen/list-pane.ts';
import type { MakeScreen } from '../../screen/screen.ts';
import { byGlyphs, type Column } from '../../text/columns.ts';
import type { Glyphs } from '../../text/glyphs.ts';
import { nameSegments, showName } from '../../text/names.ts';

const columnsFor = (glyphs: Glyphs): readonly Column<BlockedPeer>[] => [
  {
    key: 'name',
    title: 'PEER',
    minWidth: 18,
    weight: 1,
    priority: 1,
    align: 'left',
    cell: ({ name }, width) => nameSegments(name, width, glyphs),
  },
  {
    key: 'id',
    title: 'ID',
    minWidth: 26,
    weight: 2,
    priority: 2,
    align: 'left',
    cell: ({ peer }) => [{ text: peer, role: 'dim' }],
  },
];

export const blockedScreen: MakeScreen = ({ engine }) => {
  const table = new Table<BlockedPeer>();
  let taken: readonly BlockedPeer[] = [];
  const list = new ListPane<BlockedPeer>({
    table,
    columns: byGlyphs(columnsFor),
    sorts: [
      { key: 'name', title: 'name', letter: 'n', descending: false, value: ({ name }) => name.toLowerCase() },
    ],
    filter: { text: ({ name, peer }) => `${name} ${peer}` },
  });
  return {
    name: 'blocked',
    title: () => 'Blocked',
    count: () => engine.status.blocked.length,
    lists: [list],
    empty: () => [
      [],
      [{ text: '  Nobody is blocked.' }],
      [],
      [{ text: '  X on a peer blocks it: it gets nothing of you and is asked for nothing.', role: 'dim' }],
    ],
    settle() {
      const { blocked } = engine.status;
      if (blocked === taken) return;
      taken = blocked;
      const now = new Set<string>(blocked.map(({ peer }) => peer));
      for (const one of blocked) table.set(one.peer, one);
      for (const id of [...table.ids()]) if (!now.has(String(id))) table.delete(id);
    },
    actions: {
      unblock() {
        const peers = list.selection();
        list.view.marks.clear();
        return peers.flatMap(({ peer, name }) => [
          send({ type: 'unblock', peer, name }),
          toast(`No longer blocked: ${showName(name).text}`),
        ]);
      },
    },
  };
};
