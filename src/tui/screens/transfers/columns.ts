/** The columns of downloads, for each size of the terminal. */
import type { DownloadRow } from '../../model/transfers.ts';
import type { Area } from '../../screen/area.ts';
import { bar } from '../../text/bar.ts';
import type { Column } from '../../text/columns.ts';
import type { Glyphs } from '../../text/glyphs.ts';
import { nameSegments } from '../../text/names.ts';
import { formatBytes, formatEta, formatPercent, formatSpeed } from '../../text/numbers.ts';
import { stateText } from './state-text.ts';

const made = new Map<string, readonly Column<DownloadRow>[]>();

/** The same array for the same kind of terminal. */
export function downloadColumns({ size, glyphs }: Area): readonly Column<DownloadRow>[] {
  const key = `${size} ${glyphs.name}`;
  let columns = made.get(key);
  if (columns === undefined) {
    columns = makeColumns(glyphs);
    made.set(key, columns);
  }
  return columns;
}

function makeColumns(glyphs: Glyphs): readonly Column<DownloadRow>[] {
  return [
    {
      key: 'name',
      title: 'NAME',
      minWidth: 18,
      weight: 4,
      priority: 1,
      align: 'left',
      cell: ({ download }, width) => nameSegments(download.name, width, glyphs),
    },
    {
      key: 'size',
      title: 'SIZE',
      minWidth: 5,
      weight: 0,
      priority: 6,
      align: 'right',
      cell: ({ download }) => [{ text: formatBytes(download.sizeBytes) }],
    },
    {
      key: 'bar',
      title: 'PROGRESS',
      minWidth: 8,
      weight: 1,
      maxWidth: 30,
      priority: 5,
      align: 'left',
      cell: ({ fraction }, width) => [{ text: bar(fraction, width, glyphs), role: 'down' }],
    },
    {
      key: 'percent',
      title: '%',
      minWidth: 4,
      weight: 0,
      priority: 2,
      align: 'right',
      cell: ({ download, figures }) => [
        { text: formatPercent(figures.doneBytes, download.sizeBytes, download.state === 'done') },
      ],
    },
    {
      key: 'speed',
      title: 'SPEED',
      minWidth: 7,
      weight: 0,
      priority: 4,
      align: 'right',
      cell: ({ figures }) => [{ text: formatSpeed(figures.downPerSecond) }],
    },
    {
      key: 'eta',
      title: 'ETA',
      minWidth: 6,
      weight: 0,
      priority: 7,
      align: 'right',
      cell: ({ figures }) => [{ text: formatEta(figures.secondsLeft) }],
    },
    {
      key: 'sources',
      title: 'SRC',
      minWidth: 5,
      weight: 0,
      priority: 8,
      align: 'right',
      cell: ({ download }) => [{ text: `${download.sources}/${download.knownSources}` }],
    },
    {
      key: 'state',
      title: 'STATE',
      minWidth: 8,
      weight: 2,
      maxWidth: 40,
      priority: 3,
      align: 'left',
      cell: (row, width) => [stateText(row, width)],
    },
  ];
}
