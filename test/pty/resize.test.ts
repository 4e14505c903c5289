/** Sizes of windows: any, at any time. */
import { isDeepStrictEqual } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { downloadView, engineSnapshot, trackerView } from '../helpers/views.ts';
import { Neighbourhood } from './neighbourhood.ts';
import { ScriptedEngine } from './scripted-engine.ts';

const limitMs = 180_000;

let neighbourhood: Neighbourhood;
let engine: ScriptedEngine;

beforeEach(async () => {
  neighbourhood = new Neighbourhood();
  engine = await ScriptedEngine.open(await neighbourhood.folder('home'), {
    snapshot: engineSnapshot({
      trackers: [trackerView({ peers: 3 })],
      startedMs: Date.now(),
      downloads: Array.from({ length: 200 }, (_, at) =>
        downloadView({
          transfer: at + 1,
          name: at % 3 === 0 ? `鯨の歌 ${at}.flac` : `Migration of herring ${at}.mkv`,
          state: 'queued',
          queueIndex: at + 1,
          sizeBytes: 1e9 + at * 1e7,
          doneBytes: at * 1e6,
        }),
      ),
    }),
  });
});

afterEach(async () => {
  await engine.close();
  await neighbourhood.clear();
});

describe('a window that is resized', () => {
  test(
    'two hundred times in a row shows in the end what a fresh screen of its size shows',
    async () => {
      const resized = await neighbourhood.terminal(engine.attach, { columns: 80, rows: 24 });
      await resized.waitFor('2 Transfers 200');
      resized.press('2');
      await resized.waitFor('Migration of herring 1.mkv');
      for (let at = 0; at < 200; at++) resized.resize(1 + ((at * 67) % 211), 1 + ((at * 29) % 73));
      resized.resize(97, 31);
      const fresh = await neighbourhood.terminal(engine.attach, { columns: 97, rows: 31 });
      await fresh.waitFor('2 Transfers 200');
      fresh.press('2');
      await fresh.waitFor('Migration of herring 1.mkv');
      const looks = (terminal: typeof fresh): readonly unknown[] =>
        terminal.lines.map((_, row) => terminal.emulator.styled(row));
      // Either may be in the middle of a frame.
      const areAlike = (): boolean => isDeepStrictEqual(looks(resized), looks(fresh));
      await resized.waitFor(areAlike, `this screen:\n${fresh.text}\n`);
      // And goes on from there.
      resized.press('j');
      fresh.press('j');
      await resized.waitFor(/^> .*herring 1\.mkv/m);
      await fresh.waitFor(/^> .*herring 1\.mkv/m);
      await resized.waitFor(areAlike, `this screen:\n${fresh.text}\n`);
    },
    limitMs,
  );

  test.each([
    [20, 3, /↓/],
    [59, 14, /Results|Downloads/],
    [1, 1, /…|↓/],
    [300, 90, /Search/],
  ])(
    'may be %i by %i: it is drawn, and keys work',
    async (columns, rows, shown) => {
      const terminal = await neighbourhood.terminal(engine.attach, { columns, rows });
      await terminal.waitFor(shown);
      expect(terminal.emulator.alternate).toBe(true);
      // What has no room there is seen where there is some.
      terminal.resize(60, 20);
      await terminal.waitFor('2 Transfers 200');
      terminal.resize(columns, rows);
      terminal.press('2');
      terminal.press('j');
      terminal.resize(60, 20);
      await terminal.waitFor(/^> .*ng 1\.mkv/m);
      terminal.resize(columns, rows);
      await terminal.waitFor(shown);
      terminal.resize(60, 20);
      terminal.press('ctrl-c');
      terminal.press('ctrl-c');
      expect(await terminal.ended()).toMatchObject({ code: 0, settingsKept: true, alternate: false });
    },
    limitMs,
  );
});
