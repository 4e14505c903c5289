import { describe, expect, test } from '@jest/globals';
import { pieceState } from '../../../src/core/engine/engine-api.ts';
import { bar } from '../../../src/tui/text/bar.ts';
import { asciiGlyphs, unicodeGlyphs } from '../../../src/tui/text/glyphs.ts';
import { countPieces, pieceLine, pieceRows } from '../../../src/tui/text/piece-map.ts';
import { lineText, lineWidth } from '../../../src/tui/text/segments.ts';
import { sparkline } from '../../../src/tui/text/sparkline.ts';
import { textWidth } from '../../../src/tui/text/width.ts';
import * as fc from '../../helpers/properties.ts';

const glyphs = fc.constantFrom(unicodeGlyphs, asciiGlyphs);

describe('a bar', () => {
  test.each([
    [0, '····', '[..]'],
    [1 / 32, '▏···', '[..]'],
    [0.25, '█···', '[>.]'],
    [0.5, '██··', '[#.]'],
    [0.999, '███▉', '[#>]'],
    [1, '████', '[##]'],
    [7, '████', '[##]'],
    [-1, '····', '[..]'],
  ])('of %d goes by parts of a cell and never shows more than there is', (fraction, unicode, ascii) => {
    expect(bar(fraction, 4, unicodeGlyphs)).toBe(unicode);
    expect(bar(fraction, 4, asciiGlyphs)).toBe(ascii);
  });

  test('is exactly as wide as asked', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(60), glyphs, (fraction, width, set) => {
        expect(textWidth(bar(fraction, width, set))).toBe(width);
      }),
    );
  });
});

describe('a curve', () => {
  test('is scaled to its greatest value, the newest at the right', () => {
    expect(sparkline([0, 1, 2, 4, 8], 5, unicodeGlyphs)).toBe('▁▂▃▅█');
    expect(sparkline([0, 1, 2, 4, 8], 5, asciiGlyphs)).toBe(' .:=#');
    expect(sparkline([9, 1, 8], 2, unicodeGlyphs)).toBe('▂█');
    expect(sparkline([5], 4, unicodeGlyphs)).toBe('   █');
    expect(sparkline([0, 0], 2, unicodeGlyphs)).toBe('▁▁');
    expect(sparkline([0.001, 1e9], 2, unicodeGlyphs)).toBe('▂█');
  });

  test('is exactly as wide as asked', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, noNaN: true })), fc.nat(60), glyphs, (values, width, set) => {
        expect(textWidth(sparkline(values, width, set))).toBe(width);
      }),
    );
  });
});

describe('a piece map', () => {
  const { missing, requested, have, available } = pieceState;
  const map = Uint8Array.of(have, have, requested, missing, available, available + 1, available + 2, have);

  test('has a cell for each piece where there is room', () => {
    expect(pieceRows(map, 5, 6, unicodeGlyphs).map(({ first, line }) => [first, lineText(line)])).toEqual([
      [0, '██▓··'],
      [5, '░▒█'],
    ]);
    expect(lineText(pieceLine(map, 8, asciiGlyphs))).toBe('##+..-=#');
  });

  test('shows the piece that is worst off where several share a cell', () => {
    expect(lineText(pieceLine(map, 4, unicodeGlyphs))).toBe('█··▒');
    expect(pieceRows(map, 2, 2, unicodeGlyphs).map(({ first, line }) => [first, lineText(line)])).toEqual([
      [0, '█·'],
      [4, '·▒'],
    ]);
  });

  test('gives a piece several cells where there are more of them', () => {
    expect(lineText(pieceLine(Uint8Array.of(have, missing), 7, unicodeGlyphs))).toBe('███····');
    expect(pieceLine(new Uint8Array(), 7, unicodeGlyphs)).toEqual([]);
  });

  test('is one run for each stretch that looks the same', () => {
    expect(pieceLine(map, 8, unicodeGlyphs).map(({ role }) => role)).toEqual([
      'down', 'accent', 'error', 'warn', 'plain', 'down',
    ]); // prettier-ignore
  });

  test('counts its pieces by what can be had of them', () => {
    expect(countPieces(map)).toEqual({ have: 3, requested: 1, several: 1, one: 1, nobody: 2 });
  });

  test('never has more rows or cells than asked for, and loses no missing piece', () => {
    const bytes = fc.uint8Array({ max: 40, maxLength: 3_000 });
    fc.assert(
      fc.property(
        bytes,
        fc.integer({ min: 1, max: 80 }),
        fc.integer({ min: 1, max: 6 }),
        (some, width, rows) => {
          const drawn = pieceRows(some, width, rows, asciiGlyphs);
          expect(drawn.length).toBeLessThanOrEqual(rows);
          for (const { line } of drawn) expect(lineWidth(line)).toBeLessThanOrEqual(width);
          const text = drawn.map(({ line }) => lineText(line)).join('');
          expect(text.includes(asciiGlyphs.pieces.nobody)).toBe(countPieces(some).nobody > 0);
          if (some.length > 0) expect(lineWidth(pieceLine(some, width, unicodeGlyphs))).toBe(width);
        },
      ),
    );
  });
});
