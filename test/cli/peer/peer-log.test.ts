import { expect, jest, test } from '@jest/globals';
import { trackerTrouble, TrackerTroubles } from '../../../src/cli/tracker/tracker-trouble.ts';
import { Output } from '../../../src/cli/output.ts';
import { PeerLog } from '../../../src/cli/peer/peer-log.ts';
import type { DownloadView, TrackerView } from '../../../src/core/engine/engine-api.ts';
import { waitLineEveryMs } from '../../../src/core/limits/cli.ts';
import { formatClock } from '../../../src/tui/text/numbers.ts';
import { downloadView } from '../../helpers/views.ts';
import { FakeStream } from '../fakes.ts';

test('why a download waits is said once, however often it is tried, and again when it has come to wait anew', () => {
  const stdout = new FakeStream();
  const about = { name: 'alice', shares: [], downloads: '/out' };
  let nowMs = 0;
  const log = new PeerLog(new Output(stdout, new FakeStream(), false), about, false, () => nowMs);
  const tell = (changes: Partial<DownloadView>): void =>
    log.receive({ type: 'download', download: downloadView({ name: 'film.mkv', ...changes }) });
  const waiting = (message: string): void =>
    tell({ state: 'waiting', problem: { code: 'unreachable', message } });
  for (let attempt = 0; attempt < 3; attempt++) {
    tell({ state: 'finding' });
    waiting('nobody who has it is online');
  }
  nowMs += waitLineEveryMs;
  waiting('the disk is full');
  tell({ state: 'downloading' });
  nowMs += waitLineEveryMs;
  waiting('the disk is full');
  tell({ state: 'done', path: '/out/film.mkv' });
  expect(stdout.lines).toEqual([
    'film.mkv waits: nobody who has it is online',
    'film.mkv waits: the disk is full',
    'Getting film.mkv',
    'film.mkv waits: the disk is full',
    'Got film.mkv, verified',
  ]);
});

test('a download that was taken out of the queue is told of no more', () => {
  jest.useFakeTimers({ now: 0 });
  const stdout = new FakeStream();
  const about = { name: 'alice', shares: [], downloads: '/out' };
  const log = new PeerLog(new Output(stdout, new FakeStream(), false), about, false, () => Date.now());
  const download = downloadView({ state: 'waiting', queuePosition: 2 });
  log.receive({ type: 'download', download });
  log.receive({ type: 'download', download: { ...download, queuePosition: 1 } });
  log.receive({ type: 'removed', transfers: [download.transfer] });
  jest.advanceTimersByTime(2 * waitLineEveryMs);
  jest.useRealTimers();
  expect(stdout.lines).toHaveLength(1);
});

test('why a download waits comes with its place in a queue and the time of the next attempt', () => {
  const stdout = new FakeStream();
  const about = { name: 'alice', shares: [], downloads: '/out' };
  const log = new PeerLog(new Output(stdout, new FakeStream(), false), about, false);
  const problem = { code: 'busy', message: 'All sources are busy' } as const;
  const download = downloadView({ state: 'waiting', problem, queuePosition: 3, nextAttemptMs: 86_400_000 });
  log.receive({ type: 'download', download });
  expect(stdout.lines).toEqual([
    `file-1 waits: All sources are busy, place 3 in the queue, next attempt at ${formatClock(86_400_000, true)}`,
  ]);
});

test('what is wrong with a tracker names its address once', () => {
  const tracker = { host: '::1', port: 5000 };
  expect(trackerTrouble(tracker, 'it is full')).toBe('Tracker [::1]:5000: it is full');
  const gone = 'The tracker at [::1]:5000 is gone';
  expect(trackerTrouble(tracker, gone)).toBe(gone);
});

test('what a tracker finds wrong with the share is told once, however often the link to it is made anew', () => {
  const stderr = new FakeStream();
  const output = new Output(new FakeStream(), stderr, false);
  const troubles = new TrackerTroubles();
  const tell = (state: TrackerView['state'], message?: string): void => {
    const problem = message === undefined ? undefined : ({ code: 'limit', message } as const);
    const unknown = { id: undefined, latencyMs: undefined, peers: undefined, reach: undefined };
    const tracker = { host: '::1', port: 5000, state, files: 0, nextAttemptMs: undefined, problem };
    troubles.receive({ ...unknown, ...tracker }, output);
  };
  for (let link = 0; link < 2; link++) {
    tell('connecting');
    tell('registered', 'too many files');
    tell('waiting', 'no answer');
    tell('waiting', 'no answer');
  }
  tell('registered');
  tell('registered', 'too many files');
  expect(stderr.lines.map((line) => line.replace('Tracker [::1]:5000: ', ''))).toEqual([
    'too many files',
    'no answer',
    'no answer',
    'too many files',
  ]);
});
