import { describe, expect, test } from '@jest/globals';
import { bar } from '../../../src/tui/text/bar.ts';
import { formatRow, formatTitles, layoutColumns, type Column } from '../../../src/tui/text/columns.ts';
import { asciiGlyphs, unicodeGlyphs } from '../../../src/tui/text/glyphs.ts';
import { nameSegments } from '../../../src/tui/text/names.ts';
import { formatBytes, formatPercent, formatSpeed } from '../../../src/tui/text/numbers.ts';
import { lineText, lineWidth } from '../../../src/tui/text/segments.ts';
import * as fc from '../../helpers/properties.ts';

interface Row {
  readonly name: string;
  readonly size: number;
  readonly done: number;
}

const columns: readonly Column<Row>[] = [
  { key: 'name', title: 'NAME', minWidth: 12, weight: 3, priority: 1, align: 'left', cell: ({ name }, width) => nameSegments(name, width, unicodeGlyphs) },
  { key: 'size', title: 'SIZE', minWidth: 5, weight: 0, priority: 4, align: 'right', cell: ({ size }) => [{ text: formatBytes(size) }] },
  { key: 'bar', title: 'PROGRESS', minWidth: 8, weight: 1, maxWidth: 14, priority: 3, align: 'left', cell: ({ done, size }, width) => [{ text: bar(done / size, width), role: 'down' }] },
  { key: 'percent', title: '%', minWidth: 4, weight: 0, priority: 2, align: 'right', cell: ({ done, size }) => [{ text: formatPercent(done, size, false) }] },
  { key: 'speed', title: 'SPEED', minWidth: 7, weight: 0, priority: 5, align: 'right', cell: ({ done }) => [{ text: formatSpeed(done) }] },
]; // prettier-ignore

const keysAt = (width: number): string =>
  layoutColumns(columns, width)
    .columns.map(({ column }) => column.key)
    .join(' ');

describe('columns', () => {
  test('that matter least are left out where there is no room, but never the last', () => {
    expect(keysAt(40)).toBe('name size bar percent speed');
    expect(keysAt(39)).toBe('name size bar percent');
    expect(keysAt(31)).toBe('name bar percent');
    expect(keysAt(20)).toBe('name percent');
    expect(keysAt(5)).toBe('name');
  });

  test('share what is left by weight, up to their greatest width', () => {
    const widths = layoutColumns(columns, 52).columns.map(({ width }) => width);
    expect(widths).toEqual([21, 5, 11, 4, 7]);
    expect(layoutColumns(columns, 140).columns.map(({ width }) => width)).toEqual([106, 5, 14, 4, 7]);
  });

  test('stand under their titles, the sorted one with an arrow', () => {
    const layout = layoutColumns(columns, 52);
    expect(lineText(formatTitles(layout, { key: 'size', descending: true }))).toBe(
      'NAME                  ▼SIZE PROGRESS       %   SPEED',
    );
    const row = { name: 'a.iso', size: 4096, done: 2048 };
    expect(lineText(formatRow(layout, row))).toBe('a.iso                 4.00K █████▌·····  50% 2.00K/s');
  });

  test('of a row that did not change are not made again', () => {
    const layout = layoutColumns(columns, 52);
    const row = { name: 'a.iso', size: 4096, done: 2048 };
    expect(formatRow(layout, row)).toBe(formatRow(layout, row));
    expect(formatRow(layout, { ...row })).not.toBe(formatRow(layout, row));
  });

  test('fit exactly, for 10,000 rows of any kind', () => {
    const part = fc.constantFrom(
      'plain', '日本語', '鯨', '한글', '👨‍👩‍👧', '❤️', 'ｶﾅ', 'كتاب', 'ספר', 'e\u0301', '\u202e', '\x1b[31m', '\n', '\0', '\ud800', '\u200b', '.epub', 'x'.repeat(90),
    ); // prettier-ignore
    const name = fc.oneof(
      fc.array(part, { maxLength: 8 }).map((parts) => parts.join('')),
      fc.string({ unit: 'binary' }),
    );
    const bytes = fc.oneof(fc.constantFrom(0, 1, 2 ** 53), fc.maxSafeNat());
    const layouts = Array.from({ length: 200 }, (_, width) =>
      layoutColumns(columns, width, width % 2 === 0 ? unicodeGlyphs : asciiGlyphs),
    );
    fc.assert(
      fc.property(name, bytes, bytes, fc.nat(199), (rowName, size, done, width) => {
        const layout = layouts[width];
        if (!layout) throw new Error('no layout');
        const line = formatRow(layout, { name: rowName, size, done });
        expect(lineWidth(line)).toBe(width);
        expect(lineText(line)).not.toMatch(/[\p{Cc}\u202e\u200b]/u);
        expect(lineWidth(formatTitles(layout))).toBe(width);
      }),
      { numRuns: 10_000 },
    );
  });
});
