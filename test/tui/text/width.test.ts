import { describe, expect, test } from '@jest/globals';
import stringWidth from 'string-width';
import { fitLine, lineText, lineWidth } from '../../../src/tui/text/segments.ts';
import { cut, fit, graphemes, textWidth } from '../../../src/tui/text/width.ts';
import * as fc from '../../helpers/properties.ts';

describe('text', () => {
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
    ['नमस्ते', 4],
    ['हिन्दी', 5],
    ['กำ', 2],
    ['ｶﾞ', 2],
    ['\u1112\u1161\u11ab', 2],
    ['█▏▎▍▌▋▊▉', 8],
  ])('%s takes %i cells', (text, cells) => {
    expect(textWidth(text)).toBe(cells);
    expect(textWidth(text)).toBe(cells);
  });

  test('takes as many cells as Ink reckons, whatever character of one cell it is made of', () => {
    for (let point = 0x20; point < 0x3000; point++) {
      const sign = String.fromCodePoint(point);
      // A control takes none, and none gets as far as here.
      if (!/\p{Cc}/u.test(sign)) expect([sign, textWidth(sign)]).toEqual([sign, stringWidth(sign)]);
    }
  });

  test('is cut at its end, or in its middle so that the extension stays', () => {
    expect(cut('abcdefghij.flac', 10)).toBe('abcdefghi…');
    expect(cut('abcdefghij.flac', 10, 'middle')).toBe('abcd….flac');
    expect(cut('field-recordings-2024-raw.7z', 25, 'middle')).toBe('field-recording…24-raw.7z');
    expect(cut('日本語ファイル名-第01巻.epub', 16, 'middle')).toBe('日本語ファ….epub');
    expect(cut('abcdefghij.flac', 5, 'middle', '~')).toBe('abc~c');
    expect(cut('short', 10)).toBe('short');
    expect(cut('text', 1)).toBe('…');
    expect(cut('text', 0)).toBe('');
  });

  test('comes apart where a reader sees characters', () => {
    expect(graphemes('añ👨‍👩‍👧鯨')).toEqual(['a', 'ñ', '👨‍👩‍👧', '鯨']);
    expect(graphemes('jj\r')).toEqual(['j', 'j', '\r']);
  });

  test('fitted is exactly as wide as asked', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme' }),
        fc.integer({ min: 0, max: 30 }),
        fc.constantFrom('left' as const, 'right' as const),
        fc.constantFrom('end' as const, 'middle' as const),
        (text, width, align, where) => expect(textWidth(fit(text, width, align, where))).toBe(width),
      ),
      { numRuns: 2_000 },
    );
  });
});

describe('a line', () => {
  const line = [{ text: '日本' }, { text: 'abc', role: 'ok' as const }, { text: 'déf', bold: true }];

  test('has the width and the text of its runs', () => {
    expect(lineWidth(line)).toBe(10);
    expect(lineText(line)).toBe('日本abcdéf');
  });

  test('is padded, or cut with an ellipsis also where a run ends', () => {
    expect(fitLine(line, 10)).toBe(line);
    expect(lineText(fitLine(line, 12))).toBe('日本abcdéf  ');
    expect(lineText(fitLine(line, 9))).toBe('日本abcd…');
    expect(lineText(fitLine(line, 7))).toBe('日本ab…');
    expect(lineText(fitLine(line, 4))).toBe('日… ');
    expect(lineText(fitLine(line, 4, '~'))).toBe('日~ ');
    expect(fitLine(line, 0)).toEqual([]);
  });

  test('fits any width exactly and keeps the looks of its runs', () => {
    const runs = fc.array(
      fc.record({
        text: fc.string({ unit: 'grapheme' }),
        role: fc.constantFrom('ok' as const, 'dim' as const),
      }),
      { maxLength: 6 },
    );
    fc.assert(
      fc.property(runs, fc.integer({ min: 0, max: 60 }), (some, width) => {
        expect(lineWidth(fitLine(some, width))).toBe(width);
      }),
      { numRuns: 2_000 },
    );
    expect(fitLine(line, 6)[1]).toEqual({ text: 'a…', role: 'ok' });
  });
});
