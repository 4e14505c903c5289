import { describe, expect, test } from '@jest/globals';
import { contentId, peerId } from '../../../src/core/ids.ts';
import {
  maxQueryAlternatives,
  maxQueryLength,
  maxQueryPeers,
  maxQueryTerms,
} from '../../../src/core/limits/stores.ts';
import { queryMeant } from '../../../src/core/search/query-parts.ts';
import { compileQuery } from '../../../src/core/search/query.ts';
import { matches, matchesHolders } from '../../../src/core/search/query-match.ts';
import { isIndexed } from '../../../src/core/search/query-terms.ts';
import { relevanceTo } from '../../../src/core/search/query-rank.ts';
import { nameCorpus } from '../../store/name-corpus.ts';
import * as fc from '../../helpers/properties.ts';

const alice = { peer: peerId(new Uint8Array(32).fill(9)), key: 'alice' };

function finds(typed: string, path: string, sizeBytes = 1): boolean {
  const query = compileQuery(typed);
  if (!query.ok) throw new Error(query.problem.message);
  return matches(query.value, { path, sizeBytes }) && matchesHolders(query.value, [alice]);
}

describe('what finds a name', () => {
  test.each(nameCorpus)('%s', (path, found, missed) => {
    expect(found.filter((typed) => !finds(typed, path))).toEqual([]);
    expect(missed.filter((typed) => finds(typed, path))).toEqual([]);
  });

  test('the corpus is large enough to mean something', () => {
    const cases = nameCorpus.flatMap(([, found, missed]) => [...found, ...missed]);
    expect(cases.length).toBeGreaterThanOrEqual(600);
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

  test('of what is asked for in words, something can be looked up in an index', () => {
    const word = fc.constantFrom(
      'a',
      'b*',
      'ab',
      '"c"',
      'd.e',
      'f-g*',
      'S01E02',
      '東',
      '東京',
      '한',
      'é*',
      'x1*',
    );
    const group = fc.array(word, { minLength: 1, maxLength: 3 }).map((words) => `(${words.join(' ')})`);
    const either = fc
      .array(fc.oneof(word, group), { minLength: 1, maxLength: 3 })
      .map((all) => all.join(' OR '));
    fc.assert(
      fc.property(fc.array(either, { minLength: 1, maxLength: 3 }), (parts) => {
        const query = compileQuery(parts.join(' '));
        if (!query.ok) return;
        expect(query.value.terms.some((term) => term.every(isIndexed))).toBe(true);
      }),
      { numRuns: 1_000 },
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
    ['one -"two', 'bad-request', 5, 9],
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
    ['x '.repeat(maxQueryTerms + 1), 'limit', maxQueryTerms * 2, (maxQueryTerms + 1) * 2],
  ])('%j', (typed, code, from, to) => {
    expect(compileQuery(typed)).toMatchObject({ ok: false, problem: { code, from, to } });
  });

  test('the message names the character, counted from one', () => {
    const refused = compileQuery('a type:movie');
    expect(!refused.ok && refused.problem.message).toMatch(/video.*got "movie".* \(at character 3\)$/);
  });

  test.each([
    ['moby type:movie', 'moby type:video'],
    ['type:music a', 'type:audio a'],
    ['type:Picture', 'type:image'],
    ['-type:films moby', '-type:video moby'],
    ['type:vidoe', 'type:video'],
    ['type:audios', 'type:audio'],
    ['type:pitcures', 'type:image'],
    ['type:mp3', 'type:audio'],
    ['type:ebook,text', 'type:document'],
    ['type:audio,movie,clip', 'type:audio,video'],
  ])(
    '%j: a type by another name, an extension or mistyped is told with the type that is meant',
    (typed, meant) => {
      const refused = compileQuery(typed);
      if (refused.ok) throw new Error('It was understood');
      expect(refused.problem.message).toContain(`did you mean ${refused.problem.meant ?? ''}?`);
      expect(queryMeant(typed, refused.problem)).toBe(meant);
      expect(compileQuery(`a ${meant}`).ok).toBe(true);
    },
  );

  test.each(['type:', 'type:xqzw', 'type:movie,xqzw', 'size:>10X'])(
    '%j: where nobody can say what is meant nothing is suggested',
    (typed) => {
      const refused = compileQuery(`a ${typed}`);
      expect(!refused.ok && refused.problem.meant).toBe(undefined);
      expect(!refused.ok && refused.problem.message).not.toContain('did you mean');
    },
  );

  test.each([
    ['ext:mkv OR ext:bin', 'such as ext:mkv,bin, got "OR"'],
    ['ext:mkv OR type:video', 'such as ext:mkv,mp4, got "OR"'],
    ['size:>1M OR size:<2K', 'such as ext:mkv,mp4, got "OR"'],
    ['type:video OR', 'such as ext:mkv,mp4, got "OR"'],
    ['OR ext:bin', 'on both sides of OR, got "OR"'],
  ])('%j says how filters are written that are alternatives', (typed, said) => {
    const refused = compileQuery(typed);
    expect(!refused.ok && refused.problem.message).toContain(said);
  });

  test('nothing typed makes it throw', () => {
    const piece = fc.oneof(
      fc.constantFrom('"', '-', 'size:', 'ext:', 'type:', '>', '<', '=', '10M', ' ', ',', ':', 'video'),
      fc.constantFrom('OR', ' OR ', '|', '(', ')', 'peer:', 'id:', '*', 'a', 'wu-tang', 'S01E02', '東京'),
      fc.string({ unit: 'binary', maxLength: 8 }),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
        const query = compileQuery(pieces.join(''));
        if (query.ok) {
          expect(typeof matches(query.value, { path: '/a/b.txt', sizeBytes: 0 })).toBe('boolean');
          expect(query.value.terms.length).toBeLessThanOrEqual(maxQueryTerms);
          expect(relevanceTo(query.value)('/a/b.txt')).toBeGreaterThanOrEqual(0);
        } else {
          const { from, to } = query.problem;
          expect(0 <= from && from <= to && to <= pieces.join('').length).toBe(true);
        }
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('alternatives', () => {
  test.each([
    ['blue OR red', '/a/red.txt', true],
    ['blue OR red', '/a/green.txt', false],
    ['blue|red', '/a/red.txt', true],
    ['blue | red', '/a/blue.txt', true],
    ['blue or red', '/a/red.txt', false],
    ['blue or red', '/a/red or blue.txt', true],
    ['"OR" blue', '/a/blue or.txt', true],
    ['-OR blue', '/a/blue or.txt', false],
    ['OR-gate', '/a/or gate.txt', true],
    ['blue OR red moon', '/a/blue.txt', false],
    ['blue OR red moon', '/a/moon red.txt', true],
    ['moon blue OR red OR green', '/a/moon green.txt', true],
    ['moon OR sun blue OR red', '/a/sun red.txt', true],
    ['moon OR sun blue OR red', '/a/sun moon.txt', false],
    ['(blue moon) OR sun', '/a/sun.txt', true],
    ['(blue moon) OR sun', '/a/moon blue.txt', true],
    ['(blue moon) OR sun', '/a/blue.txt', false],
    ['(blue moon) OR (red sun)', '/a/red blue moon.txt', true],
    ['(blue moon) OR (red sun)', '/a/blue sun.txt', false],
    ['(a (b OR c)) OR d', '/x/a c.txt', true],
    ['(a (b OR c)) OR d', '/x/d.txt', true],
    ['(a (b OR c)) OR d', '/x/b c.txt', false],
    ['(one)OR(two)', '/x/two.txt', false],
    ['(one) OR(two)', '/x/two.txt', true],
    ['fox(2019) OR cat', '/x/fox 2019.txt', true],
    ['fox(2019) OR cat', '/x/fox.txt', false],
    ['(fox(2019) brown) OR cat', '/x/brown fox 2019.txt', true],
    ['"blue moon" OR "red sun"', '/a/the red sun.txt', true],
    ['"blue moon" OR "red sun"', '/a/red the sun.txt', false],
    ['wu-tang OR d.m.x', '/a/wutang.mp3', true],
    ['wu-tang OR d.m.x', '/a/dmx.mp3', true],
    ['blue OR S01E02.720p', '/a/show s01e02 720p.mkv', true],
    ['blue OR S01E02.720p', '/a/show s01e02.mkv', false],
    ['blue OR gre', '/a/green.txt', true],
    ['blue OR gre ', '/a/green.txt', false],
    ['blu OR green', '/a/blue.txt', false],
    ['blue OR g', '/a/green.txt', false],
    ['blue OR g', '/a/g.txt', true],
    ['blue OR g moon', '/a/moon green.txt', false],
    ['moon blue OR g', '/a/moon green.txt', true],
    ['東京 OR 京都', '/j/京都.txt', true],
    ['東京 OR 京都', '/j/京東都.txt', false],
    ['한국 OR 사', '/j/사전.txt', true],
    ['blue OR red -moon', '/a/red moon.txt', false],
    ['blue OR red ext:txt', '/a/red.mp3', false],
  ])('%j and %s: %j', (typed, path, expected) => {
    expect(finds(typed, path)).toBe(expected);
  });

  test('parentheses without OR are punctuation', () => {
    for (const typed of ['fox (2019)', '(feat.', 'fox)', ':) fox', '(fox', 'fox (', '((fox)'])
      expect([typed, finds(typed, '/a/Fox feat 2019.mkv')]).toEqual([typed, true]);
    expect(finds('(type:video fox)', '/a/fox.txt')).toBe(false);
  });

  test('they mean the same as several searches', () => {
    const word = fc.constantFrom(
      'blue',
      'red-sun',
      'S01E02',
      'myFile',
      '"blue moon"',
      '東京',
      'wu-tang',
      'x',
    );
    const name = fc.constantFrom(
      'blue',
      'red',
      'sun',
      's01',
      'E02',
      'my',
      'file',
      'moon',
      '東京',
      'wutang',
      'X',
    );
    fc.assert(
      fc.property(
        fc.array(word, { minLength: 2, maxLength: 3 }),
        fc.array(name, { minLength: 1, maxLength: 5 }),
        word,
        (words, names, other) => {
          const path = `/${names.join(' ')}`;
          const one = (typed: string): boolean => finds(`${typed} `, path);
          expect(one(words.join(' OR '))).toBe(words.some(one));
          expect(one(`(${words.join(' ')}) OR ${other}`)).toBe(words.every(one) || one(other));
          expect(one(`${other} ${words.join('|')}`)).toBe(one(other) && words.some(one));
        },
      ),
      { numRuns: 1_000 },
    );
  });

  test.each([
    ['OR', 0, 2],
    ['OR blue', 0, 2],
    ['blue OR', 5, 7],
    ['blue OR ', 5, 7],
    ['blue |', 5, 6],
    ['blue OR OR red', 8, 10],
    ['blue OR !!!', 8, 11],
    ['!!! OR blue', 0, 3],
    ['blue OR ""', 8, 10],
    ['blue OR -red', 8, 12],
    ['-blue OR red', 6, 8],
    ['blue OR type:video', 8, 18],
    ['ext:mkv OR blue', 8, 10],
    ['ext:mkv|mp4', 7, 8],
    ['blue OR (red', 8, 9],
    ['(blue OR red', 0, 1],
    ['blue OR red)', 11, 12],
    ['blue) OR red', 4, 5],
    ['blue OR ()', 8, 10],
    ['blue OR (!!)', 8, 12],
    ['blue OR (red OR)', 15, 16],
    ['(blue OR) red', 8, 9],
    ['blue OR (red ext:mkv)', 13, 20],
    ['blue OR (red -sun)', 13, 17],
    ['blue -(red sun)', 5, 7],
    ['blue OR red -(sun)', 12, 14],
    ['blue OR "red', 8, 12],
  ])('%j is refused where it is wrong', (typed, from, to) => {
    expect(compileQuery(typed)).toMatchObject({ ok: false, problem: { code: 'bad-request', from, to } });
  });

  test('what they multiply to is bounded, and so are they', () => {
    const group = '(a b c d e)';
    expect(compileQuery(`${group} OR (a b c d)`)).toMatchObject({ ok: true });
    const typed = `x ${group} OR ${group}`;
    expect(compileQuery(typed)).toMatchObject({
      ok: false,
      problem: { code: 'limit', from: typed.lastIndexOf('('), to: typed.length },
    });
    const many = Array.from({ length: maxQueryAlternatives / 2 + 1 }, (_, at) => `a${at % 10}`).join('|');
    expect(compileQuery(many)).toMatchObject({ ok: false, problem: { code: 'limit', from: 0 } });
  });
});

describe('filters', () => {
  const anna = peerId(new Uint8Array(32).fill(1));
  const book = contentId(new Uint8Array(32).fill(2));
  const compiled = (typed: string) => {
    const query = compileQuery(typed);
    if (!query.ok) throw new Error(query.problem.message);
    return query.value;
  };

  test('lists given twice are one longer list', () => {
    expect(compiled('ext:mkv,mp4 ext:.AVI').extensions).toEqual(['mkv', 'mp4', 'avi']);
    expect(compiled('type:video TYPE:Audio').types).toEqual(['video', 'audio']);
    expect(compiled('x -ext:mkv -ext:mp4').withoutExtensions).toEqual(['mkv', 'mp4']);
    expect(compiled('peer:anna peer:Bob,ANNA').peers).toEqual(['anna', 'bob']);
    expect(compiled(`id:${book} id:${book.toUpperCase()}`).ids).toEqual([book]);
  });

  test('peers are named as attach compares names, or by id, in quotation marks with spaces and commas', () => {
    expect(compiled(`peer:${anna},"Carol C",Bob peer:"a, b"`).peers).toEqual([anna, 'carolc', 'bob', 'a,b']);
    const query = compiled(`peer:Anna,${anna}`);
    const other = peerId(new Uint8Array(32));
    expect(matchesHolders(query, [{ peer: other, key: 'anna' }])).toBe(true);
    expect(matchesHolders(query, [{ peer: anna, key: 'bob' }])).toBe(true);
    expect(matchesHolders(query, [{ peer: other, key: 'bob' }])).toBe(false);
    expect(matchesHolders(query, [])).toBe(false);
    expect(matchesHolders(compiled('anna'), [])).toBe(true);
  });

  test('a content is asked for by its id', () => {
    const query = compiled(`id:${book}`);
    expect(matches(query, { id: book, path: '/a', sizeBytes: 1 })).toBe(true);
    expect(matches(query, { id: contentId(new Uint8Array(32)), path: '/a', sizeBytes: 1 })).toBe(false);
    expect(matches(query, { path: '/a', sizeBytes: 1 })).toBe(false);
  });

  test.each([
    ['a peer:', 2, 7],
    ['peer:a/b', 0, 8],
    ['peer:anna, bob', 0, 10],
    ['peer:"anna', 5, 10],
    ['a -peer:anna', 2, 12],
    ['id:', 0, 3],
    ['id:abc', 0, 6],
    [`a -id:${book}`, 2, 58],
    [`id:${book}, b`, 0, 56],
  ])('%j is refused where it is wrong', (typed, from, to) => {
    expect(compileQuery(typed)).toMatchObject({ ok: false, problem: { code: 'bad-request', from, to } });
  });

  test('no more peers than a search may name', () => {
    const typed = `peer:${Array.from({ length: maxQueryPeers + 1 }, (_, at) => `p${at}`).join()}`;
    expect(compileQuery(typed)).toMatchObject({
      ok: false,
      problem: { code: 'limit', from: typed.lastIndexOf('p'), to: typed.length },
    });
  });
});

test('of a word that is several only the whole is excluded', () => {
  expect(finds('show -Show.S01E02', '/a/Show S01E03.mkv')).toBe(true);
  expect(finds('show -Show.S01E02', '/a/Show.S01E02.mkv')).toBe(false);
  expect(finds('tang -wu-tang', '/a/Wu-Tang.mp3')).toBe(false);
  expect(finds('clan -wu-tang', '/a/wutang clan.mp3')).toBe(false);
});

describe('how well a name answers', () => {
  test.each([
    ['blue moon', '/a/Blue Moon.mp3', 5],
    ['blue moon.mp3', '/a/Blue Moon.mp3', 5],
    ['"blue moon"', '/a/Blue Moon.mp3', 5],
    ['blue-moon', '/a/Blue_Moon', 5],
    ['Bluemoon', '/a/blueMoon.mp3', 5],
    ['blue moon', '/a/Blue Moon Rising.mp3', 4],
    ['blue moon', '/a/My Blue Moon.mp3', 4],
    ['wu-tang', '/a/wu tang live.mp3', 4],
    ['s01e02', '/a/Show.S01E02.mkv', 4],
    ['e02', '/a/Show.S01E02.mkv', 4],
    ['blue moon', '/a/Blue Moonrise.mp3', 3],
    ['blue moon', '/a/Blue and Moon.mp3', 2],
    ['blue moon', '/a/Blue and Moonrise.mp3', 2],
    ['"blue" "moon"', '/a/Blue and Moon.mp3', 2],
    ['blue moon', '/a/Moon Blue.mp3', 1],
    ['blue moon', '/blue/moon.mp3', 0],
    ['art', '/art/party.mp3', 0],
    ['blue moon', '/blue/ablue moon.mp3', 0],
    ['blue OR red', '/a/Red.mp3', 5],
    ['blue OR red moon', '/a/Red Moon.mp3', 5],
    ['blue OR red moon', '/a/My Blue Moon.mp3', 4],
    ['blue OR red moon', '/a/Blue and Red Moon.mp3', 4],
    ['blue OR red moon', '/a/Red the Moon.mp3', 2],
    ['blue OR red moon', '/a/Moon Red.mp3', 1],
    ['blue OR red moon', '/red/Moon.mp3', 0],
    ['(blue moon) OR sun', '/a/Sun.mp3', 5],
    ['(blue moon) OR sun', '/a/Blue Moon.mp3', 5],
    ['(blue moon) OR sun', '/a/Blue the Moon.mp3', 2],
    ['(the (blue OR red)) OR sun moon', '/a/the red moon.mp3', 5],
    ['"blue moon" OR sun rising', '/a/Blue Moon is rising.mp3', 2],
    ['ab OR a b OR c', '/a/a c.txt', 5],
    ['東京 OR 京都', '/a/東京物語.mkv', 4],
    ['type:audio', '/a/anything.mp3', 4],
  ])('%j by %s: %d', (typed, path, expected) => {
    const query = compileQuery(typed);
    expect(query.ok && relevanceTo(query.value)(path)).toBe(expected);
  });

  test('a long name and many alternatives take no long time', () => {
    const query = compileQuery(`${Array.from({ length: 10 }, () => '(a OR (a a)) ').join('')}b`);
    expect(query.ok && relevanceTo(query.value)(`/${'a'.repeat(200)}`)).toBe(0);
  });
});
