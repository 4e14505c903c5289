import { describe, expect, test } from '@jest/globals';
import { FileEntries } from '../../src/core/share/file-entries.ts';
import { contentId } from '../../src/core/ids.ts';
import { knownPathBytes } from '../../src/core/limits/tracker.ts';
import { tokensOfPath } from '../../src/core/search/tokenizer.ts';
import { isValidVirtualPath } from '../../src/core/share/virtual-path.ts';
import type { AddedFile, PreparedBatch } from '../../src/store/catalog-store.ts';
import { wordsOf } from '../../src/store/file-terms.ts';
import { KnownFiles } from '../../src/store/known-files.ts';
import {
  prepare,
  prepareEntries,
  type PreparedRow,
  rowsOf,
  unprepare,
} from '../../src/store/prepared-batch.ts';
import { ShareSums } from '../../src/store/share-sums.ts';
import { bucketDigestsOf, file, stateOf } from './files.ts';
import * as fc from '../helpers/properties.ts';

const paths = fc.oneof(
  fc.string({ unit: 'grapheme' }).map((name) => `/a/${name.toWellFormed()}`),
  fc.constantFrom(
    '/Música/ﬁne 01.mp3',
    '/東京/映画 5.mkv',
    'no/slash',
    '/a/../b',
    '/a/',
    `/${'x'.repeat(2000)}`,
  ),
);
const files: fc.Arbitrary<AddedFile> = fc
  .record({
    id: fc.uint8Array({ minLength: 32, maxLength: 32 }).map(contentId),
    path: paths,
    sizeBytes: fc.nat({ max: Number.MAX_SAFE_INTEGER }),
    isDenied: fc.boolean(),
  })
  .map(({ isDenied, ...shared }) => (isDenied ? { ...shared, isDenied } : shared));

/** As it comes out on another thread. */
const crossed = (batch: PreparedBatch): PreparedBatch => structuredClone(batch);

/** All that is said of a row. */
const seen = (row: PreparedRow): unknown => [
  row.flaw,
  row.path,
  row.sizeBytes,
  Buffer.from(row.id).toString('hex'),
  row.terms,
  row.kind,
  Buffer.from(row.termsBytes).toString(),
  [0, 1, 2, 3].map((at) => row.limb(at)),
];

describe('a prepared batch', () => {
  test('says of each file what can be said without the catalogue, on any thread', () => {
    fc.assert(
      fc.property(fc.array(files, { maxLength: 40 }), (adds) => {
        const rows = [...rowsOf(crossed(prepare({ adds, removes: [] })).adds)];
        expect(rows.map(({ index }) => index)).toEqual(adds.map((_, at) => at));
        for (const [at, row] of rows.entries()) {
          const { path, sizeBytes, isDenied }: AddedFile = adds[at] ?? file('/none');
          expect([row.path, row.sizeBytes]).toEqual([path, sizeBytes]);
          expect(Buffer.from(row.pathBytes).toString()).toBe(path);
          const flaw = isDenied ? 'denied' : isValidVirtualPath(path) ? undefined : 'bad-name';
          expect(row.flaw).toBe(flaw);
          expect(wordsOf(row.terms)).toEqual(flaw === undefined ? tokensOfPath(path) : new Set());
        }
      }),
    );
  });

  test('is the batch that it was made of', () => {
    fc.assert(
      fc.property(fc.array(files, { maxLength: 40 }), (adds) => {
        const batch = { adds, removes: [file('/gone')] };
        expect(unprepare(crossed(prepare(batch)))).toEqual(batch);
        expect(unprepare(batch)).toBe(batch);
      }),
    );
  });

  test('is prepared once', () => {
    const batch = prepare({ adds: [file('/a/one.txt')], removes: [] });
    expect(prepare(batch)).toBe(batch);
  });

  test('leaves out the words of what is known, and says all the same what it was made of', () => {
    fc.assert(
      fc.property(fc.array(files, { maxLength: 40 }), (adds) => {
        const known = new KnownFiles();
        const entries = FileEntries.of(adds);
        const isDenied = (at: number): boolean => adds[at]?.isDenied === true;
        const first = prepareEntries(entries, isDenied, known);
        const again = prepareEntries(entries, isDenied, known);
        const fit = adds.filter(({ path, isDenied: denied }) => !denied && isValidVirtualPath(path));
        const savedBytes = first.packed.byteLength - again.packed.byteLength;
        if (fit.length === 0) expect(savedBytes).toBe(0);
        if (fit.some(({ path }) => /^[\0-\x7f]{1,100}$/.test(path))) expect(savedBytes).toBeGreaterThan(0);
        for (const made of [first, again]) {
          const rows = [...rowsOf(structuredClone(made))];
          const whole = [...rowsOf(prepare({ adds, removes: [] }).adds)];
          expect(rows.map(seen)).toEqual(whole.map(seen));
        }
      }),
    );
  });

  test('of what is known is looked at again where that is denied now', () => {
    const known = new KnownFiles();
    const entries = FileEntries.of([file('/a/one.txt')]);
    prepareEntries(entries, undefined, known);
    const [row] = rowsOf(prepareEntries(entries, () => true, known));
    expect([row?.flaw, row?.terms]).toEqual(['denied', '']);
  });

  test('is refused for its path although it is taken for a known one', () => {
    const known = new KnownFiles();
    const entries = FileEntries.of([file('/a/../one.txt')]);
    // Where its row has the entry: behind the refusal and two lengths.
    known.note(new Uint8Array(prepareEntries(entries, undefined).packed), 9);
    const [row] = rowsOf(prepareEntries(entries, undefined, known));
    expect([row?.flaw, row?.terms]).toEqual(['bad-name', '']);
  });

  test.each([
    ['that is long', `/${'a'.repeat(knownPathBytes - 2)}é`],
    ['with a sign that is short for a phrase', '/a/ﷺ.txt'],
    ['with a fraction', '/a/½.txt'],
  ])('never leaves the words of a path %s to who writes, who has no time for them', (_, path) => {
    const known = new KnownFiles();
    const entries = FileEntries.of([file(path), file('/a/one.txt')]);
    const first = prepareEntries(entries, undefined, known);
    const again = prepareEntries(entries, undefined, known);
    const [dear, usual] = rowsOf(first);
    const savedBytes = first.packed.byteLength - again.packed.byteLength;
    expect(savedBytes).toBe(usual?.termsBytes.length);
    expect([...rowsOf(again)].map(seen)).toEqual([dear, usual].map((row) => row && seen(row)));
  });

  test('brings what its files add to the digest of a share', () => {
    fc.assert(
      fc.property(fc.array(files, { maxLength: 40 }), (adds) => {
        const fitting = adds.filter(({ path }) => path.length <= 300);
        const sums = new ShareSums();
        for (const row of rowsOf(prepare({ adds: fitting, removes: [] }).adds)) sums.addRow(row);
        expect(Buffer.from(sums.digest())).toEqual(Buffer.from(stateOf(fitting).digest));
        expect(Buffer.from(sums.bucketDigests())).toEqual(Buffer.from(bucketDigestsOf(fitting)));
      }),
    );
  });

  test('does not change when another one is prepared', () => {
    const [first] = rowsOf(prepare({ adds: [file('/a/first.txt')], removes: [] }).adds);
    prepare({
      adds: Array.from({ length: 3_000 }, (_, at) => file(`/b/${'long '.repeat(40)}${at}`)),
      removes: [],
    });
    expect(first?.path).toBe('/a/first.txt');
  });
});
