import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { maxQueryLength, maxQueryTerms } from '../../src/core/limits.ts';
import { compileQuery } from '../../src/core/query.ts';
import { matches, relevance } from '../../src/core/query-match.ts';
import { nameCorpus } from '../store/name-corpus.ts';

function finds(typed: string, path: string, sizeBytes = 1): boolean {
  const query = compileQuery(typed);
  if (!query.ok) throw new Error(query.problem.message);
  return matches(query.value, { path, sizeBytes });
}

describe('what finds a name', () => {
  test.each(nameCorpus)('%s', (path, found, missed) => {
    expect(found.filter((typed) => !finds(typed, path))).toEqual([]);
    expect(missed.filter((typed) => finds(typed, path))).toEqual([]);
  });

  test('the corpus is large enough to mean something', () => {
    expect(nameCorpus.length).toBeGreaterThanOrEqual(80);
  });

  test('a name finds itself, quoted or not, finished or not, and so does each of its words', () => {
    const word = fc.string({
      unit: fc.constantFrom(...Array.from('aBcdE19éß東京한국あЖ')),
      minLength: 1,
      maxLength: 6,
    });
    const separator = fc.constantFrom(' ', '.', '_', ' - ', '-', "'", '&', '');
    const name = fc
      .array(fc.tuple(word, separator), { minLength: 1, maxLength: 4 })
      .map((parts) => parts.flat().join(''));
    fc.assert(
      fc.property(name, (text) => {
        for (const typed of [text, `${text} `, `"${text}"`, text.normalize('NFD'), ...text.split(/[ ._]/)]) {
          if (!/[\p{L}\p{N}]/u.test(typed) || typed.startsWith('-')) continue;
          if (!finds(typed.replaceAll(' -', ' '), `/folder/${text}`))
            throw new Error(`${typed} does not find ${text}`);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  test('more of the last word never finds more', () => {
    const path = '/a/Show.S01E02.wu-tang.myFileName.720p.東京物語';
    for (const typed of ['Show.S01E02', 'wu-tang', 'myFileName', '720p', 'wutang'])
      for (let length = 2; length <= typed.length; length++)
        expect([typed, finds(typed.slice(0, length), path)]).toEqual([typed, true]);
  });

  test.each([
    ['size:>10', [11], [10]],
    ['size:>=10', [10], [9]],
    ['size:<10', [9, 0], [10]],
    ['size:<=10', [10], [11]],
    ['size:10-20', [10, 20], [9, 21]],
    ['size:1K-1M', [1024, 1024 ** 2], [1023, 1024 ** 2 + 1]],
    ['size:>1.5G', [2 * 1024 ** 3], [1024 ** 3]],
    ['size:>10 size:<20', [11, 19], [10, 20]],
  ])('%s', (typed, sizes, others) => {
    expect(sizes.map((size) => finds(typed, '/a', size))).toEqual(sizes.map(() => true));
    expect(others.map((size) => finds(typed, '/a', size))).toEqual(others.map(() => false));
  });
});

describe('a query that cannot be understood is refused where it is wrong', () => {
  test.each([
    ['', 'bad-request', 0, 0],
    ['   ', 'bad-request', 0, 3],
    ['!!! -', 'bad-request', 0, 5],
    ['-word', 'bad-request', 0, 5],
    ['-type:video', 'bad-request', 0, 11],
    ['one "two three', 'bad-request', 4, 14],
    ['one -"two', 'bad-request', 4, 9],
    ['a type:movie b', 'bad-request', 2, 12],
    ['a type:', 'bad-request', 2, 7],
    ['a ext:', 'bad-request', 2, 6],
    ['ext:m/v', 'bad-request', 0, 7],
    ['ext:mkv,', 'bad-request', 0, 8],
    ['a size:10M', 'bad-request', 2, 10],
    ['size:>', 'bad-request', 0, 6],
    ['size:>10X', 'bad-request', 0, 9],
    ['size:1M-', 'bad-request', 0, 8],
    ['size:2M-1M', 'bad-request', 0, 10],
    ['a -size:>1M', 'bad-request', 2, 11],
    ['size:>2M size:<1M', 'bad-request', 9, 17],
    ['x'.repeat(maxQueryLength + 1), 'limit', maxQueryLength, maxQueryLength + 1],
    ['x '.repeat(maxQueryTerms + 1), 'limit', 0, (maxQueryTerms + 1) * 2],
  ])('%j', (typed, code, from, to) => {
    expect(compileQuery(typed)).toMatchObject({ ok: false, problem: { code, from, to } });
  });

  test('the message names the character, counted from one', () => {
    const refused = compileQuery('a type:movie');
    expect(!refused.ok && refused.problem.message).toMatch(/video.*got "movie" \(at character 3\)$/);
  });

  test('nothing typed makes it throw', () => {
    const piece = fc.oneof(
      fc.constantFrom('"', '-', 'size:', 'ext:', 'type:', '>', '<', '=', '10M', ' ', ',', ':', 'video'),
      fc.string({ unit: 'binary', maxLength: 8 }),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
        const query = compileQuery(pieces.join(''));
        if (query.ok) expect(typeof matches(query.value, { path: '/a/b.txt', sizeBytes: 0 })).toBe('boolean');
        else expect(query.problem.from).toBeLessThanOrEqual(query.problem.to);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('how well a name answers', () => {
  test.each([
    ['blue moon', '/a/Blue Moon.mp3', 3],
    ['blue moon.mp3', '/a/Blue Moon.mp3', 3],
    ['blue moon', '/a/Blue Moon Rising.mp3', 2],
    ['blue moon', '/a/Blue and Moon.mp3', 1],
    ['blue moon', '/a/Moon Blue.mp3', 0],
    ['blue moon', '/blue/moon.mp3', 0],
  ])('%j by %s: %d', (typed, path, expected) => {
    const query = compileQuery(typed);
    expect(query.ok && relevance(query.value, path)).toBe(expected);
  });
});
