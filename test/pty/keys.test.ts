/** Keys as terminals send them: several in one chunk, over a slow line, pasted. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { downloadView, trackerView } from '../helpers/views.ts';
import { Neighbourhood } from './neighbourhood.ts';
import type { TerminalProgram } from './program.ts';
import { ScriptedEngine } from './scripted-engine.ts';

const limitMs = 180_000;

let neighbourhood: Neighbourhood;
let engine: ScriptedEngine;
let terminal: TerminalProgram;

beforeEach(async () => {
  neighbourhood = new Neighbourhood();
  engine = await ScriptedEngine.open(await neighbourhood.folder('home'), {
    snapshot: {
      trackers: [trackerView({ peers: 3 })],
      downloads: Array.from({ length: 20 }, (_, at) =>
        downloadView({ transfer: at + 1, name: `file ${at}.bin`, state: 'queued', queueIndex: at + 1 }),
      ),
    },
    answers: {
      search: ({ requestId }) => [
        {
          type: 'answer-search',
          requestId,
          answer: { ok: true, value: [] },
          last: true,
          trackers: { asked: 1, answered: 1 },
        },
      ],
    },
  });
  terminal = await neighbourhood.terminal(engine.attach);
  await terminal.waitFor('2 Transfers 20');
});

afterEach(async () => {
  await engine.close();
  await neighbourhood.clear();
});

const asked = (): readonly string[] => engine.engine.asked('search').map(({ query }) => query);

describe('keys that come in one chunk', () => {
  test(
    'are each taken, on the screen that the first of them opens and in the line that one of them opens',
    async () => {
      terminal.type('2jjjj');
      await terminal.waitFor(/^> .*file 4\.bin/m);
      terminal.type('jj\x1b[Bkj k');
      // Space marks the row and moves on, k comes back to it.
      await terminal.waitFor(/^>\*.*file 7\.bin/m);
      terminal.type('/abc\r');
      await terminal.waitFor('[1 Search');
      await terminal.waitFor(() => asked().length > 0, 'the question');
      expect(asked()).toEqual(['abc']);
      terminal.type('/\x15déjà vu 鯨\r');
      await terminal.waitFor(() => asked().length > 1, 'the question');
      expect(asked()).toEqual(['abc', 'déjà vu 鯨']);
    },
    limitMs,
  );
});

describe('pasted text', () => {
  test(
    'of a megabyte is cut to what a line holds, and the program goes on',
    async () => {
      terminal.press('/');
      await terminal.waitFor('Esc leave');
      terminal.paste('x'.repeat(1024 * 1024));
      await terminal.waitFor('xxxxxxxxxxxxxxxxxxxx');
      terminal.press('enter');
      await terminal.waitFor('A search may have at most 256 characters');
      expect(asked()).toEqual([]);
      terminal.press('2');
      await terminal.waitFor('[2 Transfers');
    },
    limitMs,
  );

  test(
    'is text whatever it holds: its first line, without controls; over a list it is nothing',
    async () => {
      terminal.press('2');
      await terminal.waitFor('[2 Transfers');
      terminal.paste('q\x03D\r');
      terminal.press('/');
      await terminal.waitFor('Esc leave');
      terminal.paste('her\x1b]0;mine\x07ring\x1b[2J\x1b]52;c;bWluZQ==\x07\r\nsecond line\r');
      await terminal.waitFor('her');
      expect(asked()).toEqual([]);
      terminal.press('enter');
      await terminal.waitFor(() => asked().length > 0, 'the question');
      expect(asked()[0]).not.toMatch(/\p{Cc}/u);
      expect(asked()[0]).toMatch(/^her.*ring/);
      expect(asked()[0]).not.toContain('second');
      expect(terminal.emulator.titles.join()).not.toContain('mine');
      expect(terminal.emulator.clipboard).toEqual([]);
      expect(engine.engine.asked('remove')).toEqual([]);
    },
    limitMs,
  );
});
