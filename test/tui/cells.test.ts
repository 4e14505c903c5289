import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { cellWidth, cut, fit } from '../../src/tui/cells.ts';

describe('cells', () => {
  test.each([
    ['', 0],
    ['plain', 5],
    ['Ísland', 6],
    ['I\u0301sland', 6],
    ['鯨', 2],
    ['ｶﾅ', 2],
    ['カナ', 4],
    ['한글', 4],
    ['🐋', 2],
    ['👨‍👩‍👧', 2],
    ['❤️', 2],
    ['…', 1],
  ])('%s takes %i', (text, cells) => expect(cellWidth(text)).toBe(cells));

  test('text is cut at its end or in its middle, so that the extension stays', () => {
    expect(cut('abcdefghij.flac', 10)).toBe('abcdefghi…');
    expect(cut('abcdefghij.flac', 10, 'middle')).toBe('abcdef…lac');
    expect(cut('short', 10)).toBe('short');
    expect(cut('text', 0)).toBe('');
  });

  test('fitted text is exactly as wide as asked', () => {
    const where = fc.constantFrom('end' as const, 'middle' as const);
    const align = fc.constantFrom('left' as const, 'right' as const);
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme' }),
        fc.integer({ min: 2, max: 30 }),
        align,
        where,
        (text, cells, align, where) => {
          expect(cellWidth(fit(text, cells, align, where))).toBe(cells);
        },
      ),
    );
  });
});
