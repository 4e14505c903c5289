/** The searches that are kept: what is new in each, and when it ran last. */
import { hint, open, toast } from '../../model/effects.ts';
import type { Area } from '../../screen/area.ts';
import { ListPane } from '../../screen/list-pane.ts';
import type { MakeScreen } from '../../screen/screen.ts';
import type { Column } from '../../text/columns.ts';
import { showName } from '../../text/names.ts';
import { formatCount, formatClock, plural } from '../../text/numbers.ts';
import type { SavedSearch } from './saved-searches.ts';
import { searchDesk } from './search-desk.ts';

const columns: readonly Column<SavedSearch>[] = [
  {
    key: 'query',
    title: 'SEARCH',
    minWidth: 18,
    weight: 1,
    priority: 1,
    align: 'left',
    cell: ({ query }) => [{ text: showName(query).text }],
  },
  {
    key: 'fresh',
    title: 'NEW',
    minWidth: 5,
    weight: 0,
    priority: 2,
    align: 'right',
    cell: ({ fresh }) => [fresh.length === 0 ? { text: '-' } : { text: formatCount(fresh.length), role: 'ok', bold: true }],
  },
  {
    key: 'known',
    title: 'FOUND',
    minWidth: 6,
    weight: 0,
    priority: 4,
    align: 'right',
    cell: ({ known, fresh }) => [{ text: formatCount(known.length + fresh.length) }],
  },
  {
    key: 'ran',
    title: 'LAST RUN',
    minWidth: 8,
    weight: 0,
    priority: 3,
    align: 'right',
    cell: ({ ranMs }) => [{ text: ranMs === undefined ? '-' : formatClock(ranMs), role: 'dim' }],
  },
]; // prettier-ignore

export const savedScreen: MakeScreen = (context) => {
  const desk = searchDesk(context);
  const { saved } = desk;
  const list = new ListPane<SavedSearch>({
    table: saved.table,
    columns: () => columns,
    sorts: [
      { key: 'fresh', title: 'new', letter: 'n', descending: true, value: ({ fresh }) => fresh.length },
      { key: 'query', title: 'search', letter: 's', descending: false, value: ({ query }) => query.toLowerCase() },
      { key: 'ran', title: 'last run', letter: 'r', descending: true, value: ({ ranMs }) => ranMs ?? 0 },
    ],
    filter: { text: ({ query }) => query },
  }); // prettier-ignore
  return {
    name: 'saved',
    title: () => 'Saved',
    count: () => saved.freshCount || undefined,
    lists: [list],
    empty: (area: Area) => [
      [],
      [{ text: '  No search is saved.' }],
      [],
      [{ text: '  Search for something, then press ' }, { text: 'w', role: 'accent', bold: true }, { text: ': it is repeated, and you are' }],
      [{ text: `  told when something new appears.${area.size === 'tiny' ? '' : ' They are kept with your profile.'}` }],
    ], // prettier-ignore
    actions: {
      'run-search'() {
        const query = list.current?.query;
        return query === undefined ? [] : [open('search'), ...desk.search(query)];
      },
      'forget-search'() {
        const queries = list.selection().map(({ query }) => query);
        if (queries.length === 0) return [hint('No search is saved')];
        for (const query of queries) saved.forget(query);
        list.view.marks.clear();
        return [desk.keepSaved(), toast(`${plural(queries.length, 'search', 'searches')} forgotten`)];
      },
    },
  };
};
