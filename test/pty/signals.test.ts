/** However the program on a terminal ends or pauses, the terminal is left as it was. */
import { execFileSync } from 'node:child_process';
import { readFileSync, readlinkSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { configFile } from '../../src/profile/config.ts';
import { until } from '../helpers/poll.ts';
import { downloadView } from '../helpers/views.ts';
import { Neighbourhood } from './neighbourhood.ts';
import type { TerminalProgram } from './program.ts';
import { ScriptedEngine } from './scripted-engine.ts';

const limitMs = 180_000;
const clean = {
  settingsKept: true,
  alternate: false,
  cursorShown: true,
  mouse: false,
  bracketedPaste: false,
};

let neighbourhood: Neighbourhood;
let engine: ScriptedEngine;

beforeEach(async () => {
  neighbourhood = new Neighbourhood();
  engine = await ScriptedEngine.open(await neighbourhood.folder('home'), {
    snapshot: {
      downloads: [downloadView({ name: 'Migration of herring.mkv', sizeBytes: 1e9, doneBytes: 1e8 })],
    },
  });
});

afterEach(async () => {
  await engine.close();
  await neighbourhood.clear();
});

/** With everything on that a terminal can be told: the other screen, raw mode, mouse, pasting, its title. */
async function opened(env: Readonly<Record<string, string>> = {}): Promise<TerminalProgram> {
  await writeFile(configFile(engine.home), JSON.stringify({ ui: { mouse: true } }));
  const terminal = await neighbourhood.terminal(engine.attach, { columns: 90, rows: 20, env });
  await terminal.waitFor('2 Transfers 1');
  await hasAll(terminal);
  return terminal;
}

/** Waits until it has told the terminal everything that it tells it. */
function hasAll(terminal: TerminalProgram): Promise<void> {
  const { emulator } = terminal;
  const holds = (): boolean => {
    const { mouseTrackingMode, bracketedPasteMode } = emulator.terminal.modes;
    return emulator.alternate && mouseTrackingMode !== 'none' && bracketedPasteMode && isRaw(terminal);
  };
  return terminal.waitFor(holds, 'the other screen, the mouse, pasting and raw mode');
}

/** As the terminal's device tells it. */
function isRaw({ pid }: TerminalProgram): boolean {
  const flags = process.platform === 'linux' ? '-F' : '-f';
  const settings = execFileSync('stty', [flags, readlinkSync(`/proc/${pid}/fd/0`), '-a'], {
    encoding: 'utf8',
  });
  return settings.includes('-icanon') && settings.includes('-echo ');
}

const processState = (pid: number): string | undefined =>
  /\) (\w)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1];

describe('a screen that is ended by a signal', () => {
  test.each([
    ['SIGTERM', 143],
    ['SIGHUP', 129],
    ['SIGINT', 130],
  ] as const)(
    '%s gives the terminal back',
    async (signal, code) => {
      const terminal = await opened();
      terminal.kill(signal);
      const end = await terminal.ended();
      expect(end).toEqual({ ...clean, code: expect.any(Number) });
      // A service that is asked to end has done what it was asked for.
      expect([0, code]).toContain(end.code);
    },
    limitMs,
  );
});

describe('a fault of the screen', () => {
  test.each([
    ['in its drawing', 'String.prototype.padStart = () => { throw new Error("it was told to"); };'],
    ['outside of it', 'setImmediate(() => { throw new Error("it was told to"); });'],
    ['in a promise', 'void Promise.reject(new Error("it was told to"));'],
  ])(
    '%s gives the terminal back, says what it was, and leaves the engine alone',
    async (_, fault) => {
      const folder = await neighbourhood.folder('module');
      const [module, order] = [path.join(folder, 'faulty.mjs'), path.join(folder, 'fail')];
      await writeFile(
        module,
        `import { existsSync } from 'node:fs';
         import { isMainThread } from 'node:worker_threads';
         if (isMainThread) {
           const timer = setInterval(() => {
             if (!existsSync(${JSON.stringify(order)})) return;
             clearInterval(timer);
             ${fault}
           }, 20);
           timer.unref();
         }`,
      );
      const terminal = await opened({ NODE_OPTIONS: `--import=${module}` });
      await writeFile(order, '');
      terminal.press('2');
      const end = await terminal.ended();
      expect(end).toEqual({ ...clean, code: 70 });
      expect(terminal.text).toContain('it was told to');

      const again = await neighbourhood.terminal(engine.attach);
      await again.waitFor('2 Transfers 1');
    },
    limitMs,
  );
});

describe('a screen that is suspended', () => {
  test(
    'by Ctrl-Z has given the terminal back while it is stopped, and is drawn again when it goes on',
    async () => {
      const terminal = await opened();
      terminal.press('2');
      await terminal.waitFor('Migration of herring.mkv');
      const { text, emulator, pid } = terminal;
      for (let time = 0; time < 2; time++) {
        terminal.press('ctrl-z');
        await until('it is stopped', () => processState(pid) === 'T');
        // It can do no more, but not all that it has written need have been read.
        const isGivenBack = (): boolean => {
          const { alternate, cursorShown } = emulator;
          const { mouseTrackingMode, bracketedPasteMode } = emulator.terminal.modes;
          return !alternate && cursorShown && mouseTrackingMode === 'none' && !bracketedPasteMode;
        };
        await terminal.waitFor(isGivenBack, 'all to be given back');
        expect(isRaw(terminal)).toBe(false);
        terminal.resize(90, 20);
        // The shell has the terminal, and takes the line.
        terminal.press('enter');
        await terminal.waitFor(() => terminal.text === text, `this screen:\n${text}\n`);
        await hasAll(terminal);
      }
      terminal.press('k');
      terminal.press('3');
      await terminal.waitFor('[3 Shares');
      terminal.kill('SIGTERM');
      expect(await terminal.ended()).toMatchObject(clean);
    },
    limitMs,
  );
});
