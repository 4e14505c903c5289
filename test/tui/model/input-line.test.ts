import { describe, expect, test } from '@jest/globals';
import {
  edit,
  inputLine,
  inputText,
  insert,
  replaceBefore,
  textBefore,
  type EditAction,
  type InputLine,
} from '../../../src/tui/model/input-line.ts';
import * as fc from '../../helpers/properties.ts';

const actions: readonly EditAction[] = [
  'char-left',
  'char-right',
  'word-left',
  'word-right',
  'line-start',
  'line-end',
  'erase-left',
  'erase-right',
  'erase-word',
  'erase-to-start',
  'erase-to-end',
  'yank',
];

/** The text with `|` where the cursor is. */
const shown = (line: InputLine): string =>
  `${textBefore(line)}|${inputText(line).slice(textBefore(line).length)}`;

const after = (text: string, ...keys: readonly EditAction[]): string =>
  shown(keys.reduce((line, key) => edit(line, key), inputLine(text)));

describe('an input line', () => {
  test('moves by characters as people see them, and by words', () => {
    expect(after('a👩‍👩‍👧b', 'char-left', 'char-left')).toBe('a|👩‍👩‍👧b');
    expect(after('linux iso-dvd', 'word-left')).toBe('linux iso-|dvd');
    expect(after('linux iso-dvd', 'word-left', 'word-left', 'word-left')).toBe('|linux iso-dvd');
    expect(after('linux iso', 'line-start', 'word-right')).toBe('linux| iso');
    expect(after('ab', 'line-start', 'char-left')).toBe('|ab');
    expect(after('ab', 'char-right')).toBe('ab|');
  });

  test('erases, and puts back what was erased by the word or the line', () => {
    expect(after('linux iso', 'erase-left')).toBe('linux is|');
    expect(after('linux iso', 'line-start', 'erase-right')).toBe('|inux iso');
    expect(after('linux iso', 'erase-word', 'line-start', 'yank')).toBe('iso|linux ');
    expect(after('linux iso', 'erase-to-start', 'yank', 'yank')).toBe('linux isolinux iso|');
    expect(after('linux iso', 'word-left', 'erase-to-end')).toBe('linux |');
  });

  test('takes the first line of a paste, without what could do harm', () => {
    expect(shown(insert(inputLine('a'), '\n\n first\u001b[2J\u0007 line\nsecond'))).toBe('a first[2J line|');
    expect(shown(insert(inputLine('a'), ' '))).toBe('a |');
    expect(inputText(insert(inputLine(), 'x'.repeat(1_000_000))).length).toBe(1024);
  });

  test('joins a mark with the letter before it', () => {
    expect(insert(inputLine('e'), '\u0301').parts).toEqual(['e\u0301']);
  });

  test('replaces what is being completed', () => {
    expect(shown(replaceBefore(inputLine('foo ext:i'), 4, 'ext:iso '))).toBe('foo ext:iso |');
  });

  test('has its cursor within it and no controls, whatever is done', () => {
    const change = fc.oneof(fc.constantFrom(...actions), fc.record({ text: fc.string({ unit: 'binary' }) }));
    fc.assert(
      fc.property(fc.array(change), (changes) => {
        let line = inputLine();
        for (const each of changes)
          line = typeof each === 'string' ? edit(line, each) : insert(line, each.text);
        expect(line.at).toBeGreaterThanOrEqual(0);
        expect(line.at).toBeLessThanOrEqual(line.parts.length);
        expect(inputText(line)).not.toMatch(/\p{Cc}/u);
        expect(inputText(line).isWellFormed()).toBe(true);
      }),
    );
  });
});
