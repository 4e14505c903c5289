import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { stallTimeoutMs } from '../../../../src/core/limits/connections.ts';
import { rateSilenceMs } from '../../../../src/core/limits/pipelining.ts';
import type { Problem } from '../../../../src/core/result.ts';
import { StallWatch } from '../../../../src/workers/jobs/fetch/stall-watch.ts';

describe('what watches that something comes', () => {
  let ended: Problem[];
  let isDue: boolean;
  let changes: number;
  let end: () => void;
  let watch: StallWatch;

  beforeEach(() => {
    jest.useFakeTimers({ now: 1_000_000 });
    [ended, isDue, changes] = [[], true, 0];
    const over = Promise.withResolvers<Problem>();
    end = () => over.resolve({ code: 'closed', message: '' });
    const connection = { ended: over.promise, end: (problem: Problem) => void ended.push(problem) };
    watch = new StallWatch(connection, { isDue: () => isDue, changed: () => void changes++ });
  });
  afterEach(() => void jest.useRealTimers());

  test('says after a while when the connection is given up, and gives it up then', () => {
    jest.advanceTimersByTime(rateSilenceMs - 1);
    expect([watch.stallsAtMs, changes]).toEqual([undefined, 0]);
    jest.advanceTimersByTime(1_001);
    expect([watch.stallsAtMs, changes]).toEqual([1_000_000 + stallTimeoutMs, 1]);
    jest.advanceTimersByTime(stallTimeoutMs - rateSilenceMs - 2_000);
    expect([ended.length, changes]).toEqual([0, 1]);
    jest.advanceTimersByTime(1_000);
    expect(ended).toEqual([{ code: 'timeout', message: 'Nothing came for 30 s' }]);
  });

  test('takes it back at once when something comes', () => {
    jest.advanceTimersByTime(rateSilenceMs);
    expect(watch.stallsAtMs).toBeDefined();
    watch.moved();
    expect(watch.stallsAtMs).toBeUndefined();
    jest.advanceTimersByTime(1_000);
    expect([watch.stallsAtMs, changes]).toEqual([undefined, 2]);
    for (let piece = 0; piece < 100; piece++) {
      watch.moved();
      jest.advanceTimersByTime(rateSilenceMs - 1_000);
    }
    expect([ended.length, changes]).toEqual([0, 2]);
  });

  test('holds nothing against it while nothing could come', () => {
    jest.advanceTimersByTime(rateSilenceMs);
    isDue = false;
    jest.advanceTimersByTime(10 * stallTimeoutMs);
    expect([watch.stallsAtMs, ended.length]).toEqual([undefined, 0]);
    isDue = true;
    watch.begin();
    jest.advanceTimersByTime(rateSilenceMs - 1_000);
    expect([watch.stallsAtMs, ended.length]).toEqual([undefined, 0]);
  });

  test('ends with the connection', async () => {
    end();
    await Promise.resolve();
    jest.advanceTimersByTime(10 * stallTimeoutMs);
    expect([ended.length, changes, jest.getTimerCount()]).toEqual([0, 0, 0]);
  });
});
