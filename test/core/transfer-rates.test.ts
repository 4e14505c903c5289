import { describe, expect, test } from '@jest/globals';
import { maxPipelineBytes, minPipelineBytes, pipelineSeconds } from '../../src/core/limits.ts';
import { Pipeline } from '../../src/core/pipeline.ts';
import { RateMeter } from '../../src/core/rate-meter.ts';

describe('a rate meter', () => {
  test('tells a steady speed from the first second on', () => {
    const meter = new RateMeter(0);
    for (let ms = 10; ms <= 10_000; ms += 10) {
      meter.add(1000, ms);
      if (ms >= 500) expect(meter.bytesPerSecond(ms) / 100_000).toBeCloseTo(1, 1);
    }
  });

  test('falls towards nothing when nothing comes', () => {
    const meter = new RateMeter(0);
    meter.add(1_000_000, 1000);
    expect(meter.bytesPerSecond(60_000)).toBeLessThan(1);
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
