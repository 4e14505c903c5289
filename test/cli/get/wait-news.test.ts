import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { LinesReporter } from '../../../src/cli/get/get-reporters.ts';
import { Output } from '../../../src/cli/output.ts';
import { WaitNews } from '../../../src/cli/get/wait-news.ts';
import type { DownloadView } from '../../../src/core/engine/engine-api.ts';
import { plainProgressEveryMs, waitLineEveryMs } from '../../../src/core/limits/cli.ts';
import { downloadView } from '../../helpers/views.ts';
import { FakeStream } from '../fakes.ts';

beforeEach(() => void jest.useFakeTimers({ now: 0 }));
afterEach(() => void jest.useRealTimers());

const now = (): number => Date.now();
const busy = { code: 'busy', message: 'All sources are busy' } as const;
const at = (queuePosition: number, problem: DownloadView['problem'] = busy): DownloadView =>
  downloadView({ state: 'waiting', problem, queuePosition });

function watched(): { readonly news: WaitNews<number>; readonly told: (number | undefined)[] } {
  const told: (number | undefined)[] = [];
  return { news: new WaitNews(now, ({ queuePosition }) => told.push(queuePosition)), told };
}

test('a wait is told at once, and again for another place when it is time, the last one only', () => {
  const { news, told } = watched();
  news.waits(1, at(4));
  news.waits(1, at(3));
  news.waits(1, at(2));
  expect(told).toEqual([4]);
  jest.advanceTimersByTime(waitLineEveryMs - 1);
  expect(told).toEqual([4]);
  jest.advanceTimersByTime(1);
  expect(told).toEqual([4, 2]);
  jest.advanceTimersByTime(10 * waitLineEveryMs);
  news.waits(1, at(2));
  expect(told).toEqual([4, 2]);
});

test('a wait that is over before it was its turn is not told', () => {
  const { news, told } = watched();
  for (const end of ['goesOn', 'ended', 'close'] as const) {
    news.waits(1, at(4));
    news.waits(1, at(3));
    news[end](1);
    jest.advanceTimersByTime(10 * waitLineEveryMs);
    news.ended(1);
  }
  expect(told).toEqual([4, 4, 4]);
});

test('the same wait is news again only after it has gone on for a while', () => {
  const { news, told } = watched();
  for (let round = 0; round < 10; round++) {
    news.waits(1, at(3));
    jest.advanceTimersByTime(waitLineEveryMs / 2);
    news.goesOn(1);
    news.goesOn(1);
    jest.advanceTimersByTime(waitLineEveryMs - 1);
  }
  expect(told).toEqual([3]);
  news.goesOn(1);
  jest.advanceTimersByTime(1);
  news.waits(1, at(3));
  expect(told).toEqual([3, 3]);
});

test('the lines of a download that goes on and waits by turns are few, and one of each place', () => {
  const stdout = new FakeStream();
  const reporter = new LinesReporter(new Output(stdout, new FakeStream(), false), now, '/out');
  for (let ms = 0; ms < 60_000; ms += 200) {
    const view = ms % 400 === 0 ? at(3) : downloadView({ state: 'downloading' });
    reporter.progress({ file: undefined, view, bytesPerSecond: 1e6 });
    jest.advanceTimersByTime(200);
  }
  const waits = stdout.lines.filter((line) => line.includes('waiting: All sources are busy'));
  expect(waits).toHaveLength(1);
  expect(stdout.lines.length).toBeLessThanOrEqual(2 + 60_000 / plainProgressEveryMs);
});
