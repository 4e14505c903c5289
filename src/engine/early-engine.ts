/**
 * Starts the engine's thread while the command line is still being loaded, for commands that are sure to need
 * one: both load for about as long. Loaded by the launcher before everything else, so it imports next to nothing.
 * Invariant: a thread is handed out once, and only one that has not failed.
 */
import { once } from 'node:events';
import { setFlagsFromString } from 'node:v8';
import { MessageChannel, Worker, type MessagePort } from 'node:worker_threads';
import {
  briefOldGenerationMb,
  engineOldGenerationMb,
  engineYoungGenerationMb,
} from '../core/limits/engine.ts';
import { threadFile } from '../core/thread-file.ts';

/** A thread that waits for its configuration at a port. */
export interface EarlyEngine {
  readonly worker: Worker;
  readonly configure: MessagePort;
}

/** What its `workerData` is, in place of a configuration. */
export interface LateConfig {
  readonly configuredAt: MessagePort;
}

export const engineThreadOptions = {
  resourceLimits: {
    maxYoungGenerationSizeMb: engineYoungGenerationMb,
    maxOldGenerationSizeMb: engineOldGenerationMb,
  },
  name: 'engine',
  // Its standard streams stay the process's own; the engine itself writes only log lines, to stderr.
  stdout: false,
  stderr: false,
} as const;

const eagerCommands = new Set(['get', 'search', 'browse', 'peers']);

let early: EarlyEngine | undefined;

export function takeEarlyEngine(): EarlyEngine | undefined {
  const taken = early;
  early = undefined;
  return taken;
}

/** To be called once, by the launcher, which loads nothing before it is settled. */
export async function startEarlyEngine(args: readonly string[]): Promise<void> {
  const command = args.find((arg) => !arg.startsWith('-'));
  if (command === undefined || !eagerCommands.has(command) || args.includes('--help')) return;
  const getsFolder = command === 'get' && args.some((arg) => arg.endsWith('/'));
  // A thread takes it over as it begins, and takes it back: a command leaves before collecting so early would pay.
  if (getsFolder) setFlagsFromString(`--initial-old-space-size=${briefOldGenerationMb}`);
  const { port1, port2 } = new MessageChannel();
  const worker = new Worker(threadFile('engine-start', import.meta.url), {
    ...engineThreadOptions,
    workerData: { configuredAt: port2 } satisfies LateConfig,
    transferList: [port2],
  });
  early = { worker, configure: port1 };
  // Another is started in its place, and that one's failure is told.
  worker.once('error', () => (early = undefined));
  // V8's flags are those of all threads, and compiled code is taken only by who has the flags it was made with.
  if (getsFolder) await Promise.race([once(port1, 'message'), once(worker, 'exit').catch(() => undefined)]);
  port1.unref();
}
