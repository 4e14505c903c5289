/** A screen whose list is always empty. */
import type { ScreenName } from '../keys/places.ts';
import { Table } from '../model/table.ts';
import { ListPane } from '../screen/list-pane.ts';
import type { MakeScreen } from '../screen/screen.ts';

export const emptyScreen =
  (name: ScreenName, title: string, words: string): MakeScreen =>
  () => ({
    name,
    title: () => title,
    lists: [
      new ListPane<object>({
        table: new Table(),
        columns: () => [],
        sorts: [{ key: 'none', title: 'none', letter: 'n', descending: false, value: () => 0 }],
        filter: { text: () => '' },
      }),
    ],
    empty: () => [[], [{ text: `  ${words}` }]],
    actions: {},
  });
