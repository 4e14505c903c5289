import { expect, test } from '@jest/globals';
import { afterBusyMs, TrackerRetries } from '../../../../src/actors/peer/trackers/tracker-retries.ts';
import {
  comeBackBackoff,
  maxComeBackAttempts,
  maxRedirectMs,
  maxRetryAfterMs,
  moveSpreadMs,
  quickRetryMs,
  stableConnectionMs,
  trackerBackoff,
} from '../../../../src/core/limits/tracker-link.ts';

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

test('a tracker that said it comes back is tried often, then as any other that is gone', () => {
  const retries = new TrackerRetries(almostOne);
  expect(retries.beforeComingBackMs(3_000)).toBeCloseTo(3_000, -1);
  expect(retries.beforeComingBackMs(1e9)).toBeLessThanOrEqual(maxRedirectMs);
  const waits = Array.from({ length: maxComeBackAttempts + 20 }, () => retries.afterLossMs(undefined));
  expect(Math.max(...waits.slice(0, maxComeBackAttempts))).toBeLessThanOrEqual(comeBackBackoff.maxMs);
  expect(waits.at(-1)).toBeGreaterThan(comeBackBackoff.maxMs);
});

test('those who lose one of several trackers spread over some seconds', () => {
  expect(new TrackerRetries(almostOne).beforeMovingMs()).toBeCloseTo(moveSpreadMs, -1);
  expect(new TrackerRetries(() => 0).beforeMovingMs()).toBe(0);
  expect(new TrackerRetries(almostOne).beforeRedirectMs(1e9)).toBeLessThanOrEqual(maxRedirectMs);
});

test('being sent elsewhere does not make up for attempts that failed', () => {
  const retries = new TrackerRetries(almostOne);
  const waits = Array.from({ length: 5 }, () => {
    retries.beforeRedirectMs(0);
    return retries.afterLossMs(undefined);
  });
  expect(waits).toEqual(waits.toSorted((one, other) => one - other));
  expect(waits.at(-1)).toBeGreaterThan(8 * (waits[0] ?? 0));
});

test('a tracker that is busy is not asked again before it said, nor by all in one instant, nor never', () => {
  expect(afterBusyMs(2_000, () => 0)).toBe(2_000);
  expect(afterBusyMs(2_000, almostOne)).toBeCloseTo(3_000, -1);
  expect(afterBusyMs(0xffff_ffff, almostOne)).toBeLessThanOrEqual(1.5 * maxRetryAfterMs);
  expect(afterBusyMs(undefined, () => 0)).toBeGreaterThan(0);
});
