import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from '@jest/globals';
import { defaultLimits, type EngineConfig, type EngineEvent } from '../../src/core/engine/engine-api.ts';
import { launchEngine } from '../../src/engine/launch-engine.ts';
import { tempDir } from '../helpers/temp-dir.ts';

const config: EngineConfig = {
  home: '/nowhere',
  name: 'x',
  role: 'guest',
  shares: [],
  downloads: '/nowhere',
  host: '127.0.0.1',
  port: 0,
  trackers: [],
  limits: defaultLimits,
  insecure: false,
  log: { level: 'silent', file: undefined },
};

/** Runs a thread of our own instead of the engine's; tells what its client hears, and its end. */
async function run(
  code: string,
): Promise<{ readonly ended: number; readonly events: readonly EngineEvent[] }> {
  const file = path.join(tempDir(), 'thread.mjs');
  writeFileSync(file, code);
  const events: EngineEvent[] = [];
  const engine = launchEngine(config, pathToFileURL(file));
  engine.subscribe((event) => events.push(event));
  engine.send({ type: 'stay' });
  return { ended: await engine.ended, events };
}

test.each([
  ['throws', `throw new Error('it broke')`, 'it broke'],
  ['exits by itself', `process.exit(0)`, 'ended by itself'],
  [
    'is left by a rejection',
    `setImmediate(() => Promise.reject(new Error('nobody caught it'))); setInterval(() => {}, 1e6)`,
    'nobody caught it',
  ],
])(
  'an engine whose thread %s is a fault, told once, and ends the program with 70',
  async (_how, code, why) => {
    const { ended, events } = await run(code);
    expect(ended).toBe(70);
    expect(events).toEqual([
      { type: 'fault', problem: { code: 'internal', message: expect.stringContaining(why) } },
    ]);
  },
);
