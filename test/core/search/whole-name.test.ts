import { describe, expect, test } from '@jest/globals';
import { relevanceTo } from '../../../src/core/search/query-rank.ts';
import { wholeNameOf, wholeNamesOf } from '../../../src/core/search/whole-name.ts';
import * as fc from '../../helpers/properties.ts';
import { query } from '../../store/files.ts';

describe('the whole of a name', () => {
  test.each([
    ['Harvest.mp3', 'harvest'],
    ['The.Quick_Brown-Fox (2019).mkv', 'thequickbrownfox2019'],
    ['Café del Mar.flac', 'cafedelmar'],
    ['notes.xyz', 'notesxyz'],
    ['東京 物語.mkv', '東京物語'],
    ['!?.mp3', '!?.mp3'],
    ['.mp3', 'mp3'],
  ])('%s', (name, whole) => {
    expect(wholeNameOf(name)).toBe(whole);
  });

  test.each([
    ['harvest', ['harvest']],
    ['Harvest.mp3', ['harvestmp3', 'harvest']],
    ['mp3', ['mp3']],
    ['"blue moon" live', ['bluemoonlive']],
    ['red OR blue moon', []],
    ['type:video', []],
  ])('is for the words %s one of %j', (text, wholes) => {
    expect(wholeNamesOf(query(text))).toEqual(wholes);
  });

  test('is known of every query that the name answers exactly', () => {
    const word = fc.stringMatching(/^[a-zA-Z0-9äßЖ東한]{1,5}$/);
    const name = fc
      .tuple(fc.array(word, { minLength: 1, maxLength: 4 }), fc.constantFrom(' ', '.', '-', '_'))
      .map(([words, between]) => words.join(between));
    fc.assert(
      fc.property(name, fc.constantFrom('', '.mp3', '.mkv', '.PDF'), (stem, extension) => {
        for (const text of [stem, `${stem}${extension}`, `${stem} `]) {
          const wanted = query(text);
          if (relevanceTo(wanted)(`/a/${stem}${extension}`) === 5)
            expect(wholeNamesOf(wanted)).toContain(wholeNameOf(`${stem}${extension}`));
        }
      }),
      { numRuns: 500 },
    );
  });
});
