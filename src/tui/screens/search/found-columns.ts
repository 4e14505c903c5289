/** The columns of search results. */
import type { Area } from '../../screen/area.ts';
import { columnsBy, type Column } from '../../text/columns.ts';
import type { Glyphs } from '../../text/glyphs.ts';
import { nameSegments } from '../../text/names.ts';
import { formatBytes, formatCount } from '../../text/numbers.ts';
import type { Segment } from '../../text/segments.ts';
import type { FoundRow } from './found.ts';
import { healthOf, maxHealth } from './health.ts';
import type { LocalState } from './local-copies.ts';

/** The columns of an area: folders where a name has room beside them. */
export const foundColumns = columnsBy(
  ({ size, glyphs }: Area) => `${hasFolders(size)} ${glyphs.name}`,
  ({ size, glyphs }) => columnsFor(glyphs).filter(({ key }) => key !== 'folder' || hasFolders(size)),
);

const hasFolders = (size: Area['size']): boolean => size === 'wide' || size === 'panes';

function columnsFor(glyphs: Glyphs): readonly Column<FoundRow>[] {
  const fixed = { weight: 0, align: 'right' } as const;
  return [
    {
      key: 'name',
      title: 'NAME',
      minWidth: 18,
      weight: 3,
      priority: 1,
      align: 'left',
      cell: ({ name }, width) => nameSegments(name, width, glyphs),
    },
    {
      key: 'folder',
      title: 'FOLDER',
      minWidth: 16,
      weight: 2,
      priority: 7,
      align: 'left',
      cell: ({ folder }, width) =>
        folder === undefined
          ? []
          : nameSegments(folder, width, glyphs).map((run) => ({ role: 'dim', ...run }) as const),
    },
    {
      key: 'size',
      title: 'SIZE',
      minWidth: 5,
      priority: 2,
      ...fixed,
      cell: ({ sizeBytes }) => [{ text: formatBytes(sizeBytes) }],
    },
    {
      key: 'sources',
      title: 'SRC',
      minWidth: 4,
      priority: 3,
      ...fixed,
      cell: ({ sources }) => [{ text: formatCount(sources.length) }],
    },
    {
      key: 'health',
      title: 'HLTH',
      minWidth: maxHealth,
      weight: 0,
      priority: 5,
      align: 'left',
      cell: ({ sources }) => healthCells(healthOf(sources.length), glyphs),
    },
    {
      key: 'type',
      title: 'TYPE',
      minWidth: 8,
      weight: 0,
      priority: 6,
      align: 'left',
      cell: ({ type }) => [{ text: type, role: 'dim' }],
    },
    {
      key: 'local',
      title: 'LOCAL',
      minWidth: 7,
      weight: 0,
      priority: 4,
      align: 'left',
      cell: ({ local }) => [localWord(local)],
    },
  ];
}

export function healthCells(health: number, { health: { full, empty } }: Glyphs): readonly Segment[] {
  const role = health >= 4 ? 'ok' : health >= 2 ? 'plain' : health === 1 ? 'warn' : 'error';
  return [
    { text: full.repeat(health), role },
    { text: empty.repeat(maxHealth - health), role: 'dim' },
  ];
}

/** Whether it is here, in a word. */
export function localWord(local: LocalState): Segment {
  if (local.kind !== 'coming') return quietWords[local.kind];
  switch (local.state) {
    case 'queued':
    case 'paused':
    case 'failed':
      return { text: local.state, role: local.state === 'failed' ? 'error' : 'dim' };
    default:
      return { text: `${local.percent}%`, role: 'down' };
  }
}

const quietWords = {
  none: { text: '' },
  have: { text: 'have', role: 'ok' },
  differs: { text: 'differs', role: 'warn' },
} as const;
