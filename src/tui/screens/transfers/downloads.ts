/** Downloads under way, done and failed: three lists of one table. */
import type { ScreenName } from '../../keys/places.ts';
import { send } from '../../model/effects.ts';
import { hasEnded, type DownloadRow } from '../../model/transfers.ts';
import { ListPane } from '../../screen/list-pane.ts';
import type { MakeScreen } from '../../screen/screen.ts';
import { downloadColumns } from './columns.ts';

interface Kind {
  readonly name: ScreenName;
  readonly title: string;
  readonly belongs: (row: DownloadRow) => boolean;
  readonly empty: string;
}

const kinds = {
  downloads: {
    name: 'downloads',
    title: 'Downloads',
    belongs: ({ download }) => !hasEnded(download),
    empty: 'Nothing is being downloaded. Press / and write what you are looking for.',
  },
  done: {
    name: 'done',
    title: 'Done',
    belongs: ({ download }) => download.state === 'done',
    empty: 'What has been downloaded and verified is listed here.',
  },
  failed: {
    name: 'failed',
    title: 'Failed',
    belongs: ({ download }) => download.state === 'failed' || download.state === 'cancelled',
    empty: 'Nothing has failed.',
  },
} as const satisfies Record<string, Kind>;

const makeDownloads =
  (kind: Kind): MakeScreen =>
  ({ engine }) => {
    const list = new ListPane<DownloadRow>({
      table: engine.transfers.downloads,
      belongs: kind.belongs,
      columns: downloadColumns,
      sorts: [
        {
          key: 'queue',
          title: 'queue',
          letter: 'q',
          descending: false,
          value: ({ download }) => download.queueIndex ?? Infinity,
        },
        {
          key: 'name',
          title: 'name',
          letter: 'n',
          descending: false,
          value: ({ download }) => download.name.toLowerCase(),
        },
        {
          key: 'size',
          title: 'size',
          letter: 'z',
          descending: true,
          value: ({ download }) => download.sizeBytes ?? -1,
        },
        {
          key: 'percent',
          title: 'progress',
          letter: 'p',
          descending: true,
          value: ({ fraction }) => fraction,
        },
        {
          key: 'speed',
          title: 'speed',
          letter: 's',
          descending: true,
          value: ({ figures }) => figures.downPerSecond,
        },
        {
          key: 'added',
          title: 'added',
          letter: 'a',
          descending: true,
          value: ({ download }) => download.addedMs,
        },
      ],
      filter: { text: ({ download }) => download.name.toLowerCase() },
    });
    const transfers = (): readonly number[] => list.selection().map(({ download }) => download.transfer);
    return {
      name: kind.name,
      title: () => kind.title,
      count: () => list.view.total,
      lists: [list],
      empty: () => [[], [{ text: `  ${kind.empty}` }]],
      actions: {
        pause() {
          const paused = list.selection().every(({ download }) => download.state === 'paused');
          return [send({ type: paused ? 'resume' : 'pause', transfers: transfers() })];
        },
        retry: () => [send({ type: 'retry', transfers: transfers() })],
        cancel: () => [send({ type: 'cancel', transfers: transfers() })],
      },
    };
  };

export const downloadsScreen = makeDownloads(kinds.downloads);
export const doneScreen = makeDownloads(kinds.done);
export const failedScreen = makeDownloads(kinds.failed);
