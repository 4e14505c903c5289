import { expect, test } from '@jest/globals';
import { bindKeys } from '../../../src/tui/keys/bindings.ts';
import { helpEntries } from '../../../src/tui/keys/key-pages.ts';
import { inputLine } from '../../../src/tui/model/input-line.ts';
import { helpBox } from '../../../src/tui/parts/help-box.ts';
import { sizeClass } from '../../../src/tui/screen/area.ts';
import { unicodeGlyphs } from '../../../src/tui/text/glyphs.ts';
import { lineText, lineWidth } from '../../../src/tui/text/segments.ts';

const bound = bindKeys({});
if (!bound.ok) throw new Error(bound.problem.message);
const entries = helpEntries(bound.value, 'downloads', '', true);

/** Everything the help says at this size, scrolled through from its top to its end. */
function said(width: number, height: number): string {
  const area = { width, height, size: sizeClass(width, height), glyphs: unicodeGlyphs, wallMs: 0 };
  const pages = Array.from(
    { length: 3 * entries.length },
    (_, top) => helpBox('Downloads', entries, inputLine(), top, area).lines,
  );
  for (const line of pages.flat()) expect(lineWidth(line)).toBe(width);
  return pages.flat().map(lineText).join('\n');
}

test.each([
  [80, 20],
  [100, 26],
  [120, 36],
  [160, 44],
  [200, 56],
])('no word of the help is cut in a terminal of %i columns and %i rows', (width, height) => {
  const text = said(width, height);
  expect(text).not.toContain(unicodeGlyphs.ellipsis);
  for (const word of entries.flatMap(({ keys, words }) => `${keys} ${words}`.split(' ')))
    expect(text).toContain(word);
});

test('no column of the help ends with a title', () => {
  const area = { width: 160, height: 44, size: sizeClass(160, 44), glyphs: unicodeGlyphs, wallMs: 0 };
  const lines = helpBox('Downloads', entries, inputLine(), 0, area).lines.map(lineText);
  expect(lines.at(-2)).not.toMatch(/[A-Z]{5}/);
});
