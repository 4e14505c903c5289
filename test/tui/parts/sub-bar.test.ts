import { expect, test } from '@jest/globals';
import { subBar } from '../../../src/tui/parts/sub-bar.ts';
import { ListPane } from '../../../src/tui/screen/list-pane.ts';
import { Table } from '../../../src/tui/model/table.ts';
import { unicodeGlyphs } from '../../../src/tui/text/glyphs.ts';
import { lineText } from '../../../src/tui/text/segments.ts';

const list = new ListPane<{ readonly name: string }>({
  table: new Table<{ readonly name: string }>(),
  columns: () => [],
  sorts: [{ key: 'name', title: 'name', letter: 'n', descending: false, value: ({ name }) => name }],
  filter: { text: ({ name }) => name },
});

test('never has the order of the list run into the view in front', () => {
  const views = [{ title: 'x'.repeat(44), count: undefined, current: true }];
  const seen = new Set<boolean>();
  for (let width = 55; width <= 80; width += 1) {
    const area = { width, height: 1, size: 'normal', glyphs: unicodeGlyphs, wallMs: 0 } as const;
    const text = lineText(subBar(views, list, area));
    expect(text).not.toContain(']sort');
    seen.add(text.includes('sort'));
  }
  expect(seen).toEqual(new Set([true, false]));
});
