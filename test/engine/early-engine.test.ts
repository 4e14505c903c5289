import { describe, expect, test } from '@jest/globals';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { transferThreadHeapMb } from '../../src/core/limits.ts';

/** Keeps some 30 MiB, and says how often the whole heap was collected meanwhile. */
const holding = `
  const { GCProfiler } = process.getBuiltinModule('node:v8');
  const { setImmediate: turn } = process.getBuiltinModule('node:timers/promises');
  const profiler = new GCProfiler();
  profiler.start();
  const held = [];
  while (held.length < 300_000) {
    for (let at = 0; at < 1_000; at++) held.push({ at, text: String(at) + '-' });
    await turn();
  }
  const types = profiler.stop().statistics.map(({ gcType }) => gcType);
  process.getBuiltinModule('node:worker_threads').parentPort.postMessage({
    held: held.length,
    whole: types.filter((type) => type !== 'Scavenge').length,
  });
`;

/** How a thread fares in a program that was started with these arguments. */
async function threadOf(...args: readonly string[]): Promise<{ held: number; whole: number }> {
  const early = new URL('../../src/engine/early-engine.ts', import.meta.url).href;
  const program = `
    import { Worker } from 'node:worker_threads';
    const { startEarlyEngine } = await import(${JSON.stringify(early)});
    startEarlyEngine(${JSON.stringify(args)});
    const worker = new Worker(${JSON.stringify(holding)}, {
      eval: true,
      resourceLimits: { maxOldGenerationSizeMb: ${transferThreadHeapMb} },
    });
    worker.once('message', (message) => {
      console.log(JSON.stringify(message));
      process.exit();
    });
  `;
  const flags = ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e', program];
  const { stdout } = await promisify(execFile)(process.execPath, flags);
  return JSON.parse(stdout) as { held: number; whole: number };
}

describe('a thread that holds some 30 MiB', () => {
  test('is not collected as a whole in a command that leaves', async () => {
    expect(await threadOf('get', 'anything')).toEqual({ held: 300_000, whole: 0 });
  });

  test('is in a program that stays, whose memory counts', async () => {
    const { held, whole } = await threadOf('peer');
    expect([held, whole > 0]).toEqual([300_000, true]);
  });
});
