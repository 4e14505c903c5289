import { describe, expect, test } from '@jest/globals';
import { compileQuery } from '../../src/core/search/query.ts';
import { matchesFacets } from '../../src/core/search/query-match.ts';
import { everyKind, isAmong, kindCount, kindOf, kindsOf } from '../../src/store/file-kinds.ts';
import { value } from './files.ts';
import * as fc from '../helpers/properties.ts';

const kindsFor = (text: string) => kindsOf(value(compileQuery(text)));
const kind = (path: string, sizeBytes: number): number => kindOf({ path, sizeBytes });

const extensions = ['mp3', 'flac', 'mkv', 'MP4', 'jpg', 'pdf', 'zip', 'exe', 'ts', 'unheardof'];
const paths = fc.constantFrom('/a/song', '/a/.profile', ...extensions.map((ending) => `/a/song.${ending}`));
const sizes = fc.oneof(
  fc.nat({ max: Number.MAX_SAFE_INTEGER }),
  fc
    .tuple(fc.integer({ min: 0, max: 52 }), fc.integer({ min: -1, max: 1 }))
    .map(([bits, more]) => Math.max(0, 2 ** bits + more)),
);
const filters = fc.constantFrom(
  ...['type:audio', 'type:video,other', '-type:audio', 'ext:mp3', 'ext:mkv,unheardof', '-ext:pdf,mp3'],
  ...['size:0', 'size:>5M', 'size:<1M', 'size:1M-2M', 'size:>=1G', 'size:<=65536', 'size:65535-65537'],
);

describe('kinds', () => {
  test('of a query are those of every file that its filters accept', () => {
    fc.assert(
      fc.property(fc.array(filters, { maxLength: 3 }), paths, sizes, (asked, path, sizeBytes) => {
        const query = compileQuery(`song ${asked.join(' ')}`);
        // Sizes that exclude each other are refused before.
        fc.pre(query.ok);
        const number = kind(path, sizeBytes);
        expect(number).toBeLessThan(kindCount);
        if (matchesFacets(value(query), { path, sizeBytes }))
          expect(isAmong(number, kindsOf(value(query)))).toBe(true);
      }),
    );
  });

  test('are all of them where nothing is said of type, extension and size', () => {
    expect(kindsFor('song -live')).toBe(everyKind);
    expect(kindsFor('song -ext:mp3')).not.toBe(0n);
  });

  test.each([
    ['song type:audio', '/a/x.mkv', 5e6],
    ['song -type:video', '/a/x.mkv', 5e6],
    ['song ext:mp3', '/a/x.mkv', 5e6],
    ['song size:>100M', '/a/x.mkv', 5e6],
    ['song size:<1M', '/a/x.mkv', 5e6],
    ['song type:video size:>1G', '/a/x.mkv', 7e8],
    ['song type:other', '/a/x.mp3', 0],
  ])('for %s leave out %s of %d bytes', (text, path, sizeBytes) => {
    expect(isAmong(kind(path, sizeBytes), kindsFor(text))).toBe(false);
  });
});
