import { expect, test } from '@jest/globals';
import { TrackerRetries } from '../../../src/actors/peer/tracker-retries.ts';
import { quickRetryMs, stableConnectionMs, trackerBackoff } from '../../../src/core/limits.ts';

const almostOne = (): number => 0.999_999;

test('attempts that fail are spread wider and wider, up to the cap, for ever', () => {
  const retries = new TrackerRetries(almostOne);
  const waits = Array.from({ length: 50 }, () => Math.ceil(retries.afterLossMs(undefined)));
  expect(waits.slice(0, 4)).toEqual([1_000, 2_000, 4_000, 8_000].map((ms) => expect.closeTo(ms, -1)));
  expect(Math.max(...waits)).toBeLessThanOrEqual(trackerBackoff.maxMs);
});

test('a good connection that ends is followed by an attempt almost at once, a bad one is not', () => {
  const retries = new TrackerRetries(almostOne);
  for (let failure = 0; failure < 9; failure++) retries.afterLossMs(undefined);
  expect(retries.afterLossMs(stableConnectionMs - 1)).toBeGreaterThan(quickRetryMs);
  expect(retries.afterLossMs(stableConnectionMs)).toBeLessThanOrEqual(quickRetryMs);
  expect(retries.afterLossMs(undefined)).toBeLessThanOrEqual(trackerBackoff.baseMs);
});

test('a refusal is not hammered', () => {
  expect(new TrackerRetries(() => 0).afterRefusalMs()).toBeGreaterThan(30_000);
});
