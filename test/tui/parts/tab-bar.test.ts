import { expect, test } from '@jest/globals';
import { tabBar } from '../../../src/tui/parts/tab-bar.ts';
import { unicodeGlyphs } from '../../../src/tui/text/glyphs.ts';
import { lineText } from '../../../src/tui/text/segments.ts';

test.each([
  [59, 'up <1m'],
  [60, 'up 1m'],
  [119, 'up 1m'],
  [3599, 'up 59m'],
  [3660, 'up 1h01m'],
])('%i seconds of being up are shown as %s: no seconds that would stand still', (seconds, words) => {
  const area = { width: 80, height: 1, size: 'normal', glyphs: unicodeGlyphs, wallMs: 0 } as const;
  const line = tabBar([{ name: 'search', badge: '' }], 'search', seconds, area);
  expect(lineText(line).trim().endsWith(`  ${words}`)).toBe(true);
});
