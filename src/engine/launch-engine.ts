/**
 * Starts the peer's engine on a thread of its own and gives back the client's end of it. What crosses is
 * msgpack, several messages to one transferred buffer, so that a busy engine costs its clients little.
 * Invariant: `ended` settles exactly once, whatever the thread dies of.
 */
import { Worker } from 'node:worker_threads';
import type { EngineClient, EngineCommand, EngineConfig, EngineEvent } from '../core/engine-api.ts';
import { exitInternal } from '../core/limits.ts';
import { openChannel } from './channel.ts';
import { threadFile } from '../core/thread-file.ts';

/** Starts an engine. It is of use at once: what is sent before it is ready waits its turn. */
export function launchEngine(config: EngineConfig): EngineClient {
  const worker = new Worker(threadFile('engine-thread', import.meta.url), {
    name: 'engine',
    workerData: config,
    // Its standard streams stay the process's own; the engine itself writes only log lines, to stderr.
    stdout: false,
    stderr: false,
  });
  const listeners = new Set<(event: EngineEvent) => void>();
  const tell = (event: EngineEvent): void => {
    for (const listener of listeners) listener(event);
  };

  const ended = new Promise<number>((resolve) => {
    worker.once('error', (error: unknown) => {
      const message = error instanceof Error ? error.message : String(error);
      tell({ type: 'fault', problem: { code: 'internal', message } });
      resolve(exitInternal);
    });
    worker.once('exit', (code) => resolve(code));
  });
  const channel = openChannel<EngineCommand, EngineEvent>(worker, tell);

  return {
    send: (command) => channel.send(command),
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    ended,
  };
}
