/** The help: the keys of a screen in columns, those that the typed filter leaves. */
import { groupTitle, type HelpEntry } from '../keys/key-pages.ts';
import type { InputLine } from '../model/input-line.ts';
import type { Area } from '../screen/area.ts';
import type { Line } from '../text/segments.ts';
import { fit } from '../text/width.ts';
import { box } from './box.ts';
import type { DrawnBox } from './dialogs.ts';
import { field } from './field.ts';

const columnWidth = 38;
const keysWidth = 15;

export function helpBox(
  title: string,
  entries: readonly HelpEntry[],
  filter: InputLine,
  top: number,
  area: Area,
): DrawnBox {
  const { width, height, glyphs } = area;
  const rows = Math.max(0, height - 4);
  // No more columns than are filled: what is written in them gets the room instead.
  const filled = Math.ceil(entryLines(entries, columnWidth).length / Math.max(1, rows));
  const columns = Math.max(1, Math.min(filled, Math.floor((width - 4) / columnWidth)));
  const cellWidth = Math.max(8, Math.floor((width - 4) / columns));
  const cells = entryLines(entries, cellWidth);
  const perColumn = Math.max(Math.ceil(cells.length / columns), Math.min(rows, cells.length));
  const start = Math.max(0, Math.min(top, perColumn - rows));
  const typed = field(filter, Math.max(1, width - 14));
  const lines: Line[] = [[{ text: ' filter: ', role: 'dim' }, ...typed.line], []];
  for (let row = start; row < Math.min(perColumn, start + rows); row += 1) {
    lines.push([
      { text: ' ' },
      ...Array.from(
        { length: columns },
        (_, column) => cells[column * perColumn + row] ?? [{ text: ' '.repeat(cellWidth) }],
      ).flat(),
    ]);
  }
  if (entries.length === 0)
    lines.push([{ text: ' No key does that. Backspace widens the filter.', role: 'warn' }]);
  const more = perColumn > rows ? `${start + rows < perColumn ? glyphs.down : glyphs.up} more` : '';
  return {
    lines: box(`Keys: ${title}  (type to filter, Esc closes)`, lines, width, height, glyphs, more),
    cursor: { x: 10 + typed.x, y: 1 },
  };
}

function entryLines(entries: readonly HelpEntry[], width: number): readonly Line[] {
  const lines: Line[] = [];
  let group: string | undefined;
  for (const entry of entries) {
    if (entry.group !== group) {
      if (group !== undefined) lines.push([{ text: ' '.repeat(width) }]);
      lines.push([{ text: fit(groupTitle(entry.group).toUpperCase(), width), role: 'title' }]);
      group = entry.group;
    }
    const keys = Math.min(keysWidth, Math.floor(width / 2));
    lines.push([
      { text: fit(entry.keys, keys, 'left', 'end'), role: 'accent' },
      { text: `${fit(` ${entry.words}`, width - keys - 1, 'left', 'end')} ` },
    ]);
  }
  return lines;
}
