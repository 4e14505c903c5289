/** Terminals that are less than others: without colour, without a screen, without Unicode, or none at all. */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { connectEngine } from '../../src/engine/connect-engine.ts';
import { liftLimit } from '../helpers/lift-limit.ts';
import { until } from '../helpers/poll.ts';
import { downloadView, trackerView } from '../helpers/views.ts';
import { Neighbourhood } from './neighbourhood.ts';
import { shoal } from './program.ts';
import { ScriptedEngine } from './scripted-engine.ts';

const limitMs = 180_000;
const MiB = 1024 * 1024;
const colours = /\x1b\[(?:\d+;)*(?:[34][0-8]|9[0-7])(?:;\d+)*m/;

let neighbourhood: Neighbourhood;
let engine: ScriptedEngine;

beforeEach(async () => {
  neighbourhood = new Neighbourhood();
  engine = await ScriptedEngine.open(await neighbourhood.folder('home'), {
    snapshot: {
      name: 'carol',
      trackers: [trackerView({ peers: 3 })],
      downloads: [
        downloadView({ name: 'Migration of herring.mkv', sizeBytes: 1e9, doneBytes: 3e8 }),
        downloadView({ transfer: 2, name: 'lost.mkv', state: 'failed', queueIndex: undefined }),
      ],
    },
  });
});

afterEach(async () => {
  await engine.close();
  await neighbourhood.clear();
});

describe('a terminal', () => {
  test.each([
    ['with colours is drawn in colours', {}, true],
    ['whose user wants none (NO_COLOR) is drawn without, the cursor still seen', { NO_COLOR: '1' }, false],
  ] as const)(
    '%s',
    async (_, env, coloured) => {
      const terminal = await neighbourhood.terminal(engine.attach, { env });
      await terminal.waitFor('2 Transfers 1');
      terminal.press('2');
      await terminal.waitFor('Migration of herring.mkv');
      expect(colours.test(terminal.emulator.raw)).toBe(coloured);
      const row = terminal.lines.findIndex((line) => line.startsWith('>'));
      expect(terminal.emulator.styled(row).some(({ style }) => style.inverse === true)).toBe(true);
    },
    limitMs,
  );

  test(
    'without Unicode is drawn in ASCII',
    async () => {
      const terminal = await neighbourhood.terminal(engine.attach, { env: { LANG: 'C', LC_ALL: 'C' } });
      await terminal.waitFor('2 Transfers 1');
      for (const [key, shown] of [
        ['2', 'Migration of herring.mkv'],
        ['3', '[3 Shares'],
        ['4', '[4 Peers'],
        ['5', '[5 Log'],
        ['?', 'keys'],
      ] as const) {
        terminal.press(key);
        await terminal.waitFor(shown);
      }
      // eslint-disable-next-line no-control-regex -- all that may be written to such a terminal
      expect(terminal.emulator.raw).toMatch(/^[\x00-\x7f]*$/);
    },
    limitMs,
  );

  test(
    'that can do nothing (TERM=dumb) gets lines',
    async () => {
      const terminal = await neighbourhood.terminal(engine.attach, { env: { TERM: 'dumb' } });
      await terminal.waitFor('carol');
      engine.emit({ type: 'stopped' });
      await engine.close();
      await terminal.ended();
      expect(terminal.emulator.raw).not.toContain('\x1b');
    },
    limitMs,
  );
});

describe('no terminal at all', () => {
  test(
    'gets lines without any escape, through pipes',
    async () => {
      const program = spawn(process.execPath, [shoal, ...engine.attach], {
        stdio: ['pipe', 'pipe', 'pipe'],
        env: { PATH: process.env['PATH'], HOME: engine.home, TERM: 'xterm-256color', SHOAL_SKIP_SETUP: '1' },
      });
      let told = '';
      for (const pipe of [program.stdout, program.stderr])
        pipe.setEncoding('utf8').on('data', (text: string) => (told += text));
      const isOver = once(program, 'close');
      await until('it says how it is', () => told.includes('carol'));
      program.kill('SIGTERM');
      await isOver;
      expect(told).not.toContain('\x1b');
    },
    limitMs,
  );
});

describe('a terminal that stops to read', () => {
  test(
    'does not hold up the engine, and shows how all is when it reads again',
    async () => {
      const real = await Neighbourhood.open();
      try {
        const bytes = randomBytes(12 * MiB);
        await real.sharing('alice', { 'Migration of Herring.mp4': bytes });
        const [home, out] = [await real.folder('home'), await real.folder('out')];
        const flags = ['--name', 'carol', '--home', home, '--tracker', real.address];
        // It shares nothing, so that it need not ask before it ends.
        const own = ['--share', await real.folder('share'), '--downloads', out, '--embedded-tracker', 'off'];
        const terminal = await real.terminal(['peer', ...flags, ...own], { columns: 160, rows: 48 });
        await terminal.waitFor(/tracker ok/);
        // Not there before the terminal has stopped, however slow the machine is.
        const slow = ['--limit-rate', '256K', 'Migration of Herring.mp4'];
        const adding = await real.terminal(['add', ...flags, ...slow]);
        await adding.waitFor('Added');
        terminal.press('2');
        await terminal.waitFor(/Migration.*%/);
        terminal.stall();
        // More than any device between the two can hold.
        for (let time = 0; time < 200; time++) terminal.press('ctrl-l');
        const looking = await connectEngine(home);
        if (!looking.ok) throw new Error(looking.problem.message);
        const told: number[] = [];
        looking.value.subscribe((event) => {
          if (event.type === 'download') told.push(event.download.doneBytes);
        });
        await until('the engine goes on', () => (told.at(-1) ?? 0) - (told[0] ?? 0) >= MiB / 2);
        const { length } = terminal.emulator.raw;
        await liftLimit(home);
        await until('it has everything', () => told.at(-1) === bytes.length);
        // Nothing has been read all the while.
        expect(terminal.emulator.raw).toHaveLength(length);
        looking.value.close();
        terminal.flow();
        await terminal.waitFor('Done 1');
        terminal.press('ctrl-c');
        expect(await terminal.ended()).toMatchObject({ code: 0, settingsKept: true, alternate: false });
      } finally {
        await real.clear();
      }
    },
    limitMs,
  );
});
