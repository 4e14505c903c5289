/** The columns of uploads: who gets what, how fast, and who waits. */
import type { UploadRow } from '../../model/transfers.ts';
import type { Column } from '../../text/columns.ts';
import type { Glyphs } from '../../text/glyphs.ts';
import { nameSegments } from '../../text/names.ts';
import { formatBytes, formatClock, formatEta, formatPercent, formatSpeed } from '../../text/numbers.ts';
import type { Segment } from '../../text/segments.ts';

/** What is done for a peer, or what it waits for. */
export function uploadWords({ upload: { state, queuePosition, name } }: UploadRow): Segment {
  switch (state) {
    case 'uploading':
      return { text: 'sending', role: 'up' };
    case 'queued':
      return {
        text: queuePosition === undefined ? 'waits' : `queue #${queuePosition}`,
        role: 'warn',
      };
    case 'idle':
      return { text: name === undefined ? 'connected' : 'idle', role: 'dim' };
    case 'done':
      return { text: 'done', role: 'ok' };
  }
}

/** The file, or what stands for it before the peer has asked for one. */
function uploadName({ upload: { name } }: UploadRow, width: number, glyphs: Glyphs): readonly Segment[] {
  return name === undefined ? [{ text: '-', role: 'dim' }] : nameSegments(name, width, glyphs);
}

export function uploadColumns(glyphs: Glyphs): readonly Column<UploadRow>[] {
  const right = { weight: 0, align: 'right' as const };
  return [
    { key: 'peer', title: 'PEER', minWidth: 12, weight: 1, maxWidth: 28, priority: 2, align: 'left', cell: ({ upload }, width) => nameSegments(upload.peerName, width, glyphs) },
    { key: 'name', title: 'FILE', minWidth: 16, weight: 4, priority: 1, align: 'left', cell: (row, width) => uploadName(row, width, glyphs) },
    { key: 'sent', title: 'SENT', minWidth: 6, priority: 5, ...right, cell: ({ sentBytes }) => [{ text: formatBytes(sentBytes || undefined) }] },
    { key: 'percent', title: '%', minWidth: 4, priority: 6, ...right, cell: ({ upload, sentBytes }) => [{ text: sentBytes === 0 ? '-' : formatPercent(sentBytes, upload.sizeBytes, sentBytes >= (upload.sizeBytes ?? Infinity)) }] },
    { key: 'up', title: 'UP', minWidth: 7, priority: 3, ...right, cell: ({ perSecond }) => [{ text: formatSpeed(perSecond) }] },
    { key: 'eta', title: 'ETA', minWidth: 6, priority: 8, ...right, cell: (row) => [{ text: formatEta(uploadSecondsLeft(row)) }] },
    { key: 'since', title: 'SINCE', minWidth: 5, priority: 7, ...right, cell: ({ upload }) => [{ text: formatClock(upload.sinceMs) }] },
    { key: 'state', title: 'STATE', minWidth: 9, weight: 0, priority: 4, align: 'left', cell: (row) => [uploadWords(row)] },
  ]; // prettier-ignore
}

/** If it goes on like this to the end of the file. */
export function uploadSecondsLeft({
  upload: { sizeBytes },
  sentBytes,
  perSecond,
}: UploadRow): number | undefined {
  if (sizeBytes === undefined || perSecond < 1024 || sentBytes >= sizeBytes) return undefined;
  return (sizeBytes - sentBytes) / perSecond;
}
