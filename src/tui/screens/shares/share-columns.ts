/** The columns of shared folders: where each is, what is in it, and how far it has been looked at. */
import type { ShareView } from '../../../core/engine/engine-api.ts';
import type { Column } from '../../text/columns.ts';
import type { Glyphs } from '../../text/glyphs.ts';
import { nameSegments, showName } from '../../text/names.ts';
import { formatBytes, formatClock, formatCount, formatPercent } from '../../text/numbers.ts';
import type { Segment } from '../../text/segments.ts';

export interface ShareRow {
  readonly share: ShareView;
}

export function shareColumns(glyphs: Glyphs): readonly Column<ShareRow>[] {
  const right = { weight: 0, align: 'right' } as const;
  return [
    {
      key: 'folder',
      title: 'FOLDER',
      minWidth: 18,
      weight: 2,
      priority: 1,
      align: 'left',
      cell: ({ share }, width) => nameSegments(share.folder, width, glyphs),
    },
    {
      key: 'name',
      title: 'SHARED AS',
      minWidth: 10,
      weight: 1,
      maxWidth: 24,
      priority: 6,
      align: 'left',
      cell: ({ share }, width) => nameSegments(share.name, width, glyphs),
    },
    {
      key: 'files',
      title: 'FILES',
      minWidth: 9,
      priority: 3,
      ...right,
      cell: ({ share }) => [{ text: formatCount(share.files) }],
    },
    {
      key: 'size',
      title: 'SIZE',
      minWidth: 6,
      priority: 4,
      ...right,
      cell: ({ share }) => [{ text: formatBytes(share.bytes) }],
    },
    {
      key: 'state',
      title: 'STATE',
      minWidth: 12,
      weight: 1,
      maxWidth: 40,
      priority: 2,
      align: 'left',
      cell: ({ share }) => [shareWords(share)],
    },
    {
      key: 'scanned',
      title: 'SCANNED',
      minWidth: 7,
      priority: 5,
      ...right,
      cell: ({ share }) => [
        { text: share.scannedMs === undefined ? '-' : formatClock(share.scannedMs), role: 'dim' },
      ],
    },
  ];
}

/** What is done with the folder now; `hashing` says how far it is. */
function shareWords({ state, files, bytes, hashing, problem }: ShareView): Segment {
  switch (state) {
    case 'scanning':
      return { text: 'looking for files', role: 'accent' };
    case 'hashing': {
      const whole = bytes + hashing.bytes;
      const percent = formatPercent(bytes, whole === 0 ? undefined : whole, false);
      const all = files + hashing.files;
      return { text: `hashing ${percent} ${formatCount(files)}/${formatCount(all)}`, role: 'accent' };
    }
    case 'watching':
      return { text: 'up to date', role: 'ok' };
    case 'failed':
      return {
        text: `failed: ${problem === undefined ? 'nobody said why' : showName(problem.message).text}`,
        role: 'error',
      };
  }
}
