import { describe, expect, test } from '@jest/globals';
import { hash } from 'node:crypto';
import type { SharedFile } from '../../../src/core/catalogue.ts';
import { FileEntries } from '../../../src/core/share/file-entries.ts';
import { contentId, idBytes, type ContentId } from '../../../src/core/ids.ts';
import { ShareDigest } from '../../../src/core/share/share-digest.ts';
import * as fc from '../../helpers/properties.ts';

const files: fc.Arbitrary<readonly SharedFile[]> = fc.array(
  fc.record({
    id: fc.uint8Array({ minLength: idBytes, maxLength: idBytes }).map(contentId),
    path: fc.string({ unit: 'grapheme', maxLength: 40 }).map((name) => name.toWellFormed()),
    sizeBytes: fc.nat({ max: Number.MAX_SAFE_INTEGER }),
  }),
  { maxLength: 20 },
);

describe('entries of files', () => {
  test('say what the files say that they were made of', () => {
    fc.assert(
      fc.property(files, (all) => {
        const entries = FileEntries.of(all);
        expect(entries.count).toBe(all.length);
        for (const [at, { id, sizeBytes, path }] of all.entries())
          expect([entries.id(at), entries.sizeBytes(at), entries.path(at)]).toEqual([id, sizeBytes, path]);
      }),
    );
  });

  test('from one up to another are those of the files between', () => {
    fc.assert(
      fc.property(files, fc.nat(20), fc.nat(20), (all, from, count) => {
        const some = FileEntries.of(all).slice(from, from + count);
        const expected = FileEntries.of(all.slice(from, from + count));
        expect(some.count).toBe(expected.count);
        expect(Buffer.from(some.bytes)).toEqual(Buffer.from(expected.bytes));
        for (let at = 0; at < some.count; at++)
          expect([some.id(at), some.path(at)]).toEqual([expected.id(at), expected.path(at)]);
      }),
    );
  });

  test('are what the digest of a share hashes', () => {
    fc.assert(
      fc.property(files, (all) => {
        const hashed: string[] = [];
        const digest = new ShareDigest((bytes) => {
          hashed.push(Buffer.from(bytes).toString('hex'));
          return hash('sha256', bytes, 'binary');
        });
        for (const file of all) digest.add(file);
        const entries = FileEntries.of(all);
        const lying = all.map((_, at) => entries.bytes.subarray(entries.start(at), entries.end(at)));
        expect(lying.map((bytes) => Buffer.from(bytes).toString('hex'))).toEqual(hashed);
      }),
    );
  });

  test('are of files with an id', () => {
    expect(() => FileEntries.of([{ id: 'none' as ContentId, path: '/a', sizeBytes: 1 }])).toThrow(RangeError);
  });
});
