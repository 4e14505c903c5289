import { expect, test } from '@jest/globals';
import { parseFilter } from '../../../src/tui/model/text-filter.ts';

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
