import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { LiveProgress } from '../../../src/cli/get/live-progress.ts';
import { progressEveryMs } from '../../../src/core/limits/cli.ts';
import { rateSilenceMs } from '../../../src/core/limits/pipelining.ts';
import { downloadView } from '../../helpers/views.ts';

beforeEach(() => void jest.useFakeTimers({ now: 0 }));
afterEach(() => void jest.useRealTimers());

function watched(): { readonly live: LiveProgress; readonly told: [string, number][] } {
  const told: [string, number][] = [];
  const live = new LiveProgress(
    () => Date.now(),
    ({ state }, bytesPerSecond) => told.push([state, Math.round(bytesPerSecond)]),
  );
  return { live, told };
}

test('a speed that was told goes on to nothing when nothing more comes, and then no more is told', () => {
  const { live, told } = watched();
  for (let ms = 0; ms < 4_000; ms += 200) {
    jest.advanceTimersByTime(200);
    const view = downloadView({ fetchedBytes: (ms + 200) * 20 });
    live.came(view);
    live.show(view);
  }
  expect(told.at(-1)).toEqual(['downloading', 20_000]);
  told.splice(0);
  jest.advanceTimersByTime(rateSilenceMs + progressEveryMs);
  const speeds = told.map(([, speed]) => speed);
  expect(speeds).toEqual(speeds.toSorted((a, b) => b - a));
  expect(speeds.at(-1)).toBe(0);
  told.splice(0);
  jest.advanceTimersByTime(60_000);
  expect(told).toEqual([]);
});

test('the last of some views that came quickly is told once more, so that no state is passed over', () => {
  const { live, told } = watched();
  live.show(downloadView({ state: 'finding' }));
  jest.advanceTimersByTime(10);
  live.show(downloadView({ state: 'waiting' }));
  jest.advanceTimersByTime(10_000);
  expect(told.map(([state]) => state)).toEqual(['finding', 'waiting', 'waiting']);
});

test('nothing is told once it is closed', () => {
  const { live, told } = watched();
  live.show(downloadView());
  live.close();
  jest.advanceTimersByTime(10_000);
  expect(told).toHaveLength(1);
});

test('what has come is counted once', () => {
  const { live } = watched();
  expect([100, 100, 250].map((fetchedBytes) => live.came(downloadView({ fetchedBytes })))).toEqual([
    100, 0, 150,
  ]);
});
