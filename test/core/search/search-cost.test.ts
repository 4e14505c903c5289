import { expect, test } from '@jest/globals';
import { maxSearchCost } from '../../../src/core/limits/tracker.ts';
import { compileQuery } from '../../../src/core/search/query.ts';
import { searchCost, type SearchCost } from '../../../src/core/search/search-cost.ts';

function costOf(text: string): SearchCost {
  const query = compileQuery(text);
  if (!query.ok) throw new Error(query.problem.message);
  return searchCost(query.value);
}

test('a search for words costs one, however many files that finds', () => {
  for (const text of ['report', 'blue moon report', 'S01E02', '"blue moon"', 'type:video report'])
    expect([text, costOf(text)]).toEqual([text, { cost: 1, isWide: false }]);
});

test('the shorter a beginning of a word, the more it costs, and less beside a whole word', () => {
  const costs = ['repo*', 'rep*', 're*'].map((text) => costOf(text).cost);
  expect(costs).toEqual([2, 3, 5]);
  expect(costOf('re*').isWide).toBe(true);
  expect(costOf('moon re*')).toEqual({ cost: 3, isWide: false });
});

test('filters alone go through everything', () => {
  expect(costOf('type:video')).toEqual({ cost: 5, isWide: true });
});

test('many choices cost more, and nothing costs more than can ever be paid', () => {
  const words = Array.from({ length: 10 }, (_, at) => `word${at}`);
  expect(costOf(words.join(' OR ')).cost).toBeGreaterThan(1);
  expect(costOf(words.map((_, at) => `a${at}*`).join(' ')).cost).toBeLessThanOrEqual(maxSearchCost);
});
