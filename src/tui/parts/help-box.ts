/** The help: the keys of a screen in columns, those that the typed filter leaves. */
import { groupTitle, type HelpEntry } from '../keys/key-pages.ts';
import type { InputLine } from '../model/input-line.ts';
import type { Area } from '../screen/area.ts';
import { lineText, type Line } from '../text/segments.ts';
import { fit } from '../text/width.ts';
import { box } from './box.ts';
import type { DrawnBox } from './dialogs.ts';
import { field } from './field.ts';
import { wrapWords } from './wrap.ts';

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
  const filled = Math.ceil(helpLines(entries, columnWidth).length / Math.max(1, rows));
  const columns = Math.max(1, Math.min(filled, Math.floor((width - 4) / columnWidth)));
  const cellWidth = Math.max(8, Math.floor((width - 4) / columns));
  const cells = inColumns(helpLines(entries, cellWidth), columns, rows);
  const perColumn = Math.max(0, ...cells.map(({ length }) => length));
  const start = Math.max(0, Math.min(top, perColumn - rows));
  const typed = field(filter, Math.max(1, width - 14));
  const lines: Line[] = [[{ text: ' filter: ', role: 'dim' }, ...typed.line], []];
  for (let row = start; row < Math.min(perColumn, start + rows); row += 1) {
    lines.push([
      { text: ' ' },
      ...Array.from(
        { length: columns },
        (_, column) => cells[column]?.[row]?.line ?? [{ text: ' '.repeat(cellWidth) }],
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

interface HelpLine {
  readonly kind: 'blank' | 'title' | 'entry';
  readonly line: Line;
}

/** As few lines for each column as all of them need, and at least `rows`: no title at an end, no blank at a start. */
function inColumns(
  lines: readonly HelpLine[],
  columns: number,
  rows: number,
): readonly (readonly HelpLine[])[] {
  for (let perColumn = Math.max(1, rows, Math.ceil(lines.length / columns)); ; perColumn += 1) {
    const filled: HelpLine[][] = [[]];
    for (const line of lines) {
      const last = filled.at(-1)?.length ?? 0;
      if (last >= perColumn || (line.kind === 'title' && last === perColumn - 1 && last > 0)) filled.push([]);
      const column = filled.at(-1);
      if (line.kind !== 'blank' || (column?.length ?? 0) > 0) column?.push(line);
    }
    if (filled.length <= columns || perColumn > lines.length) return filled;
  }
}

function helpLines(entries: readonly HelpEntry[], width: number): readonly HelpLine[] {
  const lines: HelpLine[] = [];
  let group: string | undefined;
  for (const entry of entries) {
    if (entry.group !== group) {
      if (group !== undefined) lines.push({ kind: 'blank', line: [{ text: ' '.repeat(width) }] });
      const title = fit(groupTitle(entry.group).toUpperCase(), width);
      lines.push({ kind: 'title', line: [{ text: title, role: 'title' }] });
      group = entry.group;
    }
    lines.push(...entryLines(entry, width).map((line) => ({ kind: 'entry', line }) as const));
  }
  return lines;
}

/** In as many lines as its keys and its words need. */
function entryLines(entry: HelpEntry, width: number): readonly Line[] {
  const keysRoom = Math.min(keysWidth, Math.floor(width / 2));
  const wordsRoom = Math.max(1, width - keysRoom - 2);
  const keys = wrapped(entry.keys, keysRoom);
  const words = wrapped(entry.words, wordsRoom);
  return Array.from({ length: Math.max(keys.length, words.length) }, (_, at): Line => [
    { text: fit(keys[at] ?? '', keysRoom, 'left', 'end'), role: 'accent' },
    { text: ` ${fit(words[at] ?? '', wordsRoom, 'left', 'end')} ` },
  ]);
}

const wrapped = (text: string, width: number): readonly string[] =>
  wrapWords([{ text }], width).map((line) => lineText(line).trimEnd());
