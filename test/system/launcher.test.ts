/** Under an old Node the launcher starts the pinned runtime and stands in for it. */
import { connect } from 'node:net';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { Stage } from './program.ts';
import type { Program } from './program.ts';

const limitMs = 180_000;
const old = `--require=${fileURLToPath(new URL('./old-runtime.cjs', import.meta.url))}`;

let stage: Stage;
let tracker: Program;
let port: number;

beforeEach(async () => {
  stage = new Stage();
  const args = ['tracker', '--json', '--port', '0', '--data', await stage.folder('tracker')];
  tracker = stage.start(args, { NODE_OPTIONS: old });
  port = Number((await tracker.event('listening'))['port']);
});

afterEach(() => stage.clear());

async function answers(): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 0],
] as const)(
  '%s reaches the program once, which ends with %d',
  async (signal, code) => {
    expect(await tracker.stop(signal)).toMatchObject({ code, signal: null });
    expect(await answers()).toBe(false);
  },
  limitMs,
);

test(
  'who kills the launcher has killed the program',
  async () => {
    tracker.process.kill('SIGKILL');
    const deadline = AbortSignal.timeout(30_000);
    while ((await answers()) && !deadline.aborted);
    expect(await answers()).toBe(false);
  },
  limitMs,
);
