/** The view of a running tracker on a real terminal, and how it leaves it. */
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { until } from '../helpers/poll.ts';
import { tempDir } from '../helpers/temp-dir.ts';
import { launchTracker } from '../../src/engine/launch-tracker.ts';
import { TerminalProgram } from './program.ts';

test('shows a running tracker, fits every size, without colours where none are wanted, and gives the terminal back', async () => {
  const dataDir = path.join(tempDir(), 'tracker');
  const tracker = launchTracker({
    host: '127.0.0.1',
    port: 0,
    dataDir,
    store: 'memory:',
    admin: { port: undefined },
    log: { level: 'silent', file: undefined },
    limits: { listeners: 1 },
  });
  const ready = await tracker.ready;
  if (!ready.ok) throw new Error(ready.problem.message);
  let written = '';
  const terminal = new TerminalProgram(['tracker', 'stats', '--data', dataDir], {
    columns: 90,
    rows: 24,
    folder: tempDir(),
    env: { NO_COLOR: '1' },
    watch: (data) => (written += data),
  });
  await terminal.waitFor(`Tracker 127.0.0.1:${ready.value.port}`);
  await terminal.waitFor(/searches 0\/s/);
  await terminal.waitFor(() => terminal.lines.at(-1)?.startsWith('q quit') === true, 'the last row');
  const codes = written.split('\u001b[').slice(1);
  expect(codes.filter((code) => /^(?:3[0-7]|9[0-7])m/.test(code))).toEqual([]);
  terminal.resize(30, 12);
  await until(
    'it is drawn for the new size',
    () => terminal.lines.length === 12 && terminal.lines.at(-1)?.startsWith('q quit') === true,
  );
  await terminal.waitFor(/^Peers/m);

  await tracker.stop();
  await terminal.waitFor(/No tracker with/);
  terminal.press('q');
  expect(await terminal.ended()).toMatchObject({
    code: 0,
    settingsKept: true,
    alternate: false,
    cursorShown: true,
  });
}, 180_000);
