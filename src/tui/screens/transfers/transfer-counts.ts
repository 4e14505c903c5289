/** How many downloads each view has, for the bar of sub-views: counted once for each change of the table. */
import { hasEnded, type DownloadRow } from '../../model/transfers.ts';
import type { Table } from '../../model/table.ts';

export interface DownloadCounts {
  readonly running: number;
  readonly done: number;
  readonly failed: number;
}

interface Counted {
  readonly version: number;
  readonly counts: DownloadCounts;
}

const counted = new WeakMap<Table<DownloadRow>, Counted>();

export function downloadCounts(table: Table<DownloadRow>): DownloadCounts {
  const last = counted.get(table);
  if (last?.version === table.version) return last.counts;
  let running = 0;
  let done = 0;
  let failed = 0;
  for (const { download } of table.rows()) {
    if (!hasEnded(download)) running += 1;
    else if (download.state === 'done') done += 1;
    else failed += 1;
  }
  const counts = { running, done, failed };
  counted.set(table, { version: table.version, counts });
  return counts;
}
