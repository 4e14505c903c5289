/**
 * A tracker in a process of its own, for benches: its configuration is the only argument, what it says are messages,
 * and it can be told to lose a thread. Runs the sources, as they are.
 */
import type { TrackerConfig } from '../../src/core/tracker/tracker-api.ts';
import { createLog } from '../../src/engine/log.ts';
import { startTracker } from '../../src/engine/tracker-system.ts';

/** What it is told: to end the thread of an actor without a word, or to list its actors. */
export type ServeCommand = { readonly type: 'kill'; readonly path: string } | { readonly type: 'actors' };

export type ServeEvent =
  | { readonly type: 'listening'; readonly port: number }
  | { readonly type: 'failed'; readonly message: string }
  | { readonly type: 'killed'; readonly isDone: boolean }
  | {
      readonly type: 'actors';
      readonly actors: readonly { readonly path: string; readonly status: string; readonly thread: number }[];
    };

const config = JSON.parse(process.argv[2] ?? '') as TrackerConfig;
const tell = (event: ServeEvent): void => void process.send?.(event);
const started = await startTracker(config, createLog('tracker', config.log));

if (!started.ok) tell({ type: 'failed', message: started.problem.message });
else {
  const { system, endpoint } = started.value;
  process.on('message', (command: ServeCommand) => {
    if (command.type === 'kill') tell({ type: 'killed', isDone: system.kill(command.path) });
    else tell({ type: 'actors', actors: system.snapshot() });
  });
  process.on('disconnect', () => process.exit());
  process.on('SIGTERM', () => void system.stop().then(() => process.exit()));
  tell({ type: 'listening', port: endpoint.port });
}
