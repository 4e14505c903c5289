/** Leaving the screen and coming back, and what a terminal is left as when a thread of the program dies. */
import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { freePort } from '../helpers/free-port.ts';
import { liftLimit } from '../helpers/lift-limit.ts';
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
const pids: number[] = [];

beforeEach(async () => {
  neighbourhood = await Neighbourhood.open();
});

afterEach(async () => {
  for (const pid of pids.splice(0)) if (isAlive(pid)) process.kill(pid, 'SIGKILL');
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

interface Profile {
  readonly home: string;
  readonly out: string;
  /** The program on a terminal, as this profile. */
  readonly run: (args: readonly string[], env?: Readonly<Record<string, string>>) => Promise<TerminalProgram>;
}

async function profile(tracker = neighbourhood.address): Promise<Profile> {
  const [home, out] = [await neighbourhood.folder('home'), await neighbourhood.folder('out')];
  const flags = ['--name', 'carol', '--home', home, '--tracker', tracker];
  return {
    home,
    out,
    run: ([command = 'peer', ...args], env = {}) =>
      neighbourhood.terminal([command, ...flags, ...args], { columns: 110, rows: 30, env }),
  };
}

describe('a peer whose screen is left', () => {
  test(
    'goes on in the background with its downloads, and the screen comes back to them',
    async () => {
      const bytes = randomBytes(3 * MiB);
      await neighbourhood.sharing('alice', { 'Migration of Herring.mp4': bytes });
      const { home, out, run } = await profile();
      const own = ['--share', out, '--downloads', out, '--embedded-tracker', 'off'];
      const first = await run(['peer', ...own]);
      await first.waitFor(/tracker ok/);
      // Not there before all this is over, however slow the machine is.
      const adding = await run(['add', '--limit-rate', '10K', 'Migration of Herring.mp4']);
      await adding.waitFor('Added Migration of Herring.mp4');
      await adding.ended();
      await first.waitFor('2 Transfers 1');
      first.press('2');
      await first.waitFor(/Migration of H.*%/);
      first.press('q');
      await first.waitFor('Quit?');
      first.press('b');
      expect(await first.ended()).toEqual({ code: 0, ...clean });
      const pid = Number(/in the background: process (\d+)/.exec(first.text)?.[1]);
      pids.push(pid);
      expect(isAlive(pid)).toBe(true);

      const second = await run(['peer', ...own, '--port', '9']);
      await second.waitFor('2 Transfers 1');
      second.press('2');
      await second.waitFor(/Migration of H.*%/);
      second.press('q');
      await second.waitFor('Quit?');
      second.press('b');
      const end = await second.ended();
      expect(end).toEqual({ code: 0, ...clean });
      expect(second.text).toContain(`runs already, as process ${pid}`);
      expect(second.text).toContain('not heeded: --port 9');
      expect(second.text).toContain('goes on in the background');

      const stopping = await run(['stop', '--when-done']);
      expect(await stopping.ended()).toMatchObject({ code: 0 });
      const third = await run(['attach', '--no-tui']);
      await third.waitFor(/carol/);
      await liftLimit(home);
      await third.waitFor('The peer has stopped.');
      expect(await third.ended()).toMatchObject({ code: 0 });
      await until('its process is gone', () => !isAlive(pid));
      expect(bytes.equals(await readFile(path.join(out, 'Migration of Herring.mp4')))).toBe(true);
    },
    limitMs,
  );
});

describe('a thread of the program that dies', () => {
  test(
    'as the engine does ends it with 70 and why, and leaves the terminal as it was',
    async () => {
      const { out, run } = await profile();
      const { env, die } = await mortal('engine');
      const terminal = await run(
        ['peer', '--share', out, '--downloads', out, '--embedded-tracker', 'off'],
        env,
      );
      await terminal.waitFor(/tracker ok/);
      expect(terminal.emulator.alternate).toBe(true);
      await die();
      expect(await terminal.ended()).toEqual({ code: 70, ...clean });
      expect(terminal.text).toContain('The engine’s thread died: it was told to');
    },
    limitMs,
  );

  test(
    'as a tracker in it does ends it with 70 and why, and leaves the terminal as it was',
    async () => {
      const { out, run } = await profile(`127.0.0.1:${await freePort()}`);
      const { env, die } = await mortal('tracker');
      const terminal = await run(
        ['peer', '--share', out, '--downloads', out, '--embedded-tracker', 'on'],
        env,
      );
      await terminal.waitFor(/tracker ok/);
      await die();
      expect(await terminal.ended()).toEqual({ code: 70, ...clean });
      expect(terminal.text).toContain('the tracker in this process has stopped by itself');
    },
    limitMs,
  );
});

/** Has the thread of this name die when it is told to. */
async function mortal(
  thread: string,
): Promise<{ readonly env: Readonly<Record<string, string>>; readonly die: () => Promise<void> }> {
  const folder = await neighbourhood.folder('module');
  const [file, order] = [path.join(folder, 'mortal.mjs'), path.join(folder, 'die')];
  await writeFile(
    file,
    `import { existsSync } from 'node:fs';
     import { threadName } from 'node:worker_threads';
     if (threadName === ${JSON.stringify(thread)})
       setInterval(() => {
         if (existsSync(${JSON.stringify(order)})) throw new Error('it was told to');
       }, 20).unref();`,
  );
  return { env: { NODE_OPTIONS: `--import=${file}` }, die: () => writeFile(order, '') };
}
