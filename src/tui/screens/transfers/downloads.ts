/** Downloads under way, done and failed: three views of one table, with the details of the one under the cursor. */
import { hasEnded } from '../../../core/engine/engine-api.ts';
import { detailsEveryMs } from '../../../core/limits/screen.ts';
import type { ScreenName } from '../../keys/places.ts';
import type { DownloadRow, Transfers } from '../../model/transfers.ts';
import type { Area } from '../../screen/area.ts';
import type { AnyList } from '../../screen/list-pane.ts';
import type { MakeScreen, Strip } from '../../screen/screen.ts';
import { Countdown } from './countdown.ts';
import { DetailsFeed } from './details-feed.ts';
import { detailsStrip, showsBoxes } from './details-strip.ts';
import { downloadActions } from './download-actions.ts';
import { doneColumns, downloadColumns, failedColumns } from './download-columns.ts';
import { downloadList, endedSorts, runningSorts } from './download-list.ts';
import { emptyWords } from './empty-words.ts';
import { browsePeer, browseSourceOf } from '../peer-actions.ts';
import { downloadHint } from './hint-words.ts';
import { sourceList } from './source-list.ts';

interface View {
  readonly name: Extract<ScreenName, 'downloads' | 'done' | 'failed'>;
  readonly title: string;
  readonly belongs: (row: DownloadRow) => boolean;
  readonly columns: typeof downloadColumns;
  readonly sorts: typeof runningSorts;
  readonly count: (transfers: Transfers) => number;
}

const doneOf = ({ byState }: Transfers): number => byState.of('done');
const failedOf = ({ byState }: Transfers): number => byState.of('failed') + byState.of('cancelled');

export const downloadsScreen = screenOf({
  name: 'downloads',
  title: 'Downloads',
  belongs: ({ download }) => !hasEnded(download),
  columns: downloadColumns,
  sorts: runningSorts,
  count: (transfers) => transfers.downloads.size - doneOf(transfers) - failedOf(transfers),
});

export const doneScreen = screenOf({
  name: 'done',
  title: 'Done',
  belongs: ({ download }) => download.state === 'done',
  columns: doneColumns,
  sorts: endedSorts,
  count: doneOf,
});

export const failedScreen = screenOf({
  name: 'failed',
  title: 'Failed',
  belongs: ({ download }) => download.state === 'failed' || download.state === 'cancelled',
  columns: failedColumns,
  sorts: endedSorts,
  count: failedOf,
});

function screenOf(view: View): MakeScreen {
  return (context) => {
    const table = context.engine.transfers.downloads;
    const list = downloadList(table, view.belongs, view.columns(context), view.sorts);
    const feed = new DetailsFeed();
    const sources = sourceList(feed, context.wall);
    const countdown = new Countdown(table, list);
    const strip = watched(detailsStrip({ context, feed, sources, current: () => list.current }));
    const rows = (): readonly DownloadRow[] => [...table.rows()];
    return {
      name: view.name,
      title: () => view.title,
      count: () => view.count(context.engine.transfers),
      get lists(): readonly [AnyList, ...AnyList[]] {
        return strip.boxes ? [list, sources] : [list];
      },
      strip,
      empty: () => emptyWords(view.name),
      hintWords: (action) => downloadHint(action, list.current, list.view.marks.size),
      actions: {
        ...downloadActions({
          selected: () => list.selection(),
          all: rows,
          shown: () => rows().filter(shown(view)),
          latest: (transfer) => context.engine.transfers.latest(transfer),
        }),
        browse({ list: focused }) {
          const source = (focused as AnyList) === sources ? sources.current?.source : undefined;
          if (source !== undefined) return [browsePeer(source)];
          return list.current === undefined ? [] : [browseSourceOf(list.current.download.transfer)];
        },
      },
      settle(nowMs) {
        countdown.settle(nowMs);
        feed.follow(list.current?.download);
      },
      poll: (nowMs) => (strip.seen() ? feed.poll(nowMs) : []),
      wakeAt(nowMs) {
        const second = countdown.running ? (Math.floor(nowMs / 1000) + 1) * 1000 : undefined;
        const asked = strip.drawn && feed.lives ? nowMs + detailsEveryMs : undefined;
        return earlier(second, asked);
      },
    };
  };
}

/** What `c` clears: on the list of downloads all that are done, elsewhere what is listed there. */
const shown =
  ({ name, belongs }: View) =>
  (row: DownloadRow): boolean =>
    name === 'downloads' ? row.download.state === 'done' : belongs(row);

/** A strip that knows whether it was drawn: nobody is asked for what nobody sees. */
function watched(inner: Strip) {
  let drawn = false;
  let boxes = false;
  return {
    get drawn() {
      return drawn;
    },
    get boxes() {
      return boxes;
    },
    /** Whether it was drawn since this was asked last. */
    seen(): boolean {
      const was = drawn;
      drawn = false;
      return was;
    },
    height(area: Area): number {
      boxes = showsBoxes(area);
      return inner.height(area);
    },
    lines(area: Area) {
      drawn = true;
      return inner.lines(area);
    },
  };
}

const earlier = (one: number | undefined, other: number | undefined): number | undefined =>
  one === undefined ? other : other === undefined ? one : Math.min(one, other);
