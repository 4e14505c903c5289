import { describe, expect, test } from '@jest/globals';
import { Rate } from '../../../src/tui/model/rates.ts';
import * as fc from '../../helpers/properties.ts';

describe('a speed', () => {
  test('is right from the first bytes on, also after a long wait', () => {
    const rate = new Rate(0, 0);
    for (let ms = 500; ms <= 30_000; ms += 500) rate.update(0, ms);
    expect(rate.bytesPerSecond).toBe(0);
    rate.update(2_000, 30_500);
    expect(rate.bytesPerSecond).toBeCloseTo(4_000);
    rate.update(4_000, 31_000);
    expect(rate.bytesPerSecond).toBeCloseTo(4_000);
  });

  test('follows a change within seconds and comes to nothing when nothing comes', () => {
    const rate = new Rate(0, 0);
    let bytes = 0;
    for (let ms = 500; ms <= 20_000; ms += 500) rate.update((bytes += 500), ms);
    expect(rate.bytesPerSecond).toBeCloseTo(1_000);
    for (let ms = 20_500; ms <= 30_000; ms += 500) rate.update((bytes += 5_000), ms);
    expect(rate.bytesPerSecond).toBeGreaterThan(8_000);
    expect(rate.bytesPerSecond).toBeLessThan(10_000);
    for (let ms = 30_500; ms <= 120_000; ms += 500) rate.update(bytes, ms);
    expect(rate.bytesPerSecond).toBe(0);
  });

  test('is never below nothing or above the fastest that there was', () => {
    const steps = fc.array(fc.tuple(fc.nat(1e6), fc.integer({ min: 1, max: 5_000 })), { minLength: 1 });
    fc.assert(
      fc.property(steps, (all) => {
        const rate = new Rate(0, 0);
        let [bytes, ms, fastest] = [0, 0, 0];
        for (const [more, later] of all) {
          bytes += more;
          ms += later;
          fastest = Math.max(fastest, (more * 1_000) / later);
          rate.update(bytes, ms);
          expect(rate.bytesPerSecond).toBeGreaterThanOrEqual(0);
          expect(rate.bytesPerSecond).toBeLessThanOrEqual(fastest * 1.000_001);
        }
      }),
    );
  });

  test('is sampled once a second, and a counter that starts anew is no speed', () => {
    const rate = new Rate(0, 0);
    rate.update(1_000, 1_000);
    rate.update(3_000, 2_000);
    rate.update(100, 3_000);
    expect(rate.samples()).toEqual([1_000, 2_000, 0]);
    expect(rate.peakBytesPerSecond).toBe(2_000);
  });
});
