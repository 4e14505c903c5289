import { describe, expect, test } from '@jest/globals';
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { transferThreadHeapMb } from '../../src/core/limits/tracker.ts';
import { tempDir } from '../helpers/temp-dir.ts';

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

/** What a program may take: other programs may have both processors. */
const deadlineMs = 60_000;

const early = JSON.stringify(new URL('../../src/engine/early-engine.ts', import.meta.url).href);

/** What a program prints, as JSON, before it leaves. */
async function printed<T>(program: string): Promise<T> {
  // In a file: threads take over a program given as an argument.
  const file = path.join(tempDir(), 'program.mjs');
  writeFileSync(file, program);
  const flags = ['--disable-warning=ExperimentalWarning', file];
  // A thread that never says anything, or a condition that never holds, is not to outlive the test.
  const ends = { timeout: deadlineMs, killSignal: 'SIGKILL' } as const;
  const { stdout } = await promisify(execFile)(process.execPath, flags, ends);
  return JSON.parse(stdout) as T;
}

/** How the engine's thread fares in a program that was started with these arguments, with other work to do. */
function threadOf(...args: readonly string[]): Promise<{ held: number; whole: number }> {
  return printed(`
    import { syncBuiltinESMExports } from 'node:module';
    import threads from 'node:worker_threads';
    threads.Worker = class extends threads.Worker {
      constructor(_file, options) {
        const resourceLimits = { maxOldGenerationSizeMb: ${transferThreadHeapMb} };
        super(${JSON.stringify(holding)}, { ...options, resourceLimits, eval: true });
      }
    };
    syncBuiltinESMExports();
    const { engineThreadOptions, startEarlyEngine, takeEarlyEngine } = await import(${early});
    void startEarlyEngine(${JSON.stringify(args)});
    const worker = takeEarlyEngine()?.worker ?? new threads.Worker('', engineThreadOptions);
    worker.once('message', (message) => {
      console.log(JSON.stringify(message));
      process.exit();
    });
  `);
}

describe('an engine’s thread that holds some 30 MiB', () => {
  test('is not collected as a whole in a command that gets a folder and leaves', async () => {
    expect(await threadOf('get', 'peer:/folder/')).toEqual({ held: 300_000, whole: 0 });
  });

  test('is in a program that stays, whose memory counts', async () => {
    const { held, whole } = await threadOf('peer');
    expect([held, whole > 0]).toEqual([300_000, true]);
  });
});

test('an engine that was started early leaves compiled code to be of use', async () => {
  // What V8 writes into compiled code, and takes none without: its flags are a part of it.
  const [before, meanwhile, after] = await printed<readonly number[]>(`
    import { cachedDataVersionTag } from 'node:v8';
    const { startEarlyEngine } = await import(${early});
    const tags = [cachedDataVersionTag()];
    const started = startEarlyEngine(['get', 'peer:/folder/']);
    tags.push(cachedDataVersionTag());
    await started;
    console.log(JSON.stringify([...tags, cachedDataVersionTag()]));
    process.exit();
  `);
  expect(meanwhile).not.toBe(before);
  expect(after).toBe(before);
});

test('an engine’s thread that fails before it has begun is handed to nobody, and keeps nobody', async () => {
  const handedOut = await printed(`
    import { syncBuiltinESMExports } from 'node:module';
    import threads from 'node:worker_threads';
    threads.Worker = class extends threads.Worker {
      constructor(_file, options) {
        super('throw new Error("no thread")', { ...options, eval: true });
      }
    };
    syncBuiltinESMExports();
    const { startEarlyEngine, takeEarlyEngine } = await import(${early});
    await startEarlyEngine(['get', 'peer:/folder/']);
    console.log(JSON.stringify(takeEarlyEngine() !== undefined));
  `);
  expect(handedOut).toBe(false);
});
