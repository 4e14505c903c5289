import { describe, expect, test } from '@jest/globals';
import {
  distances,
  headsLike,
  mostMistakes,
  nearest,
  piecesOf,
  replaced,
} from '../../../src/core/search/suggestion.ts';
import * as fc from '../../helpers/properties.ts';

const piece = (word: string, isOpen = false) => ({ word, from: 0, to: word.length, isOpen });

describe('the words of a query that may be mistyped', () => {
  test.each([
    ['Bule Mooon', ['bule', 'mooon']],
    ['"long wniding" raod', ['long', 'wniding', 'raod']],
    ['ab S01E02 2019 x264 moon', ['moon']],
    ['moon -sun ext:mkv peer:anna type:video', ['moon']],
    ['(bleu OR gren) moon', ['bleu', 'gren', 'moon']],
    ['wu-tagn', ['tagn']],
    ['Motörhaed 東京 한국어', ['motorhaed']],
    ['d41d8cd98f00b204e9800998ecf8427e', []],
    ['"open', []],
  ])('%j: %j', (query, words) => {
    expect(piecesOf(query).map(({ word }) => word)).toEqual(words);
  });

  test('each is replaced where it stands, and nothing else is', () => {
    const query = '(Bléu OR "gren  sky") ext:mkv -bleu';
    const [blue, green] = piecesOf(query);
    if (blue === undefined || green === undefined) throw new Error('two words');
    expect(
      replaced(
        query,
        new Map([
          [green, 'green'],
          [blue, 'blue'],
        ]),
      ),
    ).toBe('(blue OR "green  sky") ext:mkv -bleu');
  });

  test('only the last word may be unfinished, and no phrase', () => {
    const open = (query: string) => piecesOf(query).map(({ isOpen }) => isOpen);
    expect(open('blu* moon ')).toEqual([true, false]);
    expect([open('blue moo'), open('blue moon '), open('"blue moon"')]).toEqual([
      [false, true],
      [false, false],
      [false, false],
    ]);
  });
});

describe('how far words are from one another', () => {
  test.each([
    ['beatles', 'beatles', 0, 0],
    ['beatels', 'beatles', 1, 1],
    ['baetles', 'beatles', 1, 1],
    ['eatles', 'beatles', 1, 1],
    ['beeatles', 'beatles', 1, 1],
    ['bxatles', 'beatles', 1, 1],
    ['beet', 'beatles', 4, 1],
    ['', 'abc', 3, 0],
    ['abc', '', 3, 3],
    ['ca', 'abc', 3, 1],
  ])('%s and %s: %d, %d', (word, other, whole, beginning) => {
    expect(distances(word, other)).toEqual({ whole, beginning });
  });

  test('one mistake is one, wherever it is', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', 'c', 'd', 'e'), minLength: 2, maxLength: 9 });
    fc.assert(
      fc.property(
        letters,
        fc.nat(),
        fc.constantFrom('a', 'b', 'c', 'd', 'e'),
        fc.nat({ max: 3 }),
        (word, place, letter, kind) => {
          const at = place % word.length;
          const [left, right] = [word.slice(0, at), word.slice(at)];
          const swapped = left + right.slice(1, 2) + right.slice(0, 1) + right.slice(2);
          const other =
            [left + letter + right, left + right.slice(1), left + letter + right.slice(1), swapped][kind] ??
            '';
          expect(distances(word, other).whole).toBeLessThanOrEqual(1);
          expect(distances(other, word).whole).toBe(distances(word, other).whole);
          // And the beginning it has is one of those that are looked up.
          const length = Math.min(3, word.length);
          const heads = [word.slice(0, length), ...headsLike(word, length)];
          expect(heads.some((head) => other.startsWith(head) || head.startsWith(other))).toBe(true);
        },
      ),
      { numRuns: 1_000 },
    );
  });
});

describe('which known word is meant', () => {
  test.each([
    ['beatels', ['beatless', 'beatles', 'beads'], ['beatles', 'beatless']],
    ['mooon', ['moon', 'mooing', 'swoon', 'noon'], ['moon']],
    ['ctas', ['cats', 'cast', 'etas', 'ctags'], ['cats', 'ctags', 'etas']],
    ['moon', ['moon', 'noon', 'mood'], ['mood', 'noon']],
    ['xyz', ['abc', 'xyzzy'], []],
  ])('%s among %j: %j', (word, known, expected) => {
    expect(nearest(piece(word), known, 9)).toEqual(expected);
  });

  test('an unfinished word is like the beginnings of others, the shortest first', () => {
    expect(nearest(piece('beet', true), ['beatles', 'beat', 'battle'], 9)).toEqual(['beat', 'beatles']);
  });

  test('no more than asked for, and short words are never taken for others', () => {
    expect(nearest(piece('moon'), ['mood', 'moan', 'noon'], 2)).toEqual(['moan', 'mood']);
    expect(['ab', 'abc', 'abcde', 'abcdef'].map(mostMistakes)).toEqual([0, 1, 1, 2]);
  });
});
