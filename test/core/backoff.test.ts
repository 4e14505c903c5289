import { describe, expect, test } from '@jest/globals';
import { fullJitterMs, jitteredMs } from '../../src/core/backoff.ts';
import * as fc from '../helpers/properties.ts';

const spec = { baseMs: 1_000, maxMs: 60_000 };

describe('full jitter', () => {
  test('the ceiling doubles with each failure and stops at the cap', () => {
    const ceilings = [1, 2, 3, 6, 7, 1_000].map((failures) => fullJitterMs(spec, failures, () => 0.9999999));
    expect(ceilings.map((ms) => Math.round(ms / 1_000))).toEqual([1, 2, 4, 32, 60, 60]);
  });

  test('any wait lies between nothing and the cap', () => {
    fc.assert(
      fc.property(fc.nat(), fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (failures, r) => {
        const ms = fullJitterMs(spec, failures, () => r);
        return Number.isInteger(ms) && ms >= 0 && ms <= spec.maxMs;
      }),
    );
  });
});

test('a jittered interval stays within its fraction', () => {
  expect(jitteredMs(30_000, 0.15, () => 0)).toBe(25_500);
  expect(jitteredMs(30_000, 0.15, () => 0.5)).toBe(30_000);
  expect(jitteredMs(30_000, 0.15, () => 0.9999999)).toBe(34_500);
});
