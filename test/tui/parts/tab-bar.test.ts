import { expect, test } from '@jest/globals';
import { tabBar } from '../../../src/tui/parts/tab-bar.ts';
import { unicodeGlyphs } from '../../../src/tui/text/glyphs.ts';
import { lineText } from '../../../src/tui/text/segments.ts';

const startedMs = new Date(2026, 10, 21, 14, 5).getTime();

test.each([
  [60_000, 'since 14:05'],
  [23 * 3_600_000, 'since 14:05'],
  [25 * 3_600_000, 'since 21 Nov'],
])('after %i ms it says when the engine was started, which does not change by itself: %s', (later, words) => {
  const area = {
    width: 80,
    height: 1,
    size: 'normal',
    glyphs: unicodeGlyphs,
    wallMs: startedMs + later,
  } as const;
  const line = tabBar([{ name: 'search', badge: '' }], 'search', startedMs, area);
  expect(lineText(line).trim().endsWith(`  ${words}`)).toBe(true);
});
