/** Leaving the screen while it works: the question, its answers, and coming back with `shoal attach`. */
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { keyBytes } from '../helpers/key-bytes.ts';
import { until } from '../helpers/poll.ts';
import { Neighbourhood } from './neighbourhood.ts';
import type { TerminalProgram } from './program.ts';

const limitMs = 180_000;
const MiB = 1024 * 1024;
const clean = {
  settingsKept: true,
  alternate: false,
  cursorShown: true,
  mouse: false,
  bracketedPaste: false,
};

let neighbourhood: Neighbourhood;
let background: number | undefined;

beforeEach(async () => {
  neighbourhood = await Neighbourhood.open();
});

afterEach(async () => {
  if (background !== undefined && isAlive(background)) process.kill(background, 'SIGKILL');
  background = undefined;
  await neighbourhood.clear();
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe('leaving while a download runs', () => {
  test(
    'asks first, by what is running, and is left running, found again by attach, or quit at once',
    async () => {
      // Not there before all this is over, however slow the machine is.
      const bytes = randomBytes(16 * MiB);
      await neighbourhood.sharing('alice', { 'Migration of Herring.mp4': bytes });
      const [home, out] = [await neighbourhood.folder('home'), await neighbourhood.folder('out')];
      const flags = ['--name', 'carol', '--home', home, '--tracker', neighbourhood.address];
      const run = ([command = '', ...args]: readonly string[]): Promise<TerminalProgram> =>
        neighbourhood.terminal([command, ...flags, ...args], { columns: 100, rows: 30 });
      const terminal = await run(['peer', '--downloads', out, '--share', out, '--embedded-tracker', 'off']);
      await terminal.waitFor(/tracker ok/);
      const adding = await run(['add', '--limit-rate', '64K', 'Migration of Herring.mp4']);
      await adding.waitFor('Added');
      terminal.press('2');
      await terminal.waitFor(/Migration of H.* [1-9]\d*%/);

      terminal.press('q');
      await terminal.waitFor('Quit?');
      expect(terminal.text).toContain('1 download is running');
      expect(terminal.text).toContain('Migration of Herring.mp4');
      // What is highlighted changes nothing.
      terminal.press('enter');
      await terminal.waitFor(() => !terminal.text.includes('Quit?'), 'the question to be gone');
      terminal.press('ctrl-c');
      await terminal.waitFor('Quit?');
      terminal.press('escape');
      await terminal.waitFor(() => !terminal.text.includes('Quit?'), 'the question to be gone');
      terminal.press('q');
      await terminal.waitFor('Quit?');
      terminal.press('b');
      expect(await terminal.ended()).toEqual({ code: 0, ...clean });
      background = Number(/process (\d+)/.exec(terminal.text)?.[1]);
      expect(isAlive(background)).toBe(true);

      const again = await run(['attach']);
      await again.waitFor('2 Transfers 1');
      again.press('2');
      await again.waitFor(/Migration of H.*%/);
      again.press('p');
      await again.waitFor(/paused by you/);
      again.press('p');
      await again.waitFor(/downloading|slow/);
      // Twice in a row, however slow the machine is, asks nothing; the engine that was there before goes on.
      again.type(keyBytes('ctrl-c').repeat(2));
      expect(await again.ended()).toEqual({ code: 0, ...clean });
      expect(isAlive(background)).toBe(true);

      const last = await run(['attach']);
      await last.waitFor('2 Transfers 1');
      last.press('q');
      await last.waitFor('stop the engine');
      last.press('q');
      expect(await last.ended()).toEqual({ code: 0, ...clean });
      await until('the engine is gone', () => !isAlive(background ?? 0));
    },
    limitMs,
  );
});

describe('a folder of somebody else’s share', () => {
  test(
    'is browsed and got, all of it',
    async () => {
      const files = {
        'Album/one.flac': randomBytes(300_000),
        'Album/Bonus/two.flac': randomBytes(200_000),
        'other.txt': randomBytes(100),
      };
      await neighbourhood.sharing('alice', files);
      const [home, out] = [await neighbourhood.folder('home'), await neighbourhood.folder('out')];
      const terminal = await neighbourhood.terminal(
        ['peer', '--name', 'carol', '--home', home, '--tracker', neighbourhood.address, '--downloads', out, '--embedded-tracker', 'off'],
        { columns: 100, rows: 30 },
      );
      await terminal.waitFor(/tracker ok/);
      terminal.press('4');
      await terminal.waitFor(/^> .*alice/m);
      terminal.press('b');
      await terminal.waitFor(/^> .*\n.*Album/m);
      terminal.press('j');
      await terminal.waitFor(/^> .*Album/m);
      terminal.press('right');
      await terminal.waitFor('one.flac');
      terminal.press('enter');
      await terminal.waitFor('2 Transfers');
      terminal.press('2');
      terminal.press(']');
      await terminal.waitFor('Done 1');
      const got = (file: string): Promise<Buffer> => readFile(path.join(out, file));
      expect(files['Album/one.flac'].equals(await got('Album/one.flac'))).toBe(true);
      expect(files['Album/Bonus/two.flac'].equals(await got('Album/Bonus/two.flac'))).toBe(true);
      terminal.press('ctrl-c');
      expect(await terminal.ended()).toEqual({ code: 0, ...clean });
    },
    limitMs,
  ); // prettier-ignore
});
