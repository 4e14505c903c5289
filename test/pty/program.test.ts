import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Neighbourhood } from './neighbourhood.ts';

const limitMs = 180_000;

let neighbourhood: Neighbourhood;

beforeEach(async () => {
  neighbourhood = await Neighbourhood.open();
});

afterEach(() => neighbourhood.clear());

describe('the program in a terminal', () => {
  test(
    'draws the bars of a download, and leaves the terminal as it was',
    async () => {
      await neighbourhood.sharing('alice', { 'Migration of Herring.mp4': randomBytes(6_000_000) });
      const out = await neighbourhood.folder('out');
      const terminal = await neighbourhood.terminal(
        [
          'get',
          '--tracker',
          neighbourhood.address,
          '--out',
          out,
          '--limit-rate',
          '2M',
          'Migration of Herring.mp4',
        ],
        { columns: 100, rows: 20 },
      );
      await terminal.waitFor(/Migration.*█.*%.*[KM]iB\/s/);
      const end = await terminal.ended();
      expect(end).toEqual({
        code: 0, settingsKept: true, alternate: false, cursorShown: true, mouse: false, bracketedPaste: false,
      }); // prettier-ignore
    },
    limitMs,
  );

  test(
    'is ended by a signal, and the shell beside it tells how',
    async () => {
      const terminal = await neighbourhood.terminal(['tracker', '--port', '0']);
      await terminal.waitFor('127.0.0.1');
      terminal.kill('SIGKILL');
      expect(await terminal.ended()).toMatchObject({ code: 137, settingsKept: true });
    },
    limitMs,
  );

  test(
    'that leaves the terminal changed is found out',
    async () => {
      const terminal = await neighbourhood.terminal(['--version'], {
        env: { NODE_OPTIONS: `--import=${await rawForGood()}` },
      });
      expect(await terminal.ended()).toMatchObject({ code: 137, settingsKept: false, cursorShown: false });
      expect(terminal.emulator.titles).toContain('mine');
    },
    limitMs,
  );
});

/** A module that does to the terminal what a program must not do, and leaves no time to put it right. */
async function rawForGood(): Promise<string> {
  const file = path.join(await neighbourhood.folder('module'), 'raw.mjs');
  await writeFile(
    file,
    `import { spawnSync } from 'node:child_process';
     spawnSync('stty', ['-echo'], { stdio: 'inherit' });
     process.stdout.write('\\x1b[?25l\\x1b]0;mine\\x07');
     process.kill(process.pid, 'SIGKILL');`,
  );
  return file;
}
