/**
 * Reaches the engine of a profile that runs in another process. Invariant: it is only spoken to when its socket
 * is ours alone, and `ended` settles exactly once: 0 when it stopped or was let go of, 70 when it failed, 69 when
 * it was lost.
 */
import { connect, type Socket } from 'node:net';
import type { AttachedEngine, EngineEvent } from '../core/engine/engine-api.ts';
import {
  attachTimeoutMs,
  exitInternal,
  exitUnavailable,
  maxEngineFrameBytes,
} from '../core/limits/engine.ts';
import { fail, ok, type Problem, type Result } from '../core/result.ts';
import { displayName } from '../core/safe-name.ts';
import { agentName } from './agent.ts';
import { ClientEnd } from './client-end.ts';
import { openFrameStream, type FrameStream } from './frame-stream.ts';
import { linkVersion, packFrame, type LinkFrame } from './link-frames.ts';
import { checkSocket, socketPath } from './socket-place.ts';

/**
 * Attaches to the engine of the profile in `home`. Problems: `unreachable` when none runs, `version` when it is
 * another version of the program, `busy` when too many are attached, `io` when the socket cannot be trusted,
 * `timeout`, `protocol`.
 */
export async function connectEngine(
  home: string,
  program: string = agentName(),
): Promise<Result<AttachedEngine>> {
  const socket = await dial(home);
  return socket.ok ? attach(socket.value, program) : socket;
}

/**
 * Stops the engine of the profile in `home`, whatever its version; resolves when it has closed the door (`now`),
 * or has taken note (`idle`). Problems as of `connectEngine`, but for `version`.
 */
export async function haltEngine(home: string, when: 'now' | 'idle'): Promise<Result<void>> {
  const dialled = await dial(home);
  if (!dialled.ok) return dialled;
  const socket = dialled.value;
  const { send } = openFrameStream(socket, maxEngineFrameBytes, () => undefined);
  send(packFrame({ kind: 'halt', when }));
  return new Promise((resolve) => {
    socket.once('close', () => resolve(ok(undefined)));
    if (when === 'idle') socket.end();
  });
}

/** Whether a program answers at a socket. */
export async function isAnswered(path: string): Promise<boolean> {
  const opened = await open(path);
  if (opened.ok) opened.value.destroy();
  return opened.ok || opened.problem.code === 'timeout';
}

async function dial(home: string): Promise<Result<Socket>> {
  const path = socketPath(home);
  const found = checkSocket(path);
  if (found.ok) return open(path);
  return found.problem.code === 'not-found' ? notRunning : found;
}

function open(path: string): Promise<Result<Socket>> {
  return new Promise((resolve) => {
    const socket = connect({ path, timeout: attachTimeoutMs });
    socket.once('connect', () => {
      socket.setTimeout(0);
      socket.removeAllListeners('timeout');
      resolve(ok(socket));
    });
    socket.once('timeout', () => {
      socket.destroy();
      resolve(fail('timeout', 'The engine of this profile does not answer'));
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      const isGone = error.code === 'ECONNREFUSED' || error.code === 'ENOENT';
      resolve(isGone ? notRunning : fail('io', `The engine’s socket cannot be used: ${error.message}`));
    });
  });
}

/** Says hello and waits for the welcome, within bounds. */
function attach(socket: Socket, program: string): Promise<Result<AttachedEngine>> {
  return new Promise((resolve) => {
    let engine: Attachment | undefined;
    const stream = openFrameStream(socket, maxEngineFrameBytes, (taken, bytes) => {
      const frame = taken.ok ? taken.value : undefined;
      if (engine !== undefined) engine.take(taken, bytes);
      else if (frame?.kind === 'welcome') {
        clearTimeout(timer);
        engine = new Attachment(socket, stream, frame.pid);
        resolve(ok(engine));
      } else give(taken.ok ? refusal(frame, program) : taken.problem);
    });
    const give = (problem: Problem): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve({ ok: false, problem });
    };
    const timer = setTimeout(
      () => give({ code: 'timeout', message: 'The engine does not answer' }),
      attachTimeoutMs,
    );
    socket.once('close', () => give({ code: 'closed', message: 'The engine has closed the connection' }));
    stream.send(packFrame({ kind: 'hello', link: linkVersion, program }));
  });
}

class Attachment implements AttachedEngine {
  readonly pid: number;
  readonly ended: Promise<number>;
  readonly #socket: Socket;
  readonly #end: ClientEnd;
  #farewell: 'stopped' | 'fault' | 'closed' | undefined;
  #problem: Problem = { code: 'closed', message: 'The connection to the engine was lost' };

  constructor(socket: Socket, stream: FrameStream, pid: number) {
    this.pid = pid;
    this.#socket = socket;
    this.#end = new ClientEnd((body) => stream.send(body));
    this.#end.subscribe((event) => this.#note(event));
    this.ended = new Promise((resolve) => {
      socket.once('close', () => {
        this.#end.close();
        const code = this.#exitCode();
        if (this.#farewell === undefined) this.#end.tell({ type: 'fault', problem: this.#problem });
        resolve(code);
      });
    });
  }

  send: AttachedEngine['send'] = (command) => this.#end.send(command);

  subscribe: AttachedEngine['subscribe'] = (listener) => this.#end.subscribe(listener);

  take(taken: Result<LinkFrame>, bytes: number): void {
    if (taken.ok && taken.value.kind === 'events') return this.#end.receive(taken.value, bytes);
    if (!taken.ok) this.#problem = taken.problem;
    if (taken.ok && taken.value.kind === 'refused') this.#problem = refusal(taken.value, '');
    this.#socket.destroy();
  }

  close(): void {
    this.#farewell ??= 'closed';
    this.#end.flush();
    this.#end.close();
    this.#socket.destroySoon();
  }

  #note(event: EngineEvent): void {
    if (event.type === 'stopped' || event.type === 'fault') this.#farewell ??= event.type;
  }

  #exitCode(): number {
    if (this.#farewell === 'fault') return exitInternal;
    return this.#farewell === undefined ? exitUnavailable : 0;
  }
}

const notRunning = fail('unreachable', 'No peer of this profile runs; start one with: shoal peer --detach');

function refusal(frame: LinkFrame | undefined, program: string): Problem {
  if (frame?.kind !== 'refused')
    return { code: 'protocol', message: 'What answers at the socket is no engine' };
  if (frame.code === 'busy') return { code: 'busy', message: displayName(frame.message) };
  if (frame.code !== 'version') return { code: 'protocol', message: displayName(frame.message) };
  return {
    code: 'version',
    message:
      `The peer in the background is ${displayName(frame.message)}, this is ${program}: ` +
      'stop it with shoal stop and start it again',
  };
}
