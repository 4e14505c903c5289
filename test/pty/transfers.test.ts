import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Neighbourhood } from './neighbourhood.ts';
import type { TerminalProgram } from './program.ts';

const limitMs = 180_000;
const MiB = 1024 * 1024;

let neighbourhood: Neighbourhood;

beforeEach(async () => {
  neighbourhood = await Neighbourhood.open();
});

afterEach(() => neighbourhood.clear());

describe('transfers in a real terminal', () => {
  test(
    'a download is found, watched, paused, resumed, done, and cleared from the list',
    async () => {
      const bytes = randomBytes(24 * MiB);
      await neighbourhood.sharing('alice', { 'Migration of Herring.mp4': bytes });
      const out = await neighbourhood.folder('out');
      const home = await neighbourhood.folder('home');
      const terminal = await neighbourhood.terminal(
        ['peer', '--name', 'carol', '--home', home, '--tracker', neighbourhood.address, '--downloads', out, '--embedded-tracker', 'off'],
        { columns: 100, rows: 30 },
      ); // prettier-ignore
      await terminal.waitFor(/tracker ok/);
      await limitEverything(terminal, '4M');
      terminal.press('/');
      await terminal.waitFor('Esc leave');
      terminal.type('herring');
      await terminal.waitFor('/ herring');
      terminal.press('enter');
      await terminal.waitFor('Migration of Herring.mp4');
      terminal.press('enter');
      await terminal.waitFor('2 Transfers 1');
      terminal.press('2');
      await terminal.waitFor(/Migration of H.*[1-9]%.*[KM]\/s/);
      await terminal.waitFor(/ pieces .*\/\d+ of /);
      terminal.press('p');
      await terminal.waitFor(/paused by you/);
      terminal.press('p');
      await terminal.waitFor(/downloading/);
      await terminal.waitFor(/Done 1/);
      terminal.press(']');
      await terminal.waitFor('[Uploads');
      terminal.press(']');
      await terminal.waitFor(/verified/);
      await terminal.waitFor(/Migration of H.*24\.0M/);
      expect(bytes.equals(await readFile(path.join(out, 'Migration of Herring.mp4')))).toBe(true);
      terminal.press('y');
      await terminal.waitFor('id copied');
      expect(terminal.emulator.clipboard).toHaveLength(1);
      terminal.press('c');
      await terminal.waitFor('Nothing has been completed yet');
      expect(terminal.emulator.frameFaults()).toEqual([]);
      terminal.press('q');
      const end = await terminal.ended();
      expect(end).toMatchObject({ code: 0, settingsKept: true, alternate: false, cursorShown: true });
    },
    limitMs,
  );
});

/** Both speeds, in private networks too: else a loopback is too fast to be watched. */
async function limitEverything(terminal: TerminalProgram, rate: string): Promise<void> {
  await terminal.waitFor('? help');
  terminal.press('B');
  await terminal.waitFor('Also in private networks');
  terminal.type(rate);
  await terminal.waitFor(new RegExp(`Download +${rate}`));
  terminal.type('\t\t\t\t');
  terminal.press('right');
  await terminal.waitFor('[yes]');
  terminal.press('enter');
  await terminal.waitFor('Limits set');
}
