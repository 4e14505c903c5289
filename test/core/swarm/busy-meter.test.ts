import { describe, expect, test } from '@jest/globals';
import { BusyMeter } from '../../../src/core/swarm/busy-meter.ts';

const MiB = 1024 * 1024;

describe('the speed of a source', () => {
  test('is what it delivers while it has something to do', () => {
    const meter = new BusyMeter(0);
    let now = 0;
    for (let turn = 0; turn < 20; turn++) {
      meter.set(true, now);
      now += 100;
      meter.add(MiB, now);
      meter.set(false, now);
      now += 5_000;
    }
    expect(meter.bytesPerSecond(now) / MiB).toBeCloseTo(10, 0);
  });

  test('comes to nothing when it delivers nothing though it should', () => {
    const meter = new BusyMeter(0);
    meter.set(true, 0);
    meter.add(MiB, 100);
    const before = meter.bytesPerSecond(100);
    expect(meter.bytesPerSecond(20_000)).toBeLessThan(before / 100);
  });
});
