import { describe, expect, test } from '@jest/globals';
import { completeQuery } from '../../../../src/tui/screens/search/completions.ts';

describe('Tab in a query', () => {
  test.each([
    ['deb ty', 4, ['type:']],
    ['deb type:v', 4, ['type:video']],
    ['deb ext:', 4, ['ext:iso', 'ext:img']],
    ['deb ext:iso,i', 4, ['ext:iso,iso', 'ext:iso,img']],
    ['size:>1', 0, ['size:>100K', 'size:>10M', 'size:>100M', 'size:>1M', 'size:>1G']],
    ['日本 -t', 3, ['-type:']],
    ['deb pe', 4, ['peer:']],
    ['nothing', 0, []],
  ])('%j offers from %i on %j', (before, from, texts) => {
    const { from: at, texts: offered } = completeQuery(before, ['iso', 'img'], []);
    expect([at, [...offered].sort()]).toEqual([from, [...texts].sort()]);
  });

  test('offers earlier queries that begin so, the latest first', () => {
    expect(completeQuery('deb', [], ['debian', 'fedora', 'debian iso'])).toEqual({
      from: 0,
      texts: ['debian iso', 'debian'],
    });
  });
});
