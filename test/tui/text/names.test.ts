import { describe, expect, test } from '@jest/globals';
import { maxShownNamePoints } from '../../../src/core/limits/screen.ts';
import { asciiGlyphs, unicodeGlyphs } from '../../../src/tui/text/glyphs.ts';
import { nameSegments, showName } from '../../../src/tui/text/names.ts';
import { lineText, lineWidth } from '../../../src/tui/text/segments.ts';
import * as fc from '../../helpers/properties.ts';

describe('a name from a stranger', () => {
  test.each([
    ['escape sequence', 'a\x1b[2Jb', 'a␛[2Jb', 'a\\x1b[2Jb'],
    ['title', '\x1b]0;x\x07', '␛]0;x␇', '\\x1b]0;x\\x07'],
    ['C1', 'a\x9b31mb', 'a\\x9b31mb', 'a\\x9b31mb'],
    ['new line', 'a\nb\r', 'a␊b␍', 'a\\x0ab\\x0d'],
    ['tab and DEL', '\t\x7f', '␉␡', '\\x09\\x7f'],
    ['override', 'photo\u202egpj.exe', 'photo⟨RLO⟩gpj.exe', 'photo<RLO>gpj.exe'],
    ['isolates', '\u2066a\u2069', '⟨LRI⟩a⟨PDI⟩', '<LRI>a<PDI>'],
    ['zero width', 'in\u200bvoice', 'in⟨ZWSP⟩voice', 'in<ZWSP>voice'],
    ['joiner between letters', 'a\u200db', 'a⟨ZWJ⟩b', 'a<ZWJ>b'],
    ['tag', 'a\u{e0041}', 'a⟨E0041⟩', 'a<E0041>'],
    ['letter without a shape', 'a\u3164b', 'a⟨3164⟩b', 'a<3164>b'],
    ['lone surrogate', 'a\ud800b', 'a\ufffdb', 'a\ufffdb'],
    ['crowd of marks', `a${'\u0316'.repeat(40)}b`, `a${'\u0316'.repeat(3)}b`, `a${'\u0316'.repeat(3)}b`],
  ])('shows its %s and is suspicious', (_, raw, unicode, ascii) => {
    expect(showName(raw)).toEqual({ text: unicode, suspicious: true });
    expect(showName(raw, 'ascii')).toEqual({ text: ascii, suspicious: true });
  });

  test.each(['plain.txt', '日本語ファイル名.epub', 'كتاب.pdf', 'ספר.pdf', 'naïve'])(
    '%s is as it is',
    (name) => expect(showName(name)).toEqual({ text: name.normalize('NFC'), suspicious: false }),
  );

  test.each([
    ['👨\u200d👩\u200d👧 ❤\ufe0f.jpg', '👨👩👧 ❤.jpg'],
    ['🏳\ufe0f\u200d🌈.png', '🏳🌈.png'],
    ['👍🏽.txt', '👍.txt'],
  ])('%s is shown as all terminals draw it', (name, text) =>
    expect(showName(name)).toEqual({ text, suspicious: false }),
  );

  test('of one spelling is shown in one spelling', () => {
    expect(showName('I\u0301sland')).toEqual({ text: 'Ísland', suspicious: false });
  });

  test('is told apart from one that only looks marked', () => {
    expect(showName('a⟨RLO⟩b')).toEqual({ text: 'a⟨RLO⟩b', suspicious: false });
    expect(lineText(nameSegments('a⟨RLO⟩b', 20, unicodeGlyphs))).toBe('a⟨RLO⟩b');
    expect(nameSegments('a\u202eb', 20, unicodeGlyphs)).toEqual([
      { text: '! ', role: 'error' },
      { text: 'a⟨RLO⟩b' },
    ]);
  });

  test('has a bounded length, whatever came', () => {
    expect(Array.from(showName('🐋'.repeat(100_000)).text)).toHaveLength(maxShownNamePoints);
    expect(Array.from(showName('x'.repeat(100_000)).text)).toHaveLength(maxShownNamePoints);
  });

  test('is one harmless line that fits, whatever came', () => {
    const raw = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: 'grapheme' }),
      fc.array(fc.constantFrom('\x1b', ']', '\u202e', '\u200d', '👩', '鯨', 'a\u0300', '\n', '\ud83d')).map((parts) => parts.join('')),
    ); // prettier-ignore
    fc.assert(
      fc.property(raw, fc.nat(40), fc.constantFrom(unicodeGlyphs, asciiGlyphs), (name, width, glyphs) => {
        const { text } = showName(name, glyphs.name);
        expect(text).not.toMatch(
          /[\p{Cc}\p{Cs}\u2028\u2029\u200b\u200c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/u,
        );
        expect(lineWidth(nameSegments(name, width, glyphs))).toBeLessThanOrEqual(width);
      }),
      { numRuns: 3_000 },
    );
  });
});
