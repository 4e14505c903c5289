/** Search: a query, what was found, and getting it. */
import type { SearchResult } from '../../../core/catalogue.ts';
import { parseSize } from '../../../core/quantity.ts';
import { extensionOf } from '../../../core/search/file-type.ts';
import { formatLink } from '../../../core/shoal-link.ts';
import { ask, hint, open, toast, type Effect } from '../../model/effects.ts';
import { prompt } from '../../model/prompt.ts';
import { ListPane } from '../../screen/list-pane.ts';
import type { MakeScreen, ScreenContext } from '../../screen/screen.ts';
import { showName } from '../../text/names.ts';
import { plural } from '../../text/numbers.ts';
import { browsePeer } from '../peer-actions.ts';
import { completeQuery } from './completions.ts';
import { Found, foundId, type FoundRow } from './found.ts';
import { foundColumns } from './found-columns.ts';
import { foundStrip } from './found-strip.ts';
import { getEffects } from './get-effects.ts';
import { healthOf } from './health.ts';
import type { LocalCopies } from './local-copies.ts';
import { otherQuery } from './looser-query.ts';
import { noResults } from './no-results.ts';
import { queryCursor, queryField, queryLine, type QueryLineFacts } from './query-line.ts';
import { searchDesk } from './search-desk.ts';
import type { SearchState } from './search-run.ts';

/** While an answer is awaited the spinner turns. */
const spinMs = 100;

export const searchScreen: MakeScreen = (context) => {
  const { engine } = context;
  const desk = searchDesk(context);
  const found = new Found();
  const list = foundList(found);
  let draft = '';
  let hasOpened = false;
  /** Where the reader was when more was asked for, so that a page that brings nothing is not asked for for ever. */
  let askedAt = '';

  desk.onResults = (change) => {
    if (change === 'begun') {
      askedAt = '';
      found.clear();
      list.view.marks.clear();
      list.filterBy('');
      list.view.moveTo(0, -Infinity);
    }
    // Who has moved among the results is not to have them move away.
    const isReading = change === 'part' && (list.view.index > 0 || list.view.marks.size > 0);
    found.show(desk.run.state.results, desk.copies, isReading);
  };

  const search = (text: string): readonly Effect[] => {
    draft = '';
    return desk.search(text);
  };

  function writeQuery(): Effect {
    const history = context.history(queryField);
    return {
      type: 'prompt',
      prompt: prompt({
        field: queryField,
        label: '/',
        text: draft === '' ? desk.run.state.query : draft,
        isSelected: draft === '',
        history,
        submit: search,
        left(text) {
          draft = text === desk.run.state.query ? '' : text;
          return [];
        },
        complete: async (before) => completeQuery(before, commonExtensions(found), history),
      }),
    };
  }

  /** Whoever has come to the end of the results gets the next page. */
  function moreAtEnd(): readonly Effect[] {
    const { index, length } = list.view;
    const isAtEnd = length > 0 && index === length - 1 && list.filterText === '';
    const at = `${index} ${desk.run.state.results.length}`;
    if (at === askedAt) return [];
    askedAt = isAtEnd ? at : '';
    if (!isAtEnd) return [];
    return desk.more();
  }

  const facts = (asked: QueryLineFacts['prompt']): QueryLineFacts => ({
    state: desk.run.state,
    prompt: asked,
    draft,
    held: found.heldCount,
  });
  const one = (): SearchResult | undefined => list.current?.result;

  return {
    name: 'search',
    title: () => 'Results',
    count: () => (desk.run.state.phase === 'idle' ? undefined : list.view.total),
    lists: [list],
    header: (area, asked) => [queryLine(facts(asked), area)],
    headerCursor(area, asked) {
      const x = queryCursor(facts(asked), area);
      return x === undefined ? undefined : { x, y: 0 };
    },
    strip: foundStrip(() => list.current),
    empty: (area) =>
      noResults({ state: desk.run.state, status: engine.status, downloadsDir: context.downloadsDir() }, area),
    hintWords: (action) =>
      action === 'get' && list.view.total === 0 ? otherWords(desk.run.state) : undefined,
    opened() {
      if (hasOpened) return [];
      hasOpened = true;
      return [desk.load()];
    },
    receive(event) {
      desk.receive(event);
      return [];
    },
    settle(_nowMs, withFigures) {
      if (withFigures) found.refresh(desk.copies);
    },
    poll: moreAtEnd,
    wakeAt: (nowMs) => (/asking|more/.test(desk.run.state.phase) ? nowMs + spinMs : undefined),
    backgroundAt: () => desk.saved.nextDueMs(),
    background: () => desk.repeat(),
    actions: {
      query: () => [writeQuery()],
      get: () => get(list, found, otherQuery(desk.run.state), context, search),
      merge() {
        found.merge(desk.copies);
        return [];
      },
      'save-search'() {
        const { query, results } = desk.run.state;
        if (query === '') return [hint('Search for something first')];
        if (!desk.saved.add(query, results, context.wall()))
          return [toast('No more searches can be saved: forget one of them', 'warning')];
        return [
          desk.keepSaved(),
          toast("Saved: it is repeated, and you are told of what is new (' shows all)"),
        ];
      },
      'saved-searches': () => [open('saved')],
      'more-sources': () => askSources(one(), found, desk.copies),
      browse: () => browseOneOf(one()),
      copy() {
        const id = one()?.id;
        return id === undefined ? [] : [{ type: 'copy', text: id, what: 'Id copied' }];
      },
      'copy-link'() {
        const result = one();
        return result === undefined ? [] : [{ type: 'copy', text: formatLink(result), what: 'Link copied' }];
      },
    },
  };
};

