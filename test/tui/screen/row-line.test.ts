import { expect, test } from '@jest/globals';
import { rowLine } from '../../../src/tui/screen/row-line.ts';
import { unicodeGlyphs } from '../../../src/tui/text/glyphs.ts';

const look = { cursor: true, marked: false, scroll: undefined, glyphs: unicodeGlyphs } as const;

test('the row under the cursor is in reverse, but not what would then show the opposite, as a bar', () => {
  const line = rowLine(
    [{ text: 'film' }, { text: '██··', role: 'down', inverse: false }, { text: '50%' }],
    look,
  );
  expect(line.map(({ text, inverse }) => [text, inverse])).toEqual([
    [unicodeGlyphs.cursor, true],
    [' ', true],
    ['film', true],
    ['██··', false],
    ['50%', true],
    ['  ', undefined],
  ]);
});
