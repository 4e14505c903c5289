import { expect, test } from '@jest/globals';
import { dropOldest } from '../../src/core/drop-oldest.ts';
import * as fc from '../helpers/properties.ts';

test('there are never more than the bound, those that are left are the newest, and most are', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 64 }), fc.array(fc.nat(200), { maxLength: 300 }), (most, keys) => {
      const entries = new Map<number, true>();
      let last: number[] = [];
      for (const key of keys) {
        entries.delete(key);
        entries.set(key, true);
        last = [...last.filter((each) => each !== key), key];
        dropOldest(entries, most);
        expect(entries.size).toBeLessThanOrEqual(most);
        expect(entries.size).toBeGreaterThanOrEqual(Math.min(last.length, most - Math.floor(most / 8)));
        expect([...entries.keys()]).toEqual(last.slice(-entries.size));
      }
    }),
  );
});

test('nothing from the first on that is not to go is dropped', () => {
  const entries = new Map([1, 2, 3, 4, 5].map((key) => [key, key]));
  dropOldest(entries, 2, (value) => value !== 3);
  expect([...entries.keys()]).toEqual([3, 4, 5]);
});
