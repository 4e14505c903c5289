/**
 * Starts the peer's engine on a thread of its own and gives back the client's end of it.
 * Invariant: `ended` settles exactly once, whatever the thread dies of, and a death that was not asked for is
 * told as a `fault` before.
 */
import { Worker } from 'node:worker_threads';
import type { EngineClient, EngineConfig } from '../core/engine/engine-api.ts';
import { exitInternal } from '../core/limits/engine.ts';
import { threadFile } from '../core/thread-file.ts';
import { ClientEnd } from './client-end.ts';
import { engineThreadOptions, takeEarlyEngine } from './early-engine.ts';
import { readTrusted } from './link-frames.ts';

/** Starts an engine. It is of use at once: what is sent before it is ready waits its turn. */
export function launchEngine(
  config: EngineConfig,
  thread: URL = threadFile('engine-thread', import.meta.url),
): EngineClient {
  const worker = startWorker(config, thread);
  const end = new ClientEnd((body) => worker.postMessage(body, [body.buffer]));
  let hasFarewell = false;
  end.subscribe((event) => {
    hasFarewell ||= event.type === 'stopped' || event.type === 'fault';
  });
  worker.on('message', (body: Uint8Array) => {
    const frame = readTrusted(body);
    if (frame !== undefined) end.receive(frame, body.length);
  });

  const ended = new Promise<number>((resolve) => {
    const die = (message: string): void => {
      if (!hasFarewell) end.tell({ type: 'fault', problem: { code: 'internal', message } });
      resolve(exitInternal);
    };
    worker.once('error', (error: unknown) =>
      die(`The engine’s thread died: ${error instanceof Error ? error.message : String(error)}`),
    );
    worker.once('exit', (code) => {
      if (code === 0 && hasFarewell) resolve(0);
      else die(`The engine’s thread ended by itself (${code})`);
    });
  });

  return {
    send: (command) => end.send(command),
    subscribe: (listener) => end.subscribe(listener),
    ended,
  };
}

function startWorker(config: EngineConfig, thread: URL): Worker {
  const early = takeEarlyEngine();
  if (early) {
    early.configure.postMessage(config);
    return early.worker;
  }
  return new Worker(thread, { ...engineThreadOptions, workerData: config });
}
