/**
 * Starts a tracker on a thread of its own, so that one inside a peer's process shares none of its threads.
 * Invariant: `ready` and `ended` settle exactly once, whatever the thread dies of.
 */
import { Worker } from 'node:worker_threads';
import { exitInternal } from '../core/limits/engine.ts';
import { fail, ok, type Result } from '../core/result.ts';
import { threadFile } from '../core/thread-file.ts';
import type {
  TrackerClient,
  TrackerCommand,
  TrackerConfig,
  TrackerEndpoint,
  TrackerEvent,
} from '../core/tracker/tracker-api.ts';
import { openChannel } from './channel.ts';

export function launchTracker(config: TrackerConfig): TrackerClient {
  const worker = new Worker(threadFile('tracker-thread', import.meta.url), {
    name: 'tracker',
    workerData: config,
    stdout: false,
    stderr: false,
  });
  const ready = Promise.withResolvers<Result<TrackerEndpoint>>();
  const ended = Promise.withResolvers<number>();

  const channel = openChannel<TrackerCommand, TrackerEvent>(worker, (event) => {
    if (event.type === 'listening') {
      const { type: _, ...endpoint } = event;
      ready.resolve(ok(endpoint));
    }
    if (event.type === 'failed') ready.resolve({ ok: false, problem: event.problem });
  });
  worker.once('error', (error: unknown) => {
    const message = error instanceof Error ? error.message : String(error);
    ready.resolve(fail('internal', `The tracker's thread died: ${message}`));
    ended.resolve(exitInternal);
  });
  worker.once('exit', (code) => {
    ready.resolve(fail('closed', 'The tracker ended before it was up'));
    ended.resolve(code === 0 ? 0 : exitInternal);
  });

  return {
    ready: ready.promise,
    ended: ended.promise,
    reload: () => channel.send({ type: 'reload' }),
    async stop() {
      channel.send({ type: 'stop' });
      await ended.promise;
    },
  };
}
