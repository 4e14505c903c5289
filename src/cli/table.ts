/**
 * Rows in aligned columns. Invariant: on a terminal that is wide enough for the other columns at all, no line is
 * longer than the terminal; only columns that may shrink lose text; and one long text widens no line but its own.
 */
import { displayName } from '../core/safe-name.ts';
import { fit, textWidth } from '../tui/text/width.ts';

export interface Column {
  readonly title: string;
  readonly align?: 'left' | 'right';
  /** May be cut, there, to make the rest fit. At most one column of a table. */
  readonly shrink?: 'end' | 'middle';
}

const gap = '  ';
const minShrunkCells = 12;

/** So wide a column that may shrink is at most for the sake of one long text: that one pushes its own line only. */
const maxPaddedCells = 60;

/** Lines of a table with its titles. `columns` is the width of the terminal; undefined where nothing need fit. */
export function table(
  layout: readonly Column[],
  rows: readonly (readonly string[])[],
  columns: number | undefined,
): readonly string[] {
  const texts = [layout.map(({ title }) => title), ...rows.map((row) => row.map(displayName))];
  const widths = layout.map((_, at) =>
    texts.reduce((most, row) => Math.max(most, textWidth(row[at] ?? '')), 0),
  );
  const excess = columns === undefined ? 0 : sum(widths) + gap.length * (layout.length - 1) - columns;
  const shrunk = layout.findIndex(({ shrink }) => shrink !== undefined);
  const width = widths[shrunk];
  if (width !== undefined && excess > 0)
    widths[shrunk] = Math.min(width, Math.max(minShrunkCells, width - excess));
  const padded = widths.map((cells, at) => (at === shrunk ? Math.min(cells, maxPaddedCells) : cells));
  return texts.map((row) =>
    row
      .map((text, at) => {
        const cells = Math.max(padded[at] ?? 0, Math.min(textWidth(text), widths[at] ?? 0));
        return fit(text, cells, layout[at]?.align, layout[at]?.shrink);
      })
      .join(gap)
      .trimEnd(),
  );
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
