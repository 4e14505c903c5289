import { describe, expect, test } from '@jest/globals';
import {
  atomsOf,
  fold,
  maxTokensPerName,
  maxTokenUnits,
  runsOf,
  tokensOf,
  tokensOfPath,
} from '../../../src/core/search/tokenizer.ts';
import * as fc from '../../helpers/properties.ts';

describe('tokens of a name', () => {
  test.each([
    ['Show.S01E02.720p.x264.mkv', 'show s01e02 01 02 s01 e02 720p 720 x264 264 mkv'],
    ['05x02', '05x02 05 02 x02'],
    ['myFileName', 'myfilename my file name'],
    ['HTTPServer2Go', 'httpserver2go http server 2 go httpserver'],
    ['wu-tang.clan', 'wu tang clan wutang'],
    ['D.M.X. live', 'd m x live dmx'],
    ["don't", 'don t dont'],
    ['wu-tang-forever-x-y', 'wu tang forever x y wutang xy tangforever foreverx'],
    ['Spider-Man', 'spider man spiderman'],
    ["O'Connor", 'o connor oconnor'],
    ['2024-january-31', '2024 january 31'],
    ['h.264 e.mail', 'h 264 e mail h264'],
    ['दिल', 'दिल'],
    ['The.Dark.Side.of.the.Moon', 'the dark side of moon'],
    ['song.mp3', 'song mp3'],
    ['mp3 songs', 'mp3 mp 3 songs'],
    ['東京物語', '東 東京 京 京物 物 物語 語'],
    ['東京tower', '東 東京 京 tower'],
    ['か\u3099', 'が'],
    ['한국어', '한국어 한국 국어'],
    ['봄', '봄'],
    ['Straße Ørsted', 'strasse orsted'],
    ['again again', 'again'],
    ['D41D8CD98F00B204E9800998ECF8427E', 'd41d8cd98f00b204'],
    ['a'.repeat(40), 'a'.repeat(32)],
    ['!?', ''],
  ])('%s', (name, tokens) => {
    expect(tokensOf(name).join(' ')).toBe(tokens);
  });

  test('of a path are those of the file name, then of the folders from the nearest up', () => {
    expect([...tokensOfPath('/Music/Pink Floyd/Dogs.flac')]).toEqual([
      'dogs',
      'flac',
      'pink',
      'floyd',
      'music',
    ]);
  });

  test('deep folders cannot push out the words of the name', () => {
    const folder = Array.from({ length: 90 }, (_, at) => `f${at}x`).join('/');
    const tokens = tokensOfPath(`/${folder}/name here`);
    expect(tokens.size).toBeLessThanOrEqual(2 * maxTokensPerName);
    expect([tokens.has('name'), tokens.has('here'), tokens.has('f89x')]).toEqual([true, true, true]);
  });

  test('are none where there are only symbols, those of a script included', () => {
    expect(tokensOf('⺀ ★')).toEqual([]);
  });

  test('are few, short, folded and without separators, whatever the name', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (name) => {
        const tokens = tokensOf(name);
        expect(tokens.length).toBeLessThanOrEqual(maxTokensPerName);
        for (const token of tokens) {
          expect(token).toMatch(/^[\p{L}\p{N}\p{M}]+$/u);
          expect(token.length).toBeLessThanOrEqual(maxTokenUnits);
          expect(fold(token)).toBe(token);
          expect(token.isWellFormed()).toBe(true);
        }
      }),
      { numRuns: 500 },
    );
  });

  test('do not depend on how accents are written or on case, but for camelCase', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 60 }), (name) => {
        expect(tokensOf(name.normalize('NFD'))).toEqual(tokensOf(name.normalize('NFC')));
        expect(fold(name.normalize('NFD'))).toBe(fold(name));
      }),
    );
  });

  test('letters of other alphabets elsewhere in a name change nothing about its plain words', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(...Array.from('aBcDE019.-_ ')), maxLength: 40 }),
        (name) => {
          expect(runsOf(`${name} Ж`).slice(0, -1)).toEqual(runsOf(name));
        },
      ),
      { numRuns: 1_000 },
    );
  });

  test('atoms joined are the run, and runs and gaps joined are the name without its end', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme-ascii', maxLength: 60 }), (name) => {
        const runs = runsOf(name);
        for (const run of runs) expect(run.atoms.join('')).toBe(run.text);
        const read = runs.map((run) => run.gap + run.text).join('');
        expect(name.toLowerCase().startsWith(read)).toBe(true);
        expect(name.slice(read.length)).not.toMatch(/[a-z0-9]/i);
      }),
    );
  });

  test('what a name says is what its runs say, with a border wherever one of their atoms ends', () => {
    const hash = fc.stringMatching(/^[0-9a-f]{16,20}$/);
    const part = fc.oneof(hash, fc.string({ unit: fc.constantFrom(...Array.from('aBcDE01.- é京')) }));
    fc.assert(
      fc.property(fc.array(part, { maxLength: 4 }), (parts) => {
        const name = parts.join('');
        const { text, borders } = atomsOf(name);
        const atoms = runsOf(name).flatMap((run) => run.atoms);
        const ends = atoms.map((_, at) => atoms.slice(0, at + 1).join('').length);
        expect(text).toBe(atoms.join(''));
        expect(Array.from(borders.keys()).filter((at) => borders[at] === 1)).toEqual([0, ...ends]);
      }),
      { numRuns: 1_000 },
    );
  });
});
