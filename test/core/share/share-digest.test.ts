import { hash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import type { SharedFile } from '../../../src/core/catalogue.ts';
import { contentId } from '../../../src/core/ids.ts';
import {
  bucketBitmap,
  bucketOf,
  bucketOfContent,
  bucketsOf,
  differingBuckets,
  hasBucket,
  ShareDigest,
} from '../../../src/core/share/share-digest.ts';
import * as fc from '../../helpers/properties.ts';

const sha256 = (bytes: Uint8Array): string => hash('sha256', bytes, 'binary');

const file = (first: number, path = '/a/b.txt', sizeBytes = 7): SharedFile => ({
  id: contentId(new Uint8Array(32).fill(first)),
  path,
  sizeBytes,
});

const digestOf = (...files: SharedFile[]): ShareDigest => {
  const digest = new ShareDigest(sha256);
  for (const each of files) digest.add(each);
  return digest;
};

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

const arbitraryFile = fc
  .record({
    id: fc.uint8Array({ minLength: 32, maxLength: 32 }),
    path: fc.string({ unit: 'binary', maxLength: 40 }),
    sizeBytes: fc.maxSafeNat(),
  })
  .map(({ id, path, sizeBytes }) => ({ id: contentId(id), path: path.toWellFormed(), sizeBytes }));

describe('share digest', () => {
  test('nothing shared is all zeros', () => {
    expect(hex(digestOf().digest())).toBe('00'.repeat(16));
    expect(hex(digestOf().bucketDigests())).toBe('00'.repeat(2048));
    expect(digestOf().count).toBe(0);
  });

  test('one file is the first 16 bytes of SHA-256 over id, size and path', () => {
    const size = Buffer.alloc(8);
    size.writeBigUInt64BE(2n ** 40n + 5n);
    const input = Buffer.concat([Buffer.alloc(32, 9), size, Buffer.from('/ü/日本.txt')]);
    const expected = hash('sha256', input).slice(0, 32);
    const digest = digestOf(file(9, '/ü/日本.txt', 2 ** 40 + 5));
    expect(hex(digest.digest())).toBe(expected);
    expect(hex(digest.bucketDigests().subarray(9 * 8, 10 * 8))).toBe(expected.slice(16));
    expect(digest.countOf(9)).toBe(1);
  });

  test('stays as it was fixed', () => {
    const digest = digestOf(file(0), file(1, '/x', 0), file(255, '/Ä/é', Number.MAX_SAFE_INTEGER));
    expect(hex(digest.digest())).toBe('06c6777b883d13ba097d97f1b359dfe8');
  });

  test('depends on the set and not on its history', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(arbitraryFile, { selector: (f) => f.id + f.path }),
        fc.nat(),
        (files, seed) => {
          const straight = digestOf(...files);
          const cut = files.length === 0 ? 0 : seed % files.length;
          const turned = digestOf(...files.slice(cut), ...files.slice(0, cut), file(3, 'extra'));
          turned.remove(file(3, 'extra'));
          expect(turned.digest()).toEqual(straight.digest());
          expect(turned.bucketDigests()).toEqual(straight.bucketDigests());
          expect(turned.count).toBe(files.length);
        },
      ),
    );
  });

  test('id, size and path all count', () => {
    const digests = [file(1), file(2), file(1, '/a/c.txt'), file(1, '/a/b.txt', 8)].map((each) =>
      hex(digestOf(each).digest()),
    );
    expect(new Set(digests).size).toBe(4);
  });

  test('a difference shows in its bucket alone', () => {
    const ours = digestOf(file(1), file(200), file(201));
    const theirs = digestOf(file(1), file(200, '/renamed'), file(201));
    expect(differingBuckets(ours.bucketDigests(), theirs.bucketDigests())).toEqual([200]);
  });

  test('the bucket of a content is the first byte of its id', () => {
    const id = new Uint8Array(32).fill(7, 1);
    id[0] = 129;
    expect(bucketOf(id)).toBe(129);
    expect(bucketOfContent(contentId(id))).toBe(129);
  });

  test('bitmaps hold sets of buckets, lowest bit first', () => {
    const bitmap = bucketBitmap([0, 9, 255]);
    expect(hex(bitmap)).toBe(`0102${'00'.repeat(29)}80`);
    expect(bucketsOf(bitmap)).toEqual([0, 9, 255]);
    expect(hasBucket(bitmap, 9)).toBe(true);
    expect(hasBucket(bitmap, 8)).toBe(false);
  });
});
