/**
 * The engine's thread: a peer at one end, a client's port at the other. It says `stopped` when it was told to
 * stop, and ends with the exit code of the program: 0 after a stop, 70 when the root supervisor gave up.
 */
import { parentPort, workerData } from 'node:worker_threads';
import type { EngineCommand, EngineConfig, EngineEvent } from '../core/engine-api.ts';
import { engineStopTimeoutMs, exitInternal } from '../core/limits.ts';
import type { Problem } from '../core/result.ts';
import { agentName } from './agent.ts';
import { openChannel } from './channel.ts';
import { createLog } from './log.ts';
import { startPeer } from './peer-system.ts';

if (!parentPort) throw new Error('The engine runs on a worker thread');
const config = workerData as EngineConfig;
const log = createLog('engine', config.log);

/** Commands that come before there is an actor to tell wait here. */
const early: EngineCommand[] = [];
let handle = (command: EngineCommand): void => void early.push(command);
const client = openChannel<EngineEvent, EngineCommand>(parentPort, (command) => handle(command));

const started = await startPeer({
  config,
  agent: agentName(),
  log,
  observe: (event) => client.send(event),
});

if (!started.ok) end(started.problem);
else {
  const { root, identity, close } = started.value;
  handle = (command) => {
    if (command.type !== 'stop') return root.ref.tell(command);
    // A part that does not come to its end in time must not keep the program.
    setTimeout(() => end(undefined), engineStopTimeoutMs).unref();
    void root.stop();
  };
  for (const command of early) handle(command);
  root.ready.then(
    () => client.send({ type: 'ready', peer: identity.id, name: config.name }),
    () => {
      // `done` says why.
    },
  );
  const reason = await root.done;
  await close();
  end(reason.kind === 'failed' ? faultOf(reason.error) : undefined);
}

function faultOf(error: Error): Problem {
  log.fatal({ error }, 'the engine ended');
  const network = 'code' in error && (error.code === 'EADDRINUSE' || error.code === 'EADDRNOTAVAIL');
  return { code: network ? 'bad-request' : 'internal', message: error.message };
}

function end(problem: Problem | undefined): void {
  client.send(problem ? { type: 'fault', problem } : { type: 'stopped' });
  client.flush();
  // The exit is told to the other side after the messages that are on their way.
  setImmediate(() => process.exit(problem ? exitInternal : 0));
}
