/**
 * The engine's door for other programs of the same user on this machine. Invariant: a visitor hears and commands
 * nothing before it has shown to be of the same version, whoever breaks the rules is let go of alone, and how
 * many there are and what they may send is bounded.
 */
import { createServer, type Server, type Socket } from 'node:net';
import {
  attachTimeoutMs,
  clientWindowBytes,
  lastWordsTimeoutMs,
  maxAttachedClients,
  maxClientBacklog,
  maxClientFrameBytes,
  maxEngineFrameBytes,
} from '../core/limits/engine.ts';
import { fail, ok, type Result } from '../core/result.ts';
import type { EngineCommand } from '../core/engine/engine-api.ts';
import { checkCommand } from './command-check.ts';
import type { EventHub, Joined } from './event-hub.ts';
import { openFrameStream, type FrameStream } from './frame-stream.ts';
import { linkVersion, packFrame, type LinkFrame } from './link-frames.ts';
import { isAnswered } from './connect-engine.ts';
import { checkSocket, closeToOthers, makeSocketFolder, removeSocket, socketPath } from './socket-place.ts';

export interface EngineSocketOptions {
  /** The profile's folder. */
  readonly home: string;
  readonly hub: EventHub;
  /** What we call ourselves: program and version. */
  readonly program: string;
  /** Stops the engine: also for visitors of other versions. */
  readonly halt: (when: 'now' | 'idle') => void;
  /** How long a visitor may take to say hello. */
  readonly helloTimeoutMs?: number;
}

export interface EngineSocket {
  readonly path: string;
  /** Says what is still to be said, within bounds, and takes the socket away. */
  close(): Promise<void>;
}

/** Opens it. Problems: `io` when it cannot be, `bad-request` when another engine answers there. */
export async function openEngineSocket(options: EngineSocketOptions): Promise<Result<EngineSocket>> {
  const path = socketPath(options.home);
  const folder = makeSocketFolder(path);
  if (!folder.ok) return folder;
  const clear = await makeWay(path);
  if (!clear.ok) return clear;

  const visitors = new Set<Visitor>();
  const server = createServer((socket) => {
    if (visitors.size >= 2 * maxAttachedClients) return void socket.destroy();
    // Who finds no room may stop the engine all the same.
    const visitor = new Visitor(socket, options);
    if (visitors.size >= maxAttachedClients) visitor.turnAway();
    visitors.add(visitor);
    socket.once('close', () => visitors.delete(visitor));
  });
  const listening = await listen(server, path);
  if (!listening.ok) return listening;
  return ok({
    path,
    async close() {
      server.close();
      await Promise.all([...visitors].map((visitor) => visitor.farewell()));
    },
  });
}

/** Removes what a killed engine has left. */
async function makeWay(path: string): Promise<Result<void>> {
  const found = checkSocket(path);
  if (!found.ok) return found.problem.code === 'not-found' ? ok(undefined) : found;
  if (await isAnswered(path)) return fail('bad-request', `Another engine answers at ${path} already`);
  return removeSocket(path);
}

function listen(server: Server, path: string): Promise<Result<void>> {
  return new Promise((resolve) => {
    server.once('error', (error) => resolve(fail('io', `Cannot listen at ${path}: ${error.message}`)));
    server.listen(path, () => {
      server.removeAllListeners('error');
      server.on('error', () => undefined);
      closeToOthers(path);
      resolve(ok(undefined));
    });
  });
}

/** One connection: a stranger until its hello, then a client of the hub. */
class Visitor {
  readonly #socket: Socket;
  readonly #options: EngineSocketOptions;
  readonly #stream: FrameStream;
  #client: Joined | undefined;
  /** It said a hello that was no good, or there is no room: all it may do is stop the engine. */
  #isRefused = false;

  constructor(socket: Socket, options: EngineSocketOptions) {
    this.#socket = socket;
    this.#options = options;
    this.#stream = openFrameStream(socket, maxClientFrameBytes, (frame, bytes) => this.#take(frame, bytes));
    socket.setTimeout(options.helloTimeoutMs ?? attachTimeoutMs, () => socket.destroy());
    socket.on('error', () => socket.destroy());
    socket.once('close', () => this.#client?.leave());
  }

  /** Tells it that there is no room. */
  turnAway(): void {
    this.#isRefused = true;
    const message = `${maxAttachedClients} programs are attached to this peer already; close one of them`;
    this.#stream.send(packFrame({ kind: 'refused', code: 'busy', message }));
  }

  /**
   * Ends the connection once what was said has been heard, or soon after. Who closed at once would have a client
   * that says something just then see a broken connection, and not the last words that lie there unread.
   */
  farewell(): Promise<void> {
    const socket = this.#socket;
    if (socket.destroyed) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(() => socket.destroy(), lastWordsTimeoutMs);
      socket.once('close', () => {
        clearTimeout(timer);
        resolve();
      });
      socket.end();
    });
  }

  #take(taken: Result<LinkFrame>, bytes: number): void {
    if (!taken.ok) return this.#refuse('protocol', taken.problem.message);
    const frame = taken.value;
    if (frame.kind === 'halt') return this.#halt(frame.when);
    if (this.#isRefused) return undefined;
    if (frame.kind === 'hello') return this.#greet(frame);
    if (this.#client === undefined) return this.#refuse('protocol', 'A client says hello first');
    if (frame.kind === 'took') return this.#client.took(frame.bytes);
    if (frame.kind === 'commands') return this.#obey(this.#client, frame.commands);
    return this.#refuse('protocol', `A client of ${bytes} bytes says what only an engine says`);
  }

  /** Who asked for it may wait for the end. */
  #halt(when: string): void {
    this.#socket.setTimeout(0);
    this.#options.halt(when === 'idle' ? 'idle' : 'now');
  }

  #greet(hello: Extract<LinkFrame, { readonly kind: 'hello' }>): void {
    if (this.#client !== undefined) return this.#refuse('protocol', 'A client says hello once');
    const { program, hub } = this.#options;
    if (hello.link !== linkVersion || hello.program !== program) {
      this.#isRefused = true;
      return this.#stream.send(packFrame({ kind: 'refused', code: 'version', message: program }));
    }
    this.#socket.setTimeout(0);
    this.#stream.send(packFrame({ kind: 'welcome', program, pid: process.pid }));
    this.#client = hub.join((body) => this.#send(body), maxClientBacklog);
    return undefined;
  }

  /** A client that says it took what it has not read would have us keep it all. */
  #send(body: Uint8Array): void {
    if (this.#socket.writableLength > clientWindowBytes + maxEngineFrameBytes) this.#socket.destroy();
    else this.#stream.send(body);
  }

  #obey(client: Joined, commands: readonly unknown[]): void {
    for (const command of commands) {
      if (!checkCommand(command)) return this.#refuse('protocol', 'The engine has no such command');
      client.receive(command satisfies EngineCommand);
    }
  }

  #refuse(code: string, message: string): void {
    this.#isRefused = true;
    this.#stream.send(packFrame({ kind: 'refused', code, message }));
    this.#socket.destroySoon();
  }
}
