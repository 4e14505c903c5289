/**
 * A list with its columns, its ways to sort and its filter, drawn as lines. Invariant: `lines` gives exactly the
 * lines of its area, each as wide as it; a row that looks the same is the same line by reference.
 */
import type { ActionId } from '../keys/key-table.ts';
import { ListOrder, type SortKey } from '../model/list-order.ts';
import { ListView } from '../model/list-view.ts';
import type { Menu } from '../model/menu.ts';
import type { RowId, Rows } from '../model/table.ts';
import { narrows, parseFilter, type FilterWords } from '../model/text-filter.ts';
import { formatRow, formatTitles, layoutColumns, type Column, type Layout } from '../text/columns.ts';
import type { Line } from '../text/segments.ts';
import type { Area } from './area.ts';
import { listAction } from './list-actions.ts';
import { rowLine } from './row-line.ts';

export interface ListPaneOptions<Row extends object> {
  readonly table: Rows<Row>;
  /** Which rows of the table are of this list; default: all. */
  readonly belongs?: (row: Row) => boolean;
  /** The columns for an area. Gives the same array for the same size. */
  readonly columns: (area: Area) => readonly Column<Row>[];
  /** The first one is how it is sorted at first. */
  readonly sorts: readonly [SortKey<Row>, ...SortKey<Row>[]];
  readonly filter: FilterWords<Row>;
  readonly followsEnd?: boolean;
}

/** What can be known of and done to a list's view without knowing its rows. */
export type AnyView = Pick<
  ListView<object>,
  | 'length'
  | 'total'
  | 'index'
  | 'top'
  | 'height'
  | 'frozen'
  | 'marks'
  | 'busy'
  | 'pending'
  | 'settle'
  | 'work'
  | 'freeze'
  | 'moveTo'
> & {
  readonly sort: {
    readonly by: { readonly key: string; readonly title: string };
    readonly descending: boolean;
  };
};

/** A list whatever its rows are: what the frame and the controller need of it. */
export interface AnyList {
  readonly filterText: string;
  readonly view: AnyView;
  readonly sorts: readonly { readonly key: string; readonly title: string }[];
  titles(area: Area): Line;
  lines(area: Area, focused: boolean): readonly Line[];
  /** Moves, marks; returns whether the action was one of a list. */
  act(action: ActionId, nowMs: number): boolean;
  filterBy(text: string): void;
  sortBy(key: string, descending: boolean): void;
  reverseSort(): void;
  stepSort(by: 1 | -1): void;
  sortMenu(): Menu;
}

/** Room before each row for the cursor and the mark. */
const gutter = 2;

export class ListPane<Row extends object> implements AnyList {
  readonly view: ListView<Row>;
  readonly sorts: readonly [SortKey<Row>, ...SortKey<Row>[]];
  readonly #options: ListPaneOptions<Row>;
  #filterText = '';
  #layout: Layout<Row> | undefined;
  #laidOut: readonly Column<Row>[] | undefined;

  constructor(options: ListPaneOptions<Row>) {
    this.#options = options;
    this.sorts = options.sorts;
    const [by] = options.sorts;
    const belongs = options.belongs ?? (() => true);
    this.view = new ListView({
      table: options.table,
      order: new ListOrder(options.table, belongs, { by, descending: by.descending }),
      followsEnd: options.followsEnd ?? false,
    });
  }

  get filterText(): string {
    return this.#filterText;
  }

  /** What actions are for: the marked rows, or the one under the cursor. */
  selection(): readonly Row[] {
    return this.view.selection();
  }

  get current(): Row | undefined {
    return this.view.current;
  }

  titles(area: Area): Line {
    const { by, descending } = this.view.sort;
    const layout = this.#layoutFor(area);
    return [{ text: ' '.repeat(gutter) }, ...formatTitles(layout, { key: by.key, descending })];
  }

  lines(area: Area, focused: boolean): readonly Line[] {
    this.view.setHeight(area.height);
    const layout = this.#layoutFor(area);
    const { top, height, length } = this.view;
    const scrolls = length > height;
    const thumb = thumbRange(top, height, length);
    const lines: Line[] = this.view.window().map(({ row, cursor, marked }, at) =>
      rowLine(formatRow(layout, row), {
        cursor: cursor && focused,
        marked,
        scroll: !scrolls ? undefined : at >= thumb.from && at < thumb.to ? 'thumb' : 'track',
        glyphs: area.glyphs,
      }),
    );
    const blank = blankLine(area.width);
    while (lines.length < area.height) lines.push(blank);
    return lines;
  }

  act(action: ActionId, nowMs: number): boolean {
    return listAction(this.view, action, nowMs);
  }

  filterBy(text: string): void {
    const before = this.#filterText;
    this.#filterText = text;
    this.view.setFilter(parseFilter(text, this.#options.filter), narrows(before, text));
  }

  sortBy(key: string, descending: boolean): void {
    const by = this.sorts.find((sort) => sort.key === key);
    if (by !== undefined) this.view.setSort(by, descending);
  }

  reverseSort(): void {
    const { by, descending } = this.view.sort;
    this.view.setSort(by, !descending);
  }

  stepSort(by: 1 | -1): void {
    const at = this.sorts.findIndex(({ key }) => key === this.view.sort.by.key);
    const next = this.sorts[(at + by + this.sorts.length) % this.sorts.length] ?? this.sorts[0];
    this.view.setSort(next, next.descending);
  }

  sortMenu(): Menu {
    const current = this.view.sort;
    return {
      title: 'Sort by',
      items: this.sorts.map(({ letter, title, key, descending }) => ({
        letter,
        words: key === current.by.key ? `${title} (reverse)` : title,
        effects: [
          {
            type: 'sort' as const,
            list: this,
            key,
            descending: key === current.by.key ? !current.descending : descending,
          },
        ],
      })),
      selected: Math.max(
        0,
        this.sorts.findIndex(({ key }) => key === current.by.key),
      ),
    };
  }

  /** Puts the cursor on a row that was just added or chosen elsewhere. Returns whether it is shown. */
  goTo(id: RowId, nowMs: number): boolean {
    return this.view.moveToId(id, nowMs);
  }

  #layoutFor(area: Area): Layout<Row> {
    const columns = this.#options.columns(area);
    // One cell at the end for the scroll bar, and one before it.
    const width = Math.max(1, area.width - gutter - 2);
    const kept = this.#layout;
    if (
      kept !== undefined &&
      kept.width === width &&
      kept.glyphs === area.glyphs &&
      this.#laidOut === columns
    )
      return kept;
    this.#laidOut = columns;
    this.#layout = layoutColumns(columns, width, area.glyphs);
    return this.#layout;
  }
}

/** Which lines of a window the scroll bar's thumb covers. */
function thumbRange(
  top: number,
  height: number,
  length: number,
): { readonly from: number; readonly to: number } {
  const size = Math.max(1, Math.round((height * height) / Math.max(1, length)));
  const room = height - size;
  const hidden = Math.max(1, length - height);
  const from = Math.round((top / hidden) * room);
  return { from, to: from + size };
}

const blanks = new Map<number, Line>();

/** The same line for the same width. */
function blankLine(width: number): Line {
  const kept = blanks.get(width);
  if (kept !== undefined) return kept;
  if (blanks.size > 16) blanks.clear();
  const line: Line = [{ text: ' '.repeat(width) }];
  blanks.set(width, line);
  return line;
}
