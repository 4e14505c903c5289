import { describe, expect, test } from '@jest/globals';
import * as fc from '../../helpers/properties.ts';
import { inNaturalOrder } from '../../../src/core/search/natural-order.ts';

const sorted = (...paths: readonly string[]): readonly string[] =>
  inNaturalOrder(paths.map((path) => ({ path }))).map(({ path }) => path);

describe('the order of names', () => {
  test('takes numbers for numbers, and letters for what they are without case and accents', () => {
    expect(
      sorted(
        '/track 10.mp3',
        '/Track 2.mp3',
        '/track 1.mp3',
        '/émile.txt',
        '/Eva.txt',
        '/z',
        '/track 02b.mp3',
      ),
    ).toEqual([
      '/émile.txt',
      '/Eva.txt',
      '/track 1.mp3',
      '/Track 2.mp3',
      '/track 02b.mp3',
      '/track 10.mp3',
      '/z',
    ]);
    expect(sorted('/9', '/10', '/100000000000000000001', '/100000000000000000000', '/a')).toEqual([
      '/9',
      '/10',
      '/100000000000000000000',
      '/100000000000000000001',
      '/a',
    ]);
  });

  test('has folders before files, each followed by what is below it', () => {
    expect(
      sorted('/m/b.txt', '/m/a/', '/m/a b/', '/m/a/z.txt', '/m/a b/1', '/m/', '/m/a/10/', '/m/a/9/'),
    ).toEqual(['/m/', '/m/a/', '/m/a/9/', '/m/a/10/', '/m/a/z.txt', '/m/a b/', '/m/a b/1', '/m/b.txt']);
    // What differs in case alone is not mixed.
    expect(sorted('/B/1', '/b/1', '/B/2', '/b/2')).toEqual(['/B/1', '/B/2', '/b/1', '/b/2']);
  });

  test('is one order, whatever the paths and the order in which they come', () => {
    const name = fc.stringMatching(/^[aA0-9é _.-]{1,6}$/);
    const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((names) => `/${names.join('/')}`);
    fc.assert(
      fc.property(fc.uniqueArray(path, { maxLength: 20 }), (paths) => {
        const order = sorted(...paths);
        expect(sorted(...paths.toReversed())).toEqual(order);
        expect(sorted(...order)).toEqual(order);
        // Nothing of another folder comes between the files of one.
        const folders = order.map((each) => each.slice(0, each.lastIndexOf('/')));
        for (const folder of new Set(folders)) {
          const inside = order.filter((each) => each.startsWith(`${folder}/`));
          const from = order.indexOf(inside[0] ?? '');
          expect(order.slice(from, from + inside.length)).toEqual(inside);
        }
      }),
    );
  });
});
