import { expect, test } from '@jest/globals';
import { Allowance } from '../../../src/core/tracker/allowance.ts';
import * as fc from '../../helpers/properties.ts';

const take = (bucket: Allowance, nowMs: number, times: number) =>
  Array.from({ length: times }, () => bucket.take(nowMs)).filter(Boolean).length;

test('a burst is served at once, then one token per interval', () => {
  const bucket = new Allowance({ perSecond: 2, burst: 5 }, 1_000);
  expect(take(bucket, 1_000, 10)).toBe(5);
  expect(take(bucket, 1_499, 1)).toBe(0);
  expect(take(bucket, 1_500, 2)).toBe(1);
});

test('a long rest refills to the burst and no further', () => {
  const bucket = new Allowance({ perSecond: 2, burst: 5 }, 0);
  take(bucket, 0, 5);
  expect(take(bucket, 1e9, 10)).toBe(5);
});

test('a clock that goes back gives nothing', () => {
  const bucket = new Allowance({ perSecond: 1, burst: 1 }, 10_000);
  expect(bucket.take(10_000)).toBe(true);
  expect(bucket.take(0)).toBe(false);
  expect(bucket.take(10_999)).toBe(false);
  expect(bucket.take(11_000)).toBe(true);
});

test('says how long to wait, and that is enough', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 50 }),
      fc.integer({ min: 1, max: 30 }),
      fc.nat(30),
      (rate, burst, cost) => {
        const bucket = new Allowance({ perSecond: rate, burst }, 0);
        take(bucket, 0, burst);
        const waitMs = bucket.waitMs(0, cost);
        expect(Number.isSafeInteger(waitMs)).toBe(true);
        if (waitMs > 1) expect(bucket.take(waitMs - 1, cost)).toBe(false);
        expect(bucket.take(waitMs, cost)).toBe(true);
      },
    ),
  );
});

test('what costs more than the burst costs all of it', () => {
  const bucket = new Allowance({ perSecond: 1, burst: 2 }, 0);
  expect([bucket.take(0, 5), bucket.take(1_999, 5), bucket.take(2_000, 5)]).toEqual([true, false, true]);
});
