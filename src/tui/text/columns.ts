/**
 * Tables: which columns a width has room for, how wide each is, and a row of them as one line. Invariant: a row
 * and the titles are exactly as wide as the layout, whatever is in them.
 */
import type { Glyphs } from './glyphs.ts';
import { unicodeGlyphs } from './glyphs.ts';
import type { Line, Segment } from './segments.ts';
import { fitLine, lineWidth } from './segments.ts';
import { fit } from './width.ts';

export interface Column<T> {
  readonly key: string;
  readonly title: string;
  readonly minWidth: number;
  /** Its part of the room that is left; 0: it stays at its least width. */
  readonly weight: number;
  /** Default: as wide as there is room. */
  readonly maxWidth?: number;
  /** 1 is the most important; the greatest is the first to be left out. */
  readonly priority: number;
  readonly align: 'left' | 'right';
  /** What stands in it, to be cut or padded to `width`: those that know better where to cut do it themselves. */
  cell(row: T, width: number): readonly Segment[];
}

export interface PlacedColumn<T> {
  readonly column: Column<T>;
  readonly width: number;
}

/** The columns there is room for, in their order, and the rows that were made for it. */
export interface Layout<T extends object> {
  readonly columns: readonly PlacedColumn<T>[];
  readonly width: number;
  readonly glyphs: Glyphs;
  /** Lines by row: a row that changes is another object. */
  readonly lines: WeakMap<T, Line>;
}

const gap = 1;

/** Leaves out the least important columns until the rest fits, but never the last, and spreads what is left. */
export function layoutColumns<T extends object>(
  columns: readonly Column<T>[],
  width: number,
  glyphs: Glyphs = unicodeGlyphs,
): Layout<T> {
  const kept = [...columns];
  while (kept.length > 1 && leastWidth(kept) > width) kept.splice(leastImportant(kept), 1);
  return { columns: spread(kept, width), width, glyphs, lines: new WeakMap() };
}

/** Columns for an area, made once for each key of it: layouts want the same array for the same look. */
export function columnsBy<T, Area>(
  keyOf: (area: Area) => string,
  make: (area: Area) => readonly Column<T>[],
): (area: Area) => readonly Column<T>[] {
  const made = new Map<string, readonly Column<T>[]>();
  return (area) => {
    const key = keyOf(area);
    const columns = made.get(key) ?? make(area);
    made.set(key, columns);
    return columns;
  };
}

/** Columns that depend on nothing but an area's glyphs. */
export function byGlyphs<T>(
  make: (glyphs: Glyphs) => readonly Column<T>[],
): (area: { readonly glyphs: Glyphs }) => readonly Column<T>[] {
  return columnsBy(
    ({ glyphs }) => glyphs.name,
    ({ glyphs }) => make(glyphs),
  );
}

/** A row as a line of exactly the layout's width. Made once for each row object. */
export function formatRow<T extends object>(layout: Layout<T>, row: T): Line {
  const kept = layout.lines.get(row);
  if (kept) return kept;
  const line = join(layout, ({ column, width }) =>
    alignLine(column.cell(row, width), width, column.align, layout.glyphs.ellipsis),
  );
  layout.lines.set(row, line);
  return line;
}

/** The titles; the sorted column has an arrow beside its own when there is room. */
export function formatTitles<T extends object>(
  layout: Layout<T>,
  sorted?: { readonly key: string; readonly descending: boolean },
): Line {
  const { ascending, descending, ellipsis } = layout.glyphs;
  const arrow = sorted?.descending === true ? descending : ascending;
  const line = join(layout, ({ column: { key, title, align }, width }) => {
    const withArrow =
      key === sorted?.key ? (align === 'left' ? `${title}${arrow}` : `${arrow}${title}`) : title;
    return [{ text: fit(withArrow, width, align, 'end', ellipsis) }];
  });
  return [{ text: line.map(({ text }) => text).join(''), role: 'title' }];
}

function join<T extends object>(layout: Layout<T>, cell: (placed: PlacedColumn<T>) => Line): Line {
  const line = layout.columns.flatMap((placed, at) => [
    ...(at === 0 ? [] : [{ text: ' '.repeat(gap) }]),
    ...cell(placed),
  ]);
  return fitLine(merge(line), layout.width, layout.glyphs.ellipsis);
}

function alignLine(line: Line, width: number, align: 'left' | 'right', ellipsis: string): Line {
  const taken = lineWidth(line);
  if (align === 'left' || taken >= width) return fitLine(line, width, ellipsis);
  return [{ text: ' '.repeat(width - taken) }, ...line];
}

/** Neighbours that look the same become one: a terminal and Ink pay for each run. */
function merge(line: Line): Line {
  const merged: Segment[] = [];
  for (const run of line) {
    if (run.text === '') continue;
    const last = merged.at(-1);
    if (last && looksSame(last, run)) merged[merged.length - 1] = { ...last, text: last.text + run.text };
    else merged.push(run);
  }
  return merged;
}

const looksSame = (one: Segment, other: Segment): boolean =>
  (one.role ?? 'plain') === (other.role ?? 'plain') &&
  one.inverse === other.inverse &&
  one.bold === other.bold &&
  one.underline === other.underline;

function leastWidth(columns: readonly { readonly minWidth: number }[]): number {
  return columns.reduce((sum, { minWidth }) => sum + minWidth, gap * (columns.length - 1));
}

function leastImportant(columns: readonly { readonly priority: number }[]): number {
  let least = 0;
  for (const [at, { priority }] of columns.entries())
    if (priority >= (columns[least]?.priority ?? 0)) least = at;
  return least;
}

/** By weight, whole cells; what a column may not take goes to the others, and rounding to the first. */
function spread<T>(columns: readonly Column<T>[], width: number): readonly PlacedColumn<T>[] {
  const widths = new Map(columns.map((column) => [column, column.minWidth]));
  let left = Math.max(0, width - leastWidth(columns));
  let growing = columns.filter(({ weight }) => weight > 0);
  while (left > 0 && growing.length > 0) {
    const weights = growing.reduce((sum, { weight }) => sum + weight, 0);
    const share = left;
    for (const column of growing) {
      const now = widths.get(column) ?? 0;
      const room = (column.maxWidth ?? Number.POSITIVE_INFINITY) - now;
      const more = Math.min(room, left, Math.max(1, Math.floor((share * column.weight) / weights)));
      widths.set(column, now + more);
      left -= more;
    }
    growing = growing.filter(
      (column) => (widths.get(column) ?? 0) < (column.maxWidth ?? Number.POSITIVE_INFINITY),
    );
  }
  return columns.map((column) => ({ column, width: Math.min(width, widths.get(column) ?? column.minWidth) }));
}
