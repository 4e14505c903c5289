/**
 * Times that go by on the screen: rows that say `retry in 42s` become other objects each second while they are
 * seen. Invariant: a list in which nothing counts down costs nothing.
 */
import type { DownloadRow } from '../../model/transfers.ts';
import type { Table } from '../../model/table.ts';
import type { ListPane } from '../../screen/list-pane.ts';
import { countsDown } from './state-words.ts';

export class Countdown {
  readonly #table: Table<DownloadRow>;
  readonly #list: ListPane<DownloadRow>;
  #running = false;

  constructor(table: Table<DownloadRow>, list: ListPane<DownloadRow>) {
    this.#table = table;
    this.#list = list;
  }

  /** Whether something on the screen counts down. */
  get running(): boolean {
    return this.#running;
  }

  /** Renews the rows in the window whose second is over. */
  settle(nowMs: number): void {
    const second = Math.floor(nowMs / 1000);
    this.#running = false;
    for (const { row } of this.#list.view.window()) {
      if (!countsDown(row.download)) continue;
      this.#running = true;
      if (row.second !== second) this.#table.set(row.download.transfer, { ...row, second });
    }
  }
}
