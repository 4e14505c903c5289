/** Who downloads from us: what, how fast, and who waits. */
import { dialog } from '../../model/dialog.ts';
import { hint, open, send, toast, type Effect } from '../../model/effects.ts';
import type { UploadRow } from '../../model/transfers.ts';
import { rule } from '../../parts/box.ts';
import { fitBlock } from '../../parts/cells.ts';
import { ListPane } from '../../screen/list-pane.ts';
import type { MakeScreen, ScreenContext } from '../../screen/screen.ts';
import { byGlyphs } from '../../text/columns.ts';
import { showName } from '../../text/names.ts';
import { formatBytes, formatClock, formatEta, formatLimit, formatSpeed, plural } from '../../text/numbers.ts';
import type { Line } from '../../text/segments.ts';
import { fitted, label } from './detail-lines.ts';
import { emptyWords } from './empty-words.ts';
import { blockPeer, browsePeer, disconnectPeer } from '../peer-actions.ts';
import { shownPeer, uploadLimitDialog } from './questions.ts';
import { uploadColumns, uploadSecondsLeft, uploadWords } from './upload-columns.ts';

const stripLines = 4;
const rank = { uploading: 0, queued: 1, idle: 2, done: 3 } as const;

export const uploadsScreen: MakeScreen = (context) => {
  const { engine } = context;
  const list = new ListPane<UploadRow>({
    table: engine.transfers.uploads,
    columns: byGlyphs(uploadColumns),
    sorts: [
      { key: 'state', title: 'state', letter: 't', descending: false, value: ({ upload }) => rank[upload.state] * 1e6 + (upload.queuePosition ?? 0) },
      { key: 'peer', title: 'peer', letter: 'p', descending: false, value: ({ upload }) => upload.peerName.toLowerCase() },
      { key: 'name', title: 'file', letter: 'n', descending: false, value: ({ upload }) => (upload.name ?? '').toLowerCase() },
      { key: 'up', title: 'speed', letter: 's', descending: true, value: ({ perSecond }) => perSecond },
      { key: 'sent', title: 'sent', letter: 'e', descending: true, value: ({ sentBytes }) => sentBytes },
      { key: 'since', title: 'since', letter: 'i', descending: true, value: ({ upload }) => upload.sinceMs },
    ],
    filter: { text: ({ upload }) => `${upload.peerName} ${upload.name ?? ''} ${upload.state}` },
  }); // prettier-ignore
  /** Each peer once, however many of its transfers are marked. */
  const peers = (): readonly UploadRow[] => {
    const seen = new Set<string>();
    return list.selection().filter(({ upload }) => !seen.has(upload.peer) && seen.add(upload.peer).size > 0);
  };
  const stillThere = (rows: readonly UploadRow[]): readonly UploadRow[] =>
    rows.flatMap(({ upload }) => engine.transfers.uploads.get(upload.upload) ?? []);
  const current = (act: (row: UploadRow) => readonly Effect[]) => (): readonly Effect[] =>
    list.current === undefined ? [hint('There is nothing under the cursor.')] : act(list.current);
  return {
    name: 'uploads',
    title: () => 'Uploads',
    count: () => engine.transfers.uploads.size,
    lists: [list],
    strip: {
      height: ({ height }) => (height >= 3 * stripLines ? stripLines : 0),
      lines(area) {
        const { width, height, glyphs } = area;
        const row = list.current;
        const lines =
          row === undefined ? [] : [rule(peerOf(row), width, glyphs, 'i hide'), ...told(context, row)];
        return fitBlock(fitted(lines, width, glyphs), width, height);
      },
    },
    empty: () => emptyWords('uploads'),
    actions: {
      details: current((row) => details(context, row)),
      expand: current((row) => details(context, row)),
      browse: current(({ upload }) => [browsePeer({ peer: upload.peer, name: upload.peerName })]),
      block: current(({ upload }) => [blockPeer(upload.peer, upload.peerName)]),
      limit: () => {
        const rows = peers();
        if (rows.length === 0) return [hint('There is nothing under the cursor.')];
        return [{ type: 'dialog', dialog: uploadLimitDialog(rows, (rate) => limit(stillThere(rows), rate)) }];
      },
      disconnect: () => peers().flatMap(({ upload }) => disconnectPeer(upload.peer, upload.peerName)),
      copy: current(({ upload: { id } }) => [
        id === undefined
          ? hint('It has not asked for a file yet.')
          : { type: 'copy', text: id, what: 'id copied' },
      ]),
    },
  };
};

const peerOf = ({ upload }: UploadRow): string => shownPeer(upload);

/** One limit for each of these peers, as long as it is connected. */
function limit(rows: readonly UploadRow[], bytesPerSecond: number): readonly Effect[] {
  const [first] = rows;
  if (first === undefined) return [hint('It has left meanwhile.')];
  const who = rows.length === 1 ? peerOf(first) : `each of ${plural(rows.length, 'peer')}`;
  const told = bytesPerSecond === 0 ? 'No limit' : `At most ${formatLimit(bytesPerSecond)}`;
  const uploads = rows.map(({ upload }) => upload.upload);
  return [send({ type: 'limit-uploads', uploads, bytesPerSecond }), toast(`${told}: to ${who}`)];
}

/** Of a file that we download ourselves its own details, else what there is to tell in a box. */
function details(context: ScreenContext, row: UploadRow): readonly Effect[] {
  const { id } = row.upload;
  const download = id === undefined ? undefined : downloadOf(context, id);
  if (download !== undefined) return [open('details', { kind: 'transfer', transfer: download })];
  const { uploads } = context.engine.transfers;
  const body = (): readonly Line[] => [...told(context, uploads.get(row.upload.upload) ?? row), []];
  const buttons = [{ letter: undefined, label: 'Close', effects: () => [] }];
  return [{ type: 'dialog', dialog: dialog({ title: peerOf(row), body, buttons }) }];
}

function downloadOf({ engine }: ScreenContext, id: string): number | undefined {
  for (const { download } of engine.transfers.downloads.rows())
    if (download.id === id) return download.transfer;
  return undefined;
}

function told({ engine }: ScreenContext, row: UploadRow): readonly Line[] {
  const { peer, name, sizeBytes, sinceMs, limitBytesPerSecond: own } = row.upload;
  const left = uploadSecondsLeft(row);
  const file = name === undefined ? 'nothing so far' : showName(name).text;
  const limit = engine.status.limits?.uploadBytesPerSecond ?? 0;
  const state = uploadWords(row);
  return [
    [label('file'), { text: file }, { text: `  ${formatBytes(sizeBytes)}`, role: 'dim' }],
    [
      label('state'),
      state,
      { text: `  sent ${formatBytes(row.sentBytes)} at ${formatSpeed(row.perSecond)}` },
      { text: left === undefined ? '' : `, ${formatEta(left)} left` },
      { text: own === 0 ? '' : `  (limit ${formatLimit(own)})`, role: 'dim' },
      { text: limit === 0 ? '' : `  (limit of all uploads ${formatSpeed(limit)})`, role: 'dim' },
    ],
    [label('peer'), { text: `${peer.slice(0, 16)}  connected since ${formatClock(sinceMs)}` }],
  ];
}
