import { describe } from '@jest/globals';
import type { EngineSnapshot, LogLine } from '../../../src/core/engine/engine-api.ts';
import { downloadView, trackerView, uploadView } from '../../helpers/views.ts';
import { goldenScreens, goldenWallMs } from '../screens/golden.ts';

const gibi = 1024 ** 3;
const line = (seconds: number, level: LogLine['level'], source: string, text: string): LogLine => ({
  atMs: goldenWallMs - 60_000 + seconds * 1000,
  level,
  source,
  text,
});

/** One wherever the test is run. */
const midnightMs = new Date(1970, 0, 1).getTime();

const snapshot: Partial<EngineSnapshot> = {
  startedMs: goldenWallMs - 4 * 86_400_000 - 7_200_000,
  trackers: [trackerView({ peers: 41, latencyMs: 12 })],
  disk: { folder: '/out', freeBytes: 212 * gibi },
  downloads: [
    downloadView({
      name: 'debian-13.1-amd64-dvd.iso',
      sizeBytes: 4 * gibi,
      doneBytes: 2.5 * gibi,
      addedMs: midnightMs,
    }),
    downloadView({ transfer: 2, name: '日本語ファイル名-第01巻.epub', queueIndex: 2, sizeBytes: 50_000_000 }),
    downloadView({ transfer: 3, name: 'photo\u202egpj.exe', queueIndex: 3, state: 'waiting' }),
    downloadView({ transfer: 4, name: 'talk.webm', queueIndex: 4, state: 'queued', sizeBytes: gibi }),
    downloadView({ transfer: 5, name: 'more.bin', queueIndex: 5, state: 'queued', sizeBytes: gibi }),
  ],
  uploads: [uploadView({ sinceMs: midnightMs })],
  log: [
    line(0, 'info', 'listener', 'Listening at 127.0.0.1:4001'),
    line(2, 'warn', 'download 3', 'crane: no answer, tried again in 42 s'),
    line(3, 'debug', 'tracker', 'asked for sources'),
    line(5, 'error', 'download 3', 'No source has it now'),
  ],
};

describe('what lies over a screen', () => {
  goldenScreens({
    name: 'help',
    scene: { snapshot },
    shows: /filter:/,
    play: ({ press }) => press('Alt+2', '?'),
  });
  goldenScreens({
    name: 'help-filtered',
    scene: { snapshot },
    shows: /priority/,
    play: ({ press, type }) => {
      press('Alt+2', '?');
      type('prio');
    },
  });
  goldenScreens({
    name: 'quit',
    scene: { snapshot },
    shows: /Stay/,
    play: ({ press }) => press('Alt+2', 'q'),
  });
  goldenScreens({
    name: 'limits',
    scene: { snapshot },
    shows: /Set {2}/,
    play: ({ press, type }) => {
      press('Alt+2', 'B');
      type('quick');
      press('Tab', 'Tab', 'Tab', 'Tab', 'Enter');
    },
  });
  goldenScreens({
    name: 'sort-menu',
    scene: { snapshot },
    shows: /Sort by/,
    play: ({ press }) => press('Alt+2', 's', 'Down'),
  });
  goldenScreens({
    name: 'filter',
    scene: { snapshot },
    shows: /debian/,
    play: ({ press, type }) => {
      press('Alt+2', 'f');
      type('deb');
    },
  });
});

describe('the log', () => {
  goldenScreens({
    name: 'log',
    scene: { snapshot },
    shows: /Listening/,
    play: ({ press }) => press('Alt+5'),
  });
  goldenScreens({
    name: 'log-debug',
    scene: { snapshot },
    shows: /asked for sources/,
    play: ({ press }) => press('Alt+5', 'l'),
  });
  goldenScreens({
    name: 'messages',
    scene: { snapshot },
    shows: /film\.mkv is here/,
    play: ({ controller, press }) => {
      controller.perform([
        { type: 'toast', level: 'info', text: 'film.mkv is here, verified' },
        { type: 'toast', level: 'warning', text: 'Nobody answers' },
        { type: 'toast', level: 'warning', text: 'Nobody answers' },
        { type: 'toast', level: 'error', text: 'The disk is full' },
      ]);
      press('Alt+5', '!');
    },
  });
});
