import { expect, test } from '@jest/globals';
import type { SearchResult, Source } from '../../../src/core/catalogue.ts';
import { contentId, peerId } from '../../../src/core/ids.ts';
import { maxNamesPerResult } from '../../../src/core/limits/wire.ts';
import { joinResults } from '../../../src/core/search/merge-results.ts';

const source = (number: number): Source => ({
  peer: peerId(new Uint8Array(32).fill(number)),
  name: `peer ${number}`,
  host: '10.0.0.1',
  port: number,
});
const result = (
  number: number,
  name: string,
  sizeBytes: number,
  ...sources: readonly number[]
): SearchResult => ({
  id: contentId(new Uint8Array(32).fill(number)),
  name,
  names: [name],
  sizeBytes,
  type: 'other',
  sources: sources.map(source),
});

test('a content that comes twice is there once, where it came first, with all its names and sources', () => {
  const joined = joinResults([result(1, 'one', 5, 1, 2), result(2, 'two', 6, 3), result(1, 'uno', 5, 2, 4)]);
  expect(joined).toEqual([
    { ...result(1, 'one', 5, 1, 2, 4), names: ['one', 'uno'] },
    result(2, 'two', 6, 3),
  ]);
});

test('somebody who claims another size has a result of his own', () => {
  const both = [result(1, 'one', 5, 1), result(1, 'one', 6, 2)];
  expect(joinResults(both)).toEqual(both);
});

test('the folder is the one of the name that comes first', () => {
  const one = { ...result(1, 'one', 5, 1), folder: '/a/' };
  const two = { ...result(1, 'two', 5, 2), folder: '/b/' };
  expect(joinResults([one, two])[0]).toMatchObject({ name: 'one', folder: '/a/' });
  expect(joinResults([result(1, 'one', 5, 1), two])[0]).not.toHaveProperty('folder');
  expect(joinResults([result(1, 'two', 5, 1), two])[0]).toMatchObject({ folder: '/b/' });
});

test('names are bounded', () => {
  const many = Array.from({ length: maxNamesPerResult + 5 }, (_, at) => result(1, `name ${at}`, 5, 1));
  expect(joinResults(many)[0]?.names).toHaveLength(maxNamesPerResult);
});
