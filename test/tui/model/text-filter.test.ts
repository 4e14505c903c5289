import { expect, test } from '@jest/globals';
import { narrows, parseFilter } from '../../../src/tui/model/text-filter.ts';

const rows = ['debian amd64.iso', 'debian arm64.iso', 'holiday film.mkv'];
const words = {
  text: (row: string): string => row,
  operators: {
    ext: (value: string) => (value === '' ? undefined : (row: string) => row.endsWith(`.${value}`)),
  },
};

const left = (text: string): readonly string[] => {
  const test = parseFilter(text, words);
  return test === undefined ? rows : rows.filter(test);
};

test.each([
  ['', 3],
  ['  ', 3],
  ['debian', 2],
  ['DEBIAN amd', 1],
  ['amd|film', 2],
  ['!debian', 1],
  ['ext:iso !arm', 1],
  ['!ext:iso', 1],
  ['ext:', 3],
  ['!', 3],
  ['|', 3],
  ['no:such', 0],
] as const)('"%s" lets %i of three through', (text, count) => {
  expect(left(text)).toHaveLength(count);
});

test('looks for what was written, whatever it means in a pattern, in large and small letters alike', () => {
  const text = 'Ärger (1+1) [x].{y}^$ \\ a?.mkv';
  for (const word of ['ärger', '(1+1)', '[X]', '.{y}^$', '\\', 'A?.M'])
    expect(parseFilter(word, words)?.(text)).toBe(true);
  expect(parseFilter('a.m', words)?.(text)).toBe(false);
  // In small letters this is one letter more.
  expect(parseFilter('İstanbul', words)?.('İstanbul.mkv')).toBe(true);
});

test('takes the name of an operator as it is meant, and no other name for one', () => {
  expect(left('EXT:ISO')).toHaveLength(2);
  expect(parseFilter('constructor:x', words)?.('the constructor:x')).toBe(true);
});

test.each([
  ['', 'he', true],
  ['he', 'her', true],
  ['he', 'he ri', true],
  ['her', 'he', false],
  ['he', 'she', false],
  ['he', 'he|she', false],
  ['!he', '!her', false],
  ['ext:m', 'ext:mk', false],
])('after "%s" the filter "%s" needs to look only at what is shown: %s', (before, after, answer) => {
  expect(narrows(before, after)).toBe(answer);
});
