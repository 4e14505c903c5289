/** Who is online, and the trackers that say so. */
import { hostPort } from '../../../core/host.ts';
import { peersEveryMs } from '../../../core/limits/screen.ts';
import { dialog } from '../../model/dialog.ts';
import { ask, hint, type Effect } from '../../model/effects.ts';
import type { Area } from '../../screen/area.ts';
import { ListPane } from '../../screen/list-pane.ts';
import type { MakeScreen } from '../../screen/screen.ts';
import { columnsBy } from '../../text/columns.ts';
import { showName } from '../../text/names.ts';
import { formatBytes, formatCount, plural } from '../../text/numbers.ts';
import type { Line } from '../../text/segments.ts';
import { blockPeer, browsePeer, disconnectPeer } from '../peer-actions.ts';
import { peerColumns } from './peer-columns.ts';
import { PeerRows, type PeerRow } from './peer-rows.ts';
import { trackerLines } from './tracker-lines.ts';

export const peersScreen: MakeScreen = ({ engine, now }) => {
  const rows = new PeerRows(engine);
  let withAddresses = false;
  let askedMs = -Infinity;
  let problem = '';
  let isPartial = false;
  let blocked = engine.status.blocked;
  const list = new ListPane<PeerRow>({
    table: rows.table,
    columns: columnsBy(({ glyphs }: Area) => `${glyphs.name} ${withAddresses}`, ({ glyphs }) => peerColumns(glyphs, withAddresses)),
    sorts: [
      { key: 'name', title: 'name', letter: 'n', descending: false, value: ({ peer }) => peer.name.toLowerCase() },
      { key: 'files', title: 'files', letter: 'f', descending: true, value: ({ peer }) => peer.files },
      { key: 'size', title: 'shared', letter: 'z', descending: true, value: ({ peer }) => peer.bytes },
      { key: 'up', title: 'upload', letter: 'u', descending: true, value: ({ upPerSecond }) => upPerSecond },
      { key: 'sent', title: 'sent', letter: 's', descending: true, value: ({ sentBytes }) => sentBytes },
    ],
    filter: { text: ({ peer }) => `${peer.name} ${peer.host}` },
  }); // prettier-ignore

  function refresh(): readonly Effect[] {
    askedMs = now();
    return [
      ask({ type: 'peers' }, ({ answer, ...event }) => {
        isPartial = event.isPartial === true || event.isCut === true;
        problem = answer.ok ? '' : showName(answer.problem.message).text;
        if (answer.ok) rows.show(answer.value);
        return [];
      }),
    ];
  }

  const chosen = (): PeerRow | undefined => list.current;
  const other = (act: (row: PeerRow) => readonly Effect[]) => (): readonly Effect[] => {
    const row = chosen();
    if (row === undefined) return [];
    return row.isMe ? [hint('That is you')] : act(row);
  };

  return {
    name: 'peers',
    title: () => 'Online',
    count: () => list.view.total - (rows.knowsMe ? 1 : 0),
    lists: [list],
    header: (area) => [...trackerLines(engine.status.trackers, area), ...(isPartial ? [partialLine] : [])],
    empty: () => [
      [],
      [{ text: problem === '' ? '  Nobody is online but you.' : `  ${problem}`, role: problem === '' ? 'plain' : 'warn' }],
      [],
      [{ text: '  Others appear here when they register at the same tracker; r asks again.', role: 'dim' }],
    ], // prettier-ignore
    opened: refresh,
    settle(_nowMs, withFigures) {
      // Who has just been blocked is not shown as before until the next figures, which may be long.
      if (withFigures || blocked !== engine.status.blocked) rows.refresh();
      ({ blocked } = engine.status);
    },
    poll: (nowMs) => (nowMs - askedMs >= peersEveryMs ? refresh() : []),
    wakeAt: () => askedMs + peersEveryMs,
    actions: {
      'peer-details': () => {
        const row = chosen();
        return row === undefined ? [] : [details(() => rows.table.get(row.peer.peer) ?? row)];
      },
      browse: () => {
        const row = chosen();
        return row === undefined ? [] : [browsePeer(row.peer)];
      },
      block: other(({ peer }) => [blockPeer(peer.peer, peer.name)]),
      disconnect: other(({ peer }) => disconnectPeer(peer.peer, peer.name)),
      addresses() {
        withAddresses = !withAddresses;
        return [];
      },
      refresh,
      copy() {
        const row = chosen();
        return row === undefined ? [] : [{ type: 'copy', text: row.peer.peer, what: 'Peer id copied' }];
      },
    },
  };
};

const partialLine: Line = [
  { text: ' The list is incomplete: a part of the catalogue did not answer', role: 'warn' },
];

/** `row`: what is known of it whenever it is called. */
function details(row: () => PeerRow): Effect {
  const { peer, isMe } = row();
  const name = showName(peer.name).text;
  return {
    type: 'dialog',
    dialog: dialog({
      title: name,
      body: () => [
        [{ text: 'id       ', role: 'dim' }, { text: peer.peer }],
        [{ text: 'address  ', role: 'dim' }, { text: showName(hostPort(peer)).text }],
        [{ text: 'shares   ', role: 'dim' }, { text: sharedWords(row().peer) }],
        [{ text: 'sent     ', role: 'dim' }, { text: sentWords(row()) }],
        [],
      ], // prettier-ignore
      buttons: [
        { letter: 'c', label: 'Close', effects: () => [] },
        { letter: 'b', label: 'browse', effects: () => [browsePeer(peer)] },
        ...(isMe ? [] : [{ letter: 'X', label: 'block', effects: () => [blockPeer(peer.peer, peer.name)] }]),
      ],
    }),
  };
}

const sharedWords = ({ files, bytes }: PeerRow['peer']): string =>
  `${plural(files, 'file')}, ${formatBytes(bytes)} (${formatCount(bytes)} bytes)`;

const sentWords = ({ sentBytes }: PeerRow): string =>
  `${sentBytes === 0 ? 'nothing' : formatBytes(sentBytes)} from you to it in this run`;
