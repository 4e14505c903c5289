/** A list of downloads: how it is sorted and what its filter looks in. */
import { fileTypeOf } from '../../../core/search/file-type.ts';
import { parseSize } from '../../../core/quantity.ts';
import type { DownloadRow } from '../../model/transfers.ts';
import type { SortKey } from '../../model/list-order.ts';
import type { Table } from '../../model/table.ts';
import type { FilterWords } from '../../model/text-filter.ts';
import type { Area } from '../../screen/area.ts';
import { ListPane } from '../../screen/list-pane.ts';
import type { Column } from '../../text/columns.ts';

type Sort = SortKey<DownloadRow>;

const byName = sort('name', 'name', 'n', false, ({ download }) => download.name.toLowerCase());
const bySize = sort('size', 'size', 'z', true, ({ download }) => download.sizeBytes ?? -1);
const byProgress = sort('percent', 'progress', 'p', true, ({ fraction }) => fraction);
const byState = sort('state', 'state', 't', false, ({ download }) => download.state);

/** How downloads under way are sorted: at first as they stand in the queue. */
export const runningSorts: readonly [Sort, ...Sort[]] = [
  sort('queue', 'queue', 'q', false, ({ download }) => download.queueIndex ?? Infinity),
  byName,
  bySize,
  byProgress,
  sort('speed', 'speed', 's', true, ({ figures }) => figures.downPerSecond),
  sort('up', 'upload', 'u', true, ({ figures }) => figures.upPerSecond),
  sort('eta', 'time left', 'e', false, ({ figures }) => figures.secondsLeft ?? Infinity),
  sort('sources', 'sources', 'o', true, ({ download }) => download.sources * 1e6 + download.knownSources),
  byState,
  sort('added', 'added', 'a', true, ({ download }) => download.addedMs),
];

/** How downloads that have ended are sorted: at first the last one first. */
export const endedSorts: readonly [Sort, ...Sort[]] = [
  sort('ended', 'ended', 'e', true, ({ download }) => download.endedMs ?? download.addedMs),
  byName,
  bySize,
  byProgress,
  byState,
];

/** Words are looked for in the name; `ext:`, `type:`, `state:`, `size:` and `is:error` narrow it down. */
const filter: FilterWords<DownloadRow> = {
  text: ({ download }) => download.name,
  operators: {
    ext: (value) =>
      value === '' ? undefined : ({ download }) => download.name.toLowerCase().endsWith(`.${value}`),
    type: (value) =>
      value === '' ? undefined : ({ download }) => fileTypeOf(download.name).startsWith(value),
    state: (value) => (value === '' ? undefined : ({ download }) => download.state.startsWith(value)),
    size: sizeTest,
    is: (value) => (value === 'error' ? ({ download }) => download.problem !== undefined : undefined),
  },
};

export function downloadList(
  table: Table<DownloadRow>,
  belongs: (row: DownloadRow) => boolean,
  columns: (area: Area) => readonly Column<DownloadRow>[],
  sorts: readonly [Sort, ...Sort[]],
): ListPane<DownloadRow> {
  return new ListPane({ table, belongs, columns, sorts, filter });
}

function sort(key: string, title: string, letter: string, descending: boolean, value: Sort['value']): Sort {
  return { key, title, letter, descending, value };
}

/** `size:>1g`, `size:<500m`; without a sign: at least. */
function sizeTest(value: string): ((row: DownloadRow) => boolean) | undefined {
  const size = parseSize(value.replace(/^[<>]/, ''));
  if (!size.ok) return undefined;
  const below = value.startsWith('<');
  return ({ download: { sizeBytes } }) =>
    sizeBytes !== undefined && (below ? sizeBytes < size.value : sizeBytes >= size.value);
}
