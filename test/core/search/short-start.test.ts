import { expect, test } from '@jest/globals';
import { shortStart, tooShort } from '../../../src/core/search/short-start.ts';

test.each(['f*', '7*', ' f* ', 'f* ext:mp3'])('%p begins too many words to be looked up', (query) => {
  expect(shortStart(query)).toBe(query.trim().split(' ')[0]);
});

test.each(['fo*', 'f', 'f* moby', 'moby f*', '-f*', '"f*', '鱼*', '가*', '*', ''])('%p does not', (query) => {
  expect(shortStart(query)).toBeUndefined();
});

test('says how many letters are needed', () => {
  expect(tooShort('f*')).toBe('f* is too short: two letters are needed before the *');
});
