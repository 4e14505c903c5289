/**
 * The engine's thread: a peer at one end, its clients at the other: the one that started it at the thread's port,
 * others at the profile's socket. It says `stopped` when it was told to stop, and ends with the exit code of the
 * program: 0 after a stop, 70 when the root supervisor gave up.
 */
import { once } from 'node:events';
import { parentPort, workerData } from 'node:worker_threads';
import { systemClock } from '../actors/runtime/index.ts';
import type { EngineCommand, EngineConfig, LogLine } from '../core/engine/engine-api.ts';
import { engineStopTimeoutMs, exitInternal, maxOwnerBacklog } from '../core/limits/engine.ts';
import type { Problem } from '../core/result.ts';
import { agentName } from './agent.ts';
import type { LateConfig } from './early-engine.ts';
import { EngineLife } from './engine-life.ts';
import { openEngineSocket, type EngineSocket } from './engine-socket.ts';
import { readTrusted } from './link-frames.ts';
import { createLog, toldElsewhere } from './log.ts';
import { startPeer } from './peer-system.ts';

if (!parentPort) throw new Error('The engine runs on a worker thread');
const port = parentPort;
const config = await configuration(workerData as EngineConfig | LateConfig);

/** Nobody looks at the log of an engine that one command has for itself. */
const hasWatchers = config.role === 'share';

/** Commands that come before there is an actor to tell wait here. */
const early: EngineCommand[] = [];
let deliver = (command: EngineCommand): void => void early.push(command);
let stop = (): void => {
  isStopping = true;
};
let isStopping = false;

const life = new EngineLife({
  clock: systemClock,
  wallMs: () => Date.now(),
  defer: (callback) => void setImmediate(callback),
  deliver: (command) => deliver(command),
  stop: () => stop(),
  say: ({ level, source, text }) => {
    if (hasWatchers) log[level]({ source, [toldElsewhere]: true }, text);
  },
});
const showLine = (line: LogLine): void => life.publish({ type: 'log', line });
const log = createLog('engine', config.log, hasWatchers ? showLine : undefined);

const owner = life.hub.join((body) => port.postMessage(body, [body.buffer]), maxOwnerBacklog);
port.on('message', (body: Uint8Array) => {
  const frame = readTrusted(body);
  if (frame?.kind === 'commands') for (const command of frame.commands) owner.receive(command);
  if (frame?.kind === 'took') owner.took(frame.bytes);
});

const started = await startPeer({
  config,
  agent: agentName(),
  log,
  life,
  observe: (event) => life.publish(event),
});

if (!started.ok) end(started.problem, undefined);
else {
  const { root, identity, close } = started.value;
  const socket = config.role === 'share' ? await openDoor() : undefined;
  stop = () => {
    // A part that does not come to its end in time must not keep the program.
    setTimeout(() => end(undefined, socket), engineStopTimeoutMs).unref();
    void root.stop();
  };
  deliver = (command) => root.ref.tell(command);
  for (const command of early) deliver(command);
  if (isStopping) stop();
  root.ready.then(
    () => life.publish({ type: 'ready', peer: identity.id, name: config.name }),
    () => {
      // `done` says why.
    },
  );
  const reason = await root.done;
  await close();
  end(reason.kind === 'failed' ? faultOf(reason.error) : undefined, socket);
}

/** Without it the peer works all the same, for the program that started it. */
async function openDoor(): Promise<EngineSocket | undefined> {
  const { home } = config;
  const program = agentName();
  const socket = await openEngineSocket({ home, program, hub: life.hub, halt: (when) => life.halt(when) });
  if (socket.ok) return socket.value;
  log.warn({ problem: socket.problem.message }, 'other programs cannot attach');
  return undefined;
}

function faultOf(error: Error): Problem {
  log.fatal({ error }, 'the engine ended');
  const network = 'code' in error && (error.code === 'EADDRINUSE' || error.code === 'EADDRNOTAVAIL');
  return { code: network ? 'bad-request' : 'internal', message: error.message };
}

function end(problem: Problem | undefined, socket: EngineSocket | undefined): void {
  life.publish(problem ? { type: 'fault', problem } : { type: 'stopped' });
  life.hub.flush();
  const exit = (): void => process.exit(problem ? exitInternal : 0);
  // The exit is told to the other side after the messages that are on their way.
  if (socket === undefined) setImmediate(exit);
  else void socket.close().finally(exit);
}

/** A thread that was started early is told later what to do. */
async function configuration(given: EngineConfig | LateConfig): Promise<EngineConfig> {
  if (!('configuredAt' in given)) return given;
  const [config] = (await once(given.configuredAt, 'message')) as [EngineConfig];
  given.configuredAt.close();
  return config;
}
