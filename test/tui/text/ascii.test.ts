import { expect, test } from '@jest/globals';
import { asciiLine } from '../../../src/tui/text/ascii.ts';
import { lineText, lineWidth } from '../../../src/tui/text/segments.ts';

test('signs become ASCII of the same width, letters stay', () => {
  const line = [{ text: 'naïve 鯨…⟨RLO⟩', role: 'ok' as const }, { text: '␛↓' }];
  const ascii = asciiLine(line);
  expect(lineText(ascii)).toBe('naïve 鯨~<RLO>?v');
  expect(ascii[0]?.role).toBe('ok');
  expect(lineWidth(ascii)).toBe(lineWidth(line));
  expect(asciiLine(line)).toBe(ascii);
});

test.each(['Don’t stop – “live”', '⌚⏰⚡⭐❤️☺️↔️', '…'.repeat(9), 'a\u0301→\ufe0f'])(
  '%s stays as wide',
  (text) => {
    expect(lineWidth(asciiLine([{ text }]))).toBe(lineWidth([{ text }]));
  },
);

test('a line without signs is the same line', () => {
  const line = [{ text: 'plain 鯨' }];
  expect(asciiLine(line)).toBe(line);
});
