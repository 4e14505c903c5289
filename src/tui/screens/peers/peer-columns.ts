/** The columns of the peers that are online. */
import { hostPort } from '../../../core/host.ts';
import type { Column } from '../../text/columns.ts';
import type { Glyphs } from '../../text/glyphs.ts';
import { nameSegments, showName } from '../../text/names.ts';
import { formatBytes, formatCount, formatSpeed } from '../../text/numbers.ts';
import type { Segment } from '../../text/segments.ts';
import type { PeerRow } from './peer-rows.ts';

/** Addresses are shown only when asked for: a screen may be looked at by others. */
export function peerColumns(glyphs: Glyphs, withAddresses: boolean): readonly Column<PeerRow>[] {
  const right = { weight: 0, align: 'right' } as const;
  const columns: Column<PeerRow>[] = [
    {
      key: 'name',
      title: 'PEER',
      minWidth: 12,
      weight: 2,
      maxWidth: 40,
      priority: 1,
      align: 'left',
      cell: ({ peer }, width) => nameSegments(peer.name, width, glyphs),
    },
    {
      key: 'files',
      title: 'FILES',
      minWidth: 9,
      priority: 2,
      ...right,
      cell: ({ peer }) => [{ text: formatCount(peer.files) }],
    },
    {
      key: 'size',
      title: 'SHARED',
      minWidth: 6,
      priority: 3,
      ...right,
      cell: ({ peer }) => [{ text: formatBytes(peer.bytes) }],
    },
    {
      key: 'up',
      title: 'UP',
      minWidth: 7,
      priority: 5,
      ...right,
      cell: ({ upPerSecond }) => [{ text: formatSpeed(upPerSecond), role: 'up' }],
    },
    {
      key: 'sent',
      title: 'SENT',
      minWidth: 6,
      priority: 6,
      ...right,
      cell: ({ sentBytes }) => [{ text: sentBytes === 0 ? '-' : formatBytes(sentBytes) }],
    },
    {
      key: 'state',
      title: 'STATE',
      minWidth: 10,
      weight: 1,
      priority: 4,
      align: 'left',
      cell: (row) => [peerWords(row)],
    },
  ];
  if (withAddresses)
    columns.splice(1, 0, {
      key: 'address',
      title: 'ADDRESS',
      minWidth: 15,
      weight: 1,
      maxWidth: 46,
      priority: 7,
      align: 'left',
      cell: ({ peer }) => [{ text: showName(hostPort(peer)).text, role: 'dim' }],
    });
  return columns;
}

function peerWords({ isMe, isBlocked, isConnected, upPerSecond }: PeerRow): Segment {
  if (isMe) return { text: 'you', role: 'accent' };
  if (isBlocked) return { text: 'blocked', role: 'error' };
  if (upPerSecond > 0) return { text: 'downloading from you', role: 'up' };
  return isConnected ? { text: 'connected' } : { text: 'online', role: 'dim' };
}
