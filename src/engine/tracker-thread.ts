/**
 * The tracker's thread: says where it listens, or why not, and ends when it is told to stop (0) or when its root
 * supervisor gives up (70).
 */
import { parentPort, workerData } from 'node:worker_threads';
import { exitInternal } from '../core/limits/engine.ts';
import { trackerDrainTimeoutMs, trackerExitMs } from '../core/limits/tracker.ts';
import type { Problem } from '../core/result.ts';
import type { TrackerCommand, TrackerConfig, TrackerEvent } from '../core/tracker/tracker-api.ts';
import { openChannel } from './channel.ts';
import { createLog } from './log.ts';
import { reopenLogFiles } from './log-file.ts';
import { startTracker, type RunningTracker } from './tracker-system.ts';

if (!parentPort) throw new Error('The tracker runs on a worker thread');
const config = workerData as TrackerConfig;
const log = createLog('tracker', config.log);

let isStopping = false;
const starting = new AbortController();
let stop = (): void => starting.abort();
let reload = (): void => {};
const starter = openChannel<TrackerEvent, TrackerCommand>(parentPort, ({ type }) => {
  if (type === 'reload') {
    reopenLogFiles();
    return reload();
  }
  isStopping = true;
  return stop();
});

const started = await startTracker(config, log, starting.signal);
if (!started.ok) {
  end({ type: 'failed', problem: started.problem });
} else {
  const { root, endpoint, operator } = started.value;
  stop = () => {
    // A part that does not come to its end in time must not keep the program.
    setTimeout(() => end({ type: 'stopped' }), trackerExitMs).unref();
    void drain(started.value).then(() => root.stop());
  };
  reload = () => void operator.reload();
  starter.send({ type: 'listening', ...endpoint });
  if (isStopping) stop();
  const reason = await root.done;
  if (reason.kind === 'failed') log.fatal({ error: reason.error }, 'the tracker ended');
  await started.value.close();
  end(reason.kind === 'failed' ? { type: 'failed', problem: faultOf(reason.error) } : { type: 'stopped' });
}

/** Sends the peers away, as far as there is time. */
async function drain({ system, root, counters }: RunningTracker): Promise<void> {
  log.info({}, 'the tracker is being emptied');
  counters.of('tracker').set('isDraining', 1);
  const drained = await system.ask(root.ref, { type: 'drain' }, trackerDrainTimeoutMs);
  if (drained.ok) log.info(drained.value, 'the tracker has been emptied');
  else log.warn({ reason: drained.error }, 'the tracker could not be emptied');
}

function faultOf(error: Error): Problem {
  return { code: 'internal', message: error.message };
}

function end(event: TrackerEvent): void {
  starter.send(event);
  starter.flush();
  // The exit is told to the other side after the messages that are on their way.
  setImmediate(() => process.exit(event.type === 'failed' ? exitInternal : 0));
}
