import { expect, test } from '@jest/globals';
import { trackerTrouble } from '../../src/cli/tracker-trouble.ts';
import { Output } from '../../src/cli/output.ts';
import { PeerLog } from '../../src/cli/peer-log.ts';
import type { DownloadView } from '../../src/core/engine-api.ts';
import { downloadView } from '../helpers/views.ts';
import { FakeStream } from './fakes.ts';

test('why a download waits is said once, however often it is tried, and again when it has come to wait anew', () => {
  const stdout = new FakeStream();
  const about = { name: 'alice', shares: [], downloads: '/out' };
  const log = new PeerLog(new Output(stdout, new FakeStream(), false), about, false);
  const tell = (changes: Partial<DownloadView>): void =>
    log.receive({ type: 'download', download: downloadView({ name: 'film.mkv', ...changes }) });
  const waiting = (message: string): void =>
    tell({ state: 'waiting', problem: { code: 'unreachable', message } });
  for (let attempt = 0; attempt < 3; attempt++) {
    tell({ state: 'finding' });
    waiting('nobody who has it is online');
  }
  waiting('the disk is full');
  tell({ state: 'downloading' });
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

test('what is wrong with a tracker names its address once', () => {
  const tracker = { host: '::1', port: 5000 };
  expect(trackerTrouble(tracker, 'it is full')).toBe('Tracker [::1]:5000: it is full');
  const gone = 'The tracker at [::1]:5000 is gone';
  expect(trackerTrouble(tracker, gone)).toBe(gone);
});