/** Asks the trackers who has it now. */
function askSources(result: SearchResult | undefined, found: Found, copies: LocalCopies): readonly Effect[] {
  if (result === undefined) return [];
  return [
    ask({ type: 'find-name', name: result.id }, ({ answer }) => {
      if (!answer.ok) return [toast(showName(answer.problem.message).text, 'warning')];
      const now = answer.value.find((other) => foundId(other) === foundId(result));
      if (now !== undefined) found.update({ ...result, sources: now.sources }, copies);
      return [toast(`${plural(now?.sources.length ?? 0, 'source')} online`)];
    }),
  ];
}

function foundList(found: Found): ListPane<FoundRow> {
  return new ListPane<FoundRow>({
    table: found,
    columns: foundColumns,
    sorts: [
      { key: 'found', title: 'best', letter: 'b', descending: false, value: ({ rank }) => rank },
      { key: 'health', title: 'health', letter: 'h', descending: true, value: ({ sources }) => healthOf(sources.length) * 1000 + sources.length },
      { key: 'name', title: 'name', letter: 'n', descending: false, value: ({ name }) => name.toLowerCase() },
      { key: 'size', title: 'size', letter: 'z', descending: true, value: ({ sizeBytes }) => sizeBytes },
      { key: 'sources', title: 'sources', letter: 's', descending: true, value: ({ sources }) => sources.length },
      { key: 'type', title: 'type', letter: 't', descending: false, value: ({ type }) => type },
    ],
    filter: {
      text: ({ text }) => text,
      operators: {
        ext: (value) => (value === '' ? undefined : ({ name }) => value.split(',').includes(extensionOf(name))),
        type: (value) => (value === '' ? undefined : ({ type }) => value.split(',').some((wanted) => type.startsWith(wanted))),
        size: sizeTest,
        src: (value) => compare(value, Number, ({ sources }) => sources.length),
        in: (value) => (value === '' ? undefined : ({ folder = '' }) => folder.toLowerCase().includes(value)),
        peer: (value) => ({ sources }) => sources.some(({ name }) => name.toLowerCase().includes(value)),
        is: (value) => (value === 'new' ? ({ local }) => local.kind === 'none' : value === 'here' ? ({ local }) => local.kind === 'have' : undefined),
      },
    },
  }); // prettier-ignore
}

function sizeTest(value: string): ((row: FoundRow) => boolean) | undefined {
  const bytes = (text: string): number => {
    const size = parseSize(text);
    return size.ok ? size.value : Number.NaN;
  };
  return compare(value, bytes, ({ sizeBytes }) => sizeBytes);
}

/** `>10`, `<=3`, `7`. */
function compare(
  value: string,
  read: (text: string) => number,
  of: (row: FoundRow) => number,
): ((row: FoundRow) => boolean) | undefined {
  const [, sign = '', text = ''] = /^(>=|<=|>|<|=)?(.+)$/.exec(value) ?? [];
  const bound = read(text);
  if (Number.isNaN(bound)) return undefined;
  switch (sign) {
    case '>':
      return (row) => of(row) > bound;
    case '>=':
      return (row) => of(row) >= bound;
    case '<':
      return (row) => of(row) < bound;
    case '<=':
      return (row) => of(row) <= bound;
    default:
      return (row) => of(row) === bound;
  }
}

/** Enter: gets what is chosen; where nothing was found, searches for something else. */
function get(
  list: ListPane<FoundRow>,
  found: Found,
  other: string,
  { downloadsDir, engine }: ScreenContext,
  search: (text: string) => readonly Effect[],
): readonly Effect[] {
  const rows = list.selection();
  if (rows.length === 0 && list.view.total === 0 && other !== '') return search(other);
  return getEffects(
    () => rows.map((row) => found.get(foundId(row.result)) ?? row),
    () => ({ downloadsDir: downloadsDir(), disk: engine.status.disk }),
    () => list.view.marks.clear(),
  );
}

/** What the hint line says of Enter where there are no results. */
function otherWords(state: SearchState): string {
  if (state.phase !== 'done' || state.query === '') return '';
  return otherQuery(state) === state.query ? 'try again' : 'search for that';
}

/** The share of who has it; of several, one is chosen in a menu. */
function browseOneOf(result: SearchResult | undefined): readonly Effect[] {
  const sources = result?.sources.slice(0, 26) ?? [];
  const items = sources.map(({ peer, name }, at) => ({
    letter: String.fromCharCode(97 + at),
    words: showName(name).text,
    effects: [browsePeer({ peer, name })],
  }));
  const [only] = items;
  if (only === undefined) return [hint('Nobody who is online has it')];
  return items.length === 1
    ? only.effects
    : [{ type: 'menu', menu: { title: 'Browse', items, selected: 0 } }];
}

/** Extensions of what was found, the most frequent first. */
function commonExtensions(found: Found): readonly string[] {
  const counts = new Map<string, number>();
  for (const { name } of found.rows()) {
    const extension = extensionOf(name);
    if (extension !== '') counts.set(extension, (counts.get(extension) ?? 0) + 1);
  }
  return [...counts].sort(([, one], [, other]) => other - one).map(([extension]) => extension);
}
