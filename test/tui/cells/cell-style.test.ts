import { expect, test } from '@jest/globals';
import { restyled, transition } from '../../../src/tui/cells/cell-style.ts';

test.each([
  ['', '1;31', '1;31'],
  ['1;31', '32', '1;32'],
  ['1;2;31', '22', '31'],
  ['1;31', '39', '1'],
  ['1;31', '', ''],
  ['31', '0;7', '7'],
  ['', '38;5;120', '38;5;120'],
  ['38;5;120', '48;2;1;2;3;1', '1;38;5;120;48;2;1;2;3'],
  ['31', '999', '31'],
])('"%s" and then SGR %s looks as %s', (style, parameters, expected) => {
  expect(restyled(style, parameters)).toBe(expected);
});

test.each([
  ['1;31', '1;31', ''],
  ['1;31', '', '\u001b[m'],
  ['', '1;31', '\u001b[1;31m'],
  ['31', '1;31', '\u001b[1m'],
  ['31', '32', '\u001b[32m'],
  ['1;31', '31', '\u001b[0;31m'],
])('the way from "%s" to "%s" is as short as can be', (from, to, sequence) => {
  expect(transition(from, to)).toBe(sequence);
});
