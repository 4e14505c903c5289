import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Neighbourhood } from './neighbourhood.ts';
import type { TerminalProgram } from './program.ts';

const limitMs = 180_000;
const MiB = 1024 * 1024;
/** What is under way from one source may be called slow. */
const goingOn = /Herring .* (?:down|slow)/g;

let neighbourhood: Neighbourhood;

beforeEach(async () => {
  neighbourhood = await Neighbourhood.open();
});

afterEach(() => neighbourhood.clear());

describe('transfers in a real terminal', () => {
  test(
    'three of what is found are marked, downloaded, watched, paused, resumed, done, and cleared from the list',
    async () => {
      const files = Object.fromEntries(
        ['one', 'two', 'three'].map((which) => [`Herring ${which}.mp4`, randomBytes(4 * MiB)]),
      );
      await neighbourhood.sharing('alice', { ...files, 'Herring not this.txt': randomBytes(10) });
      const out = await neighbourhood.folder('out');
      const home = await neighbourhood.folder('home');
      const terminal = await neighbourhood.terminal(
        ['peer', '--name', 'carol', '--home', home, '--tracker', neighbourhood.address, '--downloads', out, '--embedded-tracker', 'off'],
        { columns: 100, rows: 30 },
      ); // prettier-ignore
      await terminal.waitFor(/tracker ok/);
      // Not there before they have been paused, however slow the machine is.
      await limitEverything(terminal, '200K');
      terminal.press('/');
      await terminal.waitFor('Esc leave');
      terminal.type('herring ext:mp4');
      await terminal.waitFor('/ herring ext:mp4');
      terminal.press('enter');
      await terminal.waitFor('Results 3');
      for (const count of [1, 2, 3]) {
        terminal.press('space');
        await terminal.waitFor(`marked ${count}`);
      }
      terminal.press('enter');
      await terminal.waitFor('2 Transfers 3');
      terminal.press('2');
      await terminal.waitFor(/Herring .*[1-9]%.*[KM]\/s/);
      await terminal.waitFor(/ pieces .*\/\d+ of /);
      terminal.press('ctrl-a');
      await terminal.waitFor(/marked \d/);
      terminal.press('p');
      await terminal.waitFor(() => shown(terminal, /Herring .* paus/g) > 0, 'paused downloads');
      await terminal.waitFor(() => shown(terminal, goingOn) === 0, 'none that goes on');
      terminal.press('P');
      await terminal.waitFor(() => shown(terminal, goingOn) > 0, 'one that goes on');
      await limitDownloads(terminal, '100M');
      await terminal.waitFor(/Done 3/);
      terminal.press(']');
      await terminal.waitFor('[Uploads');
      terminal.press(']');
      await terminal.waitFor(/verified/);
      for (const [name, bytes] of Object.entries(files))
        expect(bytes.equals(await readFile(path.join(out, name)))).toBe(true);
      terminal.press('y');
      await terminal.waitFor(/[Ii]d copied/);
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

/** How many of them are on the screen. */
const shown = ({ text }: TerminalProgram, pattern: RegExp): number => text.match(pattern)?.length ?? 0;

/** Both speeds, in private networks too: else a loopback is too fast to be watched. */
async function limitEverything(terminal: TerminalProgram, rate: string): Promise<void> {
  await terminal.waitFor('? help');
  await writeLimit(terminal, rate);
  terminal.press('right');
  await terminal.waitFor('[no]');
  terminal.press('enter');
  await terminal.waitFor('Limits set');
}

async function limitDownloads(terminal: TerminalProgram, rate: string): Promise<void> {
  await writeLimit(terminal, rate);
  terminal.press('enter');
  await terminal.waitFor(() => !terminal.text.includes('Private networks exempt'), 'the list');
}

/** Opens the dialog, writes into its first field and goes on to its last one. */
async function writeLimit(terminal: TerminalProgram, rate: string): Promise<void> {
  terminal.press('B');
  await terminal.waitFor('Private networks exempt');
  terminal.press('ctrl-u');
  terminal.type(rate);
  await terminal.waitFor(new RegExp(`Download +${rate}`));
  terminal.type('\t\t\t\t');
}
