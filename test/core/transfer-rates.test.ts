import { describe, expect, test } from '@jest/globals';
import {
  maxPipelineBytes,
  minPipelineBytes,
  pipelineSeconds,
  rateSilenceMs,
  rateWindowMs,
} from '../../src/core/limits/pipelining.ts';
import { Pipeline } from '../../src/core/swarm/pipeline.ts';
import { RateMeter } from '../../src/core/rates/rate-meter.ts';
import * as fc from '../helpers/properties.ts';

describe('a rate meter', () => {
  test('tells a steady speed from the first second on', () => {
    const meter = new RateMeter(0);
    for (let ms = 10; ms <= 10_000; ms += 10) {
      meter.add(1000, ms);
      if (ms >= 500) expect(meter.bytesPerSecond(ms) / 100_000).toBeCloseTo(1, 1);
    }
  });

  test.each([
    // How often it is told, and how much: a view of a slow one comes as a piece does, of a fast one a few times a second.
    { everyMs: 40, bytes: 40_000 },
    { everyMs: 200, bytes: 200_000 },
    { everyMs: 500, bytes: 10_000 },
    { everyMs: 3_200, bytes: 65_536 },
    { everyMs: 5_000, bytes: 100_000 },
  ])('reads neither too high nor too low when told of $bytes bytes every $everyMs ms', (told) => {
    const meter = new RateMeter(0);
    const truth = (told.bytes * 1000) / told.everyMs;
    for (let ms = told.everyMs; ms <= 30_000; ms += told.everyMs) {
      meter.add(told.bytes, ms);
      // Below this age a burst would look like a speed.
      if (ms >= 50) expect(meter.bytesPerSecond(ms) / truth).toBeCloseTo(1, 6);
    }
  });

  test('does not care in which portions a steady stream is told of', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: rateSilenceMs - 1 }), { minLength: 1, maxLength: 60 }),
        fc.integer({ min: 1, max: 10_000_000 }),
        (portionsMs, bytesPerMs) => {
          const meter = new RateMeter(0);
          let nowMs = 0;
          for (const spanMs of portionsMs) {
            nowMs += spanMs;
            meter.add(bytesPerMs * spanMs, nowMs);
            if (nowMs >= 50) expect(meter.bytesPerSecond(nowMs) / (bytesPerMs * 1000)).toBeCloseTo(1, 6);
          }
        },
      ),
    );
  });

  test('stays as it is until the next portion is late, and falls then', () => {
    const meter = new RateMeter(0);
    for (let ms = 3_200; ms <= 32_000; ms += 3_200) meter.add(64_000, ms);
    for (let ms = 32_000; ms <= 36_000; ms += 500)
      expect(meter.bytesPerSecond(ms) / 20_000).toBeCloseTo(1, 6);
    expect(meter.bytesPerSecond(37_900)).toBeLessThan(15_000);
  });

  test('goes from one speed to another within a few windows', () => {
    const meter = new RateMeter(0);
    for (let ms = 200; ms <= 20_000; ms += 200) meter.add(200_000, ms);
    for (let ms = 20_200; ms <= 20_000 + 5 * rateWindowMs; ms += 200) meter.add(20_000, ms);
    expect(meter.bytesPerSecond(20_000 + 5 * rateWindowMs)).toBeLessThan(110_000);
    expect(meter.bytesPerSecond(20_000 + 5 * rateWindowMs)).toBeGreaterThan(99_000);
  });

  test('is nothing when nothing has come for long, and starts anew with what comes then', () => {
    const meter = new RateMeter(0);
    for (let ms = 100; ms <= 1_000; ms += 100) meter.add(100_000, ms);
    expect(meter.bytesPerSecond(1_000 + rateSilenceMs - 1)).toBeGreaterThan(0);
    expect(meter.bytesPerSecond(1_000 + rateSilenceMs)).toBe(0);
    meter.add(0, 60_000);
    expect(meter.bytesPerSecond(60_000)).toBe(0);
    for (let ms = 60_200; ms <= 61_000; ms += 200) meter.add(2_000, ms);
    expect(meter.bytesPerSecond(61_000) / 10_000).toBeCloseTo(1, 6);
  });

  test('takes time that runs backwards for none', () => {
    const meter = new RateMeter(1000);
    meter.add(10, 0);
    expect(Number.isFinite(meter.bytesPerSecond(0))).toBe(true);
  });
});

describe('a pipeline', () => {
  test('starts small, grows to some seconds of the speed, and stops at its bound', () => {
    const pipeline = new Pipeline(0);
    expect(pipeline.windowBytes(0)).toBe(minPipelineBytes);
    for (let ms = 10; ms <= 5000; ms += 10) pipeline.came(20_000, ms);
    expect(pipeline.windowBytes(5000) / (pipelineSeconds * 2_000_000)).toBeCloseTo(1, 1);
    for (let ms = 5010; ms <= 9000; ms += 10) pipeline.came(20_000_000, ms);
    expect(pipeline.windowBytes(9000)).toBe(maxPipelineBytes);
  });

  test('has room for what is not outstanding', () => {
    const pipeline = new Pipeline(0);
    pipeline.asked(minPipelineBytes - 10);
    expect(pipeline.roomBytes(0)).toBe(10);
    pipeline.settled(100);
    expect(pipeline.roomBytes(0)).toBe(110);
  });
});
