import { describe, expect, test } from '@jest/globals';
import {
  byteLength,
  collisionKey,
  displayName,
  safeName,
  safePath,
  type NameRules,
} from '../../src/core/safe-name.ts';
import { graphemes, textWidth } from '../../src/tui/text/width.ts';
import * as fc from '../helpers/properties.ts';

const rules = fc.constantFrom<NameRules>('everywhere', 'posix');
const nasty = fc.constantFrom(
  '.', '..', '/', '\\', ':', 'con', 'COM¹', ' ', '\u202e', '\u200d', '\x1b[2J', '\0', '\ud800', 'é', 'e\u0301', '\u{1f600}', 'x'.repeat(300), '.txt', '\u0958', '가', 'a',
); // prettier-ignore
const names = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme' }),
  fc.array(nasty, { maxLength: 8 }).map((parts) => parts.join('')),
);

describe('a safe name', () => {
  test('is one visible component of bounded length in NFC, whatever came', () => {
    fc.assert(
      fc.property(names, rules, (name, rule) => {
        const safe = safeName(name, rule);
        expect(safe).not.toBe('');
        expect(safe).not.toMatch(
          /[/\\\p{Cc}\p{Cs}\u2028\u2029\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]/u,
        );
        expect(safe.startsWith('.')).toBe(false);
        expect(safe.trim()).not.toBe('');
        expect(safe.normalize('NFC')).toBe(safe);
        expect(byteLength(`${safe} (9999).part`)).toBeLessThanOrEqual(255);
        if (rule === 'everywhere') {
          expect(safe).not.toMatch(/[<>:"|?*]|[. ]$/);
          expect(safe).not.toMatch(/^(con|prn|aux|nul|com[\d¹²³]|lpt[\d¹²³]) *(\.|$)/i);
        }
      }),
      { numRuns: 2000 },
    );
  });

  test('made safe again does not change', () => {
    fc.assert(
      fc.property(names, rules, (name, rule) => {
        const safe = safeName(name, rule);
        expect(safeName(safe, rule)).toBe(safe);
      }),
      { numRuns: 2000 },
    );
  });

  test('is the same whether or not all of it was looked at', () => {
    // What is taken out first keeps a name from being left as it is at once.
    const ordinary = fc.array(
      fc.constantFrom('a', 'Z', '9', '_', '-', '.', ',', '(', ')', ' ', 'con', 'com1', 'x'.repeat(120)),
      {
        maxLength: 9,
      },
    );
    fc.assert(
      fc.property(
        fc.oneof(
          ordinary.map((parts) => parts.join('')),
          names,
        ),
        rules,
        (name, rule) => {
          expect(safeName(name, rule)).toBe(safeName(`\u200b${name}`, rule));
        },
      ),
      { numRuns: 2000 },
    );
  });

  test.each([
    ['report.pdf', 'report.pdf'],
    ['', 'unnamed'],
    ['.', '_'],
    ['..', '_'],
    ['   ', 'unnamed'],
    ['../../etc/passwd', '_/../etc/passwd'.replaceAll('/', '_')],
    ['C:\\Windows\\x', 'C__Windows_x'],
    ['file.txt:stream', 'file.txt_stream'],
    ['.bashrc', '_bashrc'],
    ['aux', '_aux'],
    ['CON.txt', '_CON.txt'],
    ['com¹.log', '_com¹.log'],
    ['console.log', 'console.log'],
    ['trailing. . ', 'trailing'],
    ['gpj\u202eexe.jpg', 'gpjexe.jpg'],
    ['a\x1b]0;title\x07b', 'a_]0;title_b'],
    ['a\r\nb', 'a__b'],
    ['cafe\u0301', 'café'],
    ['a\ud800b', 'a\ufffdb'],
  ])('of %j is %j', (name, safe) => {
    expect(safeName(name)).toBe(safe);
  });

  test.each(['Net::HTTP.3pm', 'aux.c', 'what?.mp3', 'Foo Inc.', '1 < 2'])(
    'leaves %j alone where only POSIX rules hold',
    (name) => expect(safeName(name, 'posix')).toBe(name),
  );

  test('that is too long keeps its extension and whole characters', () => {
    const safe = safeName(`${'ü'.repeat(200)}.flac`);
    expect(safe).toMatch(/^ü+\.flac$/);
    expect(byteLength(safe)).toBeLessThanOrEqual(231);
    expect(byteLength(safe)).toBeGreaterThan(228);
    expect(byteLength(safeName('x'.repeat(500), 'posix', 143))).toBe(119);
  });
});

describe('a safe path', () => {
  test('keeps its components, each made safe', () => {
    expect(safePath(['a', '.', '', 'b:c', '.git'])).toEqual({ ok: true, value: ['a', 'b_c', '_git'] });
  });

  test.each([[['a', '..', 'b']], [Array.from({ length: 65 }, () => 'a')], [Array.from({ length: 40 }, () => 'x'.repeat(200))]])(
    'is refused when it climbs, is too deep or too long',
    (components) => expect(safePath(components)).toMatchObject({ ok: false, problem: { code: 'bad-name' } }),
  ); // prettier-ignore
});

test('a displayed name shows what it replaced, and nothing in it can move, hide or turn text', () => {
  expect(displayName('a\x1b[31m\u202eb\ud800')).toBe('a\ufffd[31m\ufffdb\ufffd');
  fc.assert(
    fc.property(names, (name) => {
      const shown = displayName(name);
      expect(shown).not.toMatch(/[\p{Cc}\p{Cs}\u2028\u2029\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]/u);
      const shorter =
        /[\u{e0000}-\u{e007f}]|(?<=\p{Extended_Pictographic})\u200d(?=\p{Extended_Pictographic})/gu;
      expect(shown).toHaveLength(name.length - [...name.matchAll(shorter)].length);
    }),
  );
});

describe('the joiner of emoji, where a name is displayed,', () => {
  test.each([
    ['a family', '\u{1f468}\u200d\u{1f469}\u200d\u{1f467}', '\u{1f468}\u{1f469}\u{1f467}'],
    ['a profession of some colour', '\u{1f469}\u{1f3fd}\u200d\u{1f4bb} x', '\u{1f469}\u{1f3fd}\u{1f4bb} x'],
    ['flags', '\u{1f3f3}\ufe0f\u200d\u{1f308}\u{1f3f4}\u200d\u2620\ufe0f', '\u{1f3f3}\ufe0f\u{1f308}\u{1f3f4}\u2620\ufe0f'],
  ])('leaves each picture of %s with its own width, whatever the terminal makes of them', (_what, name, shown) => {
    expect(displayName(name)).toBe(shown);
    expect(textWidth(displayName(name))).toBe(graphemes(shown).reduce((sum, one) => sum + textWidth(one), 0));
  }); // prettier-ignore

  test.each([
    'a\u200db',
    '\u200d\u{1f468}',
    '\u{1f468}\u200d',
    '\u{1f468}\u200da',
    'a\u200d\u{1f468}',
    'a\ufe0f\u200d\u{1f468}',
    'a\u0301\u200d\u{1f468}',
    '\u{1f468}\u200d\u202e\u{1f468}',
    '\u{1f468}\u200b\u{1f468}',
  ])('is marked anywhere else: %j', (name) => {
    expect(displayName(name)).toBe(name.replace(/\u200b|\u200d|\u202e/g, '\ufffd'));
  });

  test('is marked between joiners', () => {
    expect(displayName('\u{1f468}\u200d\u200d\u{1f469}')).toBe('\u{1f468}\ufffd\ufffd\u{1f469}');
  });
});

test('names that one file system may hold to be one have one collision key', () => {
  expect(collisionKey('Straße')).toBe(collisionKey('STRASSE'));
  expect(collisionKey('É.TXT')).toBe(collisionKey('e\u0301.txt'));
  expect(collisionKey('a')).not.toBe(collisionKey('b'));
});
