import { expect, test } from '@jest/globals';
import { ShareDigest } from '../../src/core/share/share-digest.ts';
import { ShareSums } from '../../src/store/share-sums.ts';
import { file, sha256 } from './files.ts';
import * as fc from '../helpers/properties.ts';

const someFile = fc
  .tuple(fc.string({ unit: 'grapheme', maxLength: 20 }), fc.maxSafeNat())
  .map(([name, size]) => file(`/${name}`, size));

test('sums give the digests that peers compute, after adding, removing and saving', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(someFile, { selector: ({ id }) => id, maxLength: 30 }),
      fc.nat({ max: 30 }),
      (files, gone) => {
        const expected = new ShareDigest(sha256);
        let sums = new ShareSums();
        for (const each of files) sums.add(each);
        sums = new ShareSums(sums.save(), sums.count);
        for (const each of files.slice(0, gone)) sums.remove(each);
        for (const each of files.slice(gone)) expected.add(each);
        expect(sums.count).toBe(expected.count);
        expect(Buffer.from(sums.digest())).toEqual(Buffer.from(expected.digest()));
        expect(Buffer.from(sums.bucketDigests())).toEqual(Buffer.from(expected.bucketDigests()));
      },
    ),
  );
});
