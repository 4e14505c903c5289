import { chmodSync, existsSync, lstatSync, mkdirSync, writeFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { connect, type Socket } from 'node:net';
import path from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { systemClock } from '../../src/actors/runtime/index.ts';
import type { AttachedEngine, EngineCommand, EngineEvent } from '../../src/core/engine/engine-api.ts';
import {
  attachTimeoutMs,
  clientWindowBytes,
  maxAttachedClients,
  maxClientBacklog,
  maxClientFrameBytes,
} from '../../src/core/limits/engine.ts';
import type { Result } from '../../src/core/result.ts';
import { connectEngine, haltEngine } from '../../src/engine/connect-engine.ts';
import { openEngineSocket, type EngineSocket } from '../../src/engine/engine-socket.ts';
import { EventHub } from '../../src/engine/event-hub.ts';
import { linkVersion, packFrame, packPrefixed, type LinkFrame } from '../../src/engine/link-frames.ts';
import { socketPath } from '../../src/engine/socket-place.ts';
import { until } from '../helpers/poll.ts';
import { tempDir } from '../helpers/temp-dir.ts';
import { downloadView, engineSnapshot } from '../helpers/views.ts';
import * as fc from '../helpers/properties.ts';

const program = 'shoal/1.0.0';
const closing: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

function must<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(result.problem.message);
  return result.value;
}

const log = (text: string): EngineEvent => ({
  type: 'log',
  line: { atMs: 0, level: 'info', source: 'test', text },
});

/** An engine of which there is nothing but its hub and its socket. */
class Engine {
  readonly home: string;
  readonly hub: EventHub;
  readonly commands: EngineCommand[] = [];
  readonly halts: string[] = [];
  socket!: EngineSocket;

  constructor(home = tempDir()) {
    this.home = home;
    this.hub = new EventHub({
      clock: systemClock,
      defer: (callback) => void setImmediate(callback),
      deliver: (command) => {
        this.commands.push(command);
        if (command.type !== 'snapshot') return;
        const answer = { ok: true, value: engineSnapshot() } as const;
        this.hub.publish({ type: 'answer-snapshot', requestId: command.requestId, answer });
      },
    });
  }

  static async start(home?: string, helloTimeoutMs?: number): Promise<Engine> {
    const engine = new Engine(home);
    engine.socket = must(await engine.open(helloTimeoutMs));
    closing.push(() => engine.socket.close());
    return engine;
  }

  open(helloTimeoutMs = attachTimeoutMs): Promise<Result<EngineSocket>> {
    return openEngineSocket({
      home: this.home,
      hub: this.hub,
      program,
      helloTimeoutMs,
      halt: (when) => void this.halts.push(when),
    });
  }

  async attach(): Promise<{ readonly client: AttachedEngine; readonly heard: EngineEvent[] }> {
    const client = must(await connectEngine(this.home, program));
    const heard: EngineEvent[] = [];
    client.subscribe((event) => heard.push(event));
    closing.push(() => client.close());
    return { client, heard };
  }
}

/** A connection that says what it is told to, and nothing of its own. */
async function visit(home: string): Promise<Socket> {
  const socket = connect({ path: socketPath(home) });
  socket.on('error', () => undefined);
  closing.push(() => socket.destroy());
  await new Promise((resolve) => socket.once('connect', resolve));
  return socket;
}

const say = (socket: Socket, ...frames: readonly LinkFrame[]): void => {
  for (const frame of frames) socket.write(packPrefixed(packFrame(frame)));
};

const hello = { kind: 'hello', link: linkVersion, program } as const;

/** Everything that comes until the other side ends the connection. */
async function untilClosed(socket: Socket): Promise<string> {
  let said = '';
  socket.on('data', (bytes) => (said += bytes.toString('latin1')));
  socket.resume();
  if (!socket.closed) await new Promise((resolve) => socket.once('close', resolve));
  return said;
}

describe('the socket', () => {
  test('is for its owner only, in a folder of its own, and gone after a graceful end', async () => {
    const engine = await Engine.start();
    expect(lstatSync(engine.socket.path).mode & 0o777).toBe(0o600);
    expect(lstatSync(path.dirname(engine.socket.path)).mode & 0o077).toBe(0);
    await engine.socket.close();
    expect(existsSync(engine.socket.path)).toBe(false);
  });

  test('of a profile with a long path lies elsewhere, and is found there', async () => {
    const home = path.join(tempDir(), 'x'.repeat(60), 'y'.repeat(60));
    mkdirSync(home, { recursive: true });
    const engine = await Engine.start(home);
    expect(Buffer.byteLength(engine.socket.path)).toBeLessThan(104);
    expect(lstatSync(path.dirname(engine.socket.path)).mode & 0o777).toBe(0o700);
    const { client, heard } = await engine.attach();
    engine.hub.publish(log('there'));
    await until('the event', () => heard.length === 1);
    client.close();
    expect(await client.ended).toBe(0);
  });

  test('that a killed engine has left is taken away, one that answers is not', async () => {
    const home = tempDir();
    leaveSocket(socketPath(home));
    const engine = await Engine.start(home);
    expect(await new Engine(home).open()).toMatchObject({ problem: { code: 'bad-request' } });
    const { client } = await engine.attach();
    expect(client.pid).toBe(process.pid);
  });

  test('is not put where a file lies, nor in a folder that others may enter', async () => {
    const home = tempDir();
    writeFileSync(socketPath(home), 'precious');
    expect(await new Engine(home).open()).toMatchObject({ problem: { code: 'io' } });
    expect(await connectEngine(home, program)).toMatchObject({ problem: { code: 'io' } });
    const open = tempDir();
    chmodSync(open, 0o755);
    expect(await new Engine(open).open()).toMatchObject({ problem: { code: 'io' } });
  });

  test('is not trusted when its folder was opened to others later', async () => {
    const engine = await Engine.start();
    chmodSync(engine.home, 0o777);
    expect(await connectEngine(engine.home, program)).toMatchObject({ problem: { code: 'io' } });
  });
});

describe('clients', () => {
  test('that find no engine are told how to start one', async () => {
    const home = tempDir();
    const nowhere = {
      ok: false,
      problem: { code: 'unreachable', message: expect.stringContaining('--detach') },
    };
    expect(await connectEngine(home, program)).toEqual(nowhere);
    expect(await haltEngine(home, 'now')).toEqual(nowhere);
    leaveSocket(socketPath(home));
    expect(await connectEngine(home, program)).toEqual(nowhere);
  });

  test('each hear of everything and get their own answers', async () => {
    const engine = await Engine.start();
    const [one, two] = [await engine.attach(), await engine.attach()];
    const view = downloadView({ problem: undefined, name: 'naïve 東京' });
    engine.hub.publish({ type: 'download', download: view });
    one.client.send({ type: 'snapshot', requestId: 1 });
    two.client.send({ type: 'snapshot', requestId: 2 });
    await until('both answers', () => one.heard.length === 2 && two.heard.length === 2);
    const answered = (requestId: number): unknown => ({
      type: 'answer-snapshot',
      requestId,
      answer: { ok: true, value: engineSnapshot() },
    });
    expect(one.heard).toStrictEqual([{ type: 'download', download: view }, answered(1)]);
    expect(two.heard).toStrictEqual([{ type: 'download', download: view }, answered(2)]);
  });

  test('of another version are told what runs and what to do, and may stop it', async () => {
    const engine = await Engine.start();
    const refused = await connectEngine(engine.home, 'shoal/2.0.0');
    expect(refused).toMatchObject({
      problem: {
        code: 'version',
        message:
          'The peer in the background is shoal/1.0.0, this is shoal/2.0.0: stop it with shoal stop and start it again',
      },
    });
    const socket = await visit(engine.home);
    say(socket, { ...hello, link: linkVersion + 1 }, { kind: 'halt', when: 'now' });
    await until('the stop', () => engine.halts.length === 1);
    expect(await haltEngine(engine.home, 'idle')).toEqual({ ok: true, value: undefined });
    await until('the second stop', () => engine.halts.length === 2);
    expect(engine.halts).toEqual(['now', 'idle']);
  });

  test('hear the last word, and end as the engine did', async () => {
    const engine = await Engine.start();
    const { client, heard } = await engine.attach();
    engine.hub.publish({ type: 'stopped' });
    engine.hub.flush();
    await engine.socket.close();
    expect(await client.ended).toBe(0);
    expect(heard).toEqual([{ type: 'stopped' }]);
  });

  test('that speak while the engine ends hear the last word all the same', async () => {
    const engine = await Engine.start();
    const socket = await visit(engine.home);
    say(socket, hello);
    await until('it is heard', () => socket.bytesRead > 0);
    socket.pause();
    engine.hub.publish({ type: 'stopped' });
    engine.hub.flush();
    const closed = engine.socket.close();
    for (let turn = 0; turn < 50; turn++) {
      await new Promise((resolve) => setImmediate(resolve));
      say(socket, { kind: 'took', bytes: 1 });
    }
    expect(await untilClosed(socket)).toContain('stopped');
    await closed;
  });

  test('are told when the engine is lost, and that it failed when it failed', async () => {
    const engine = await Engine.start();
    const [lost, failed] = [await engine.attach(), await engine.attach()];
    engine.hub.publish(log('alive'));
    await until('both are there', () => lost.heard.length === 1 && failed.heard.length === 1);
    await engine.socket.close();
    expect(await lost.client.ended).toBe(69);
    expect(lost.heard.at(-1)).toMatchObject({ type: 'fault', problem: { code: 'closed' } });

    const other = await Engine.start();
    const { client } = await other.attach();
    other.hub.publish({ type: 'fault', problem: { code: 'internal', message: 'oh' } });
    other.hub.flush();
    await other.socket.close();
    expect(await client.ended).toBe(70);
  });

  test('beyond the bound are told so and let go of, but may stop the engine', async () => {
    const engine = await Engine.start();
    const guests = await Promise.all(Array.from({ length: maxAttachedClients }, () => engine.attach()));
    expect(await connectEngine(engine.home, program)).toMatchObject({ problem: { code: 'busy' } });
    expect(await haltEngine(engine.home, 'idle')).toEqual({ ok: true, value: undefined });
    await until('the stop', () => engine.halts.length === 1);
    guests[0]?.client.close();
    await until('there is room', async () => {
      const again = await connectEngine(engine.home, program);
      if (again.ok) again.value.close();
      return again.ok;
    });
  });

  test('that do not read cost the others nothing, and the engine a bounded memory', async () => {
    const engine = await Engine.start();
    const stalled = await visit(engine.home);
    stalled.pause();
    say(stalled, hello);
    const { heard } = await engine.attach();
    const text = 'x'.repeat(1_000);
    const events = maxClientBacklog + Math.ceil((2 * clientWindowBytes) / text.length);
    for (let at = 1; at <= events; at++) {
      engine.hub.publish(log(text));
      if (at % 500 === 0) await until('the other has it all', () => heard.length === at);
    }
    await until('the other has it all', () => heard.length === events);
    const before = engine.commands.length;
    stalled.resume();
    // What it has missed is more than ever waited for it, so it is asked how all is.
    say(stalled, { kind: 'took', bytes: 1e9 });
    await until('the snapshot', () => engine.commands.slice(before).some(({ type }) => type === 'snapshot'));
  });
});

describe('whoever breaks the rules', () => {
  const frameOf = (...body: readonly number[]): Uint8Array => packPrefixed(Uint8Array.from(body));
  const hostile: readonly (readonly [string, Uint8Array])[] = [
    ['no frame at all', Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')],
    ['a frame that is too long', Buffer.from([0x7f, 0xff, 0xff, 0xff, 0x92, 4])],
    ['a frame just beyond the bound', Buffer.from([0, ...bytesOf(maxClientFrameBytes + 1), 0x92, 4])],
    ['an empty frame', Buffer.from([0, 0, 0, 0])],
    ['an array that announces more than there is', frameOf(0x92, 4, 0xdd, 0xff, 0xff, 0xff, 0xff)],
    ['a map that announces more than there is', frameOf(0x92, 4, 0xdf, 0xff, 0xff, 0xff, 0xff)],
    ['what is nested without end', frameOf(0x92, 4, ...Array<number>(5_000).fill(0x91), 0xc0)],
    ['an extension', frameOf(0x92, 4, 0xc7, 3, 0x72, 1, 2, 3)],
    ['commands before a hello', packPrefixed(packFrame({ kind: 'commands', commands: [{ type: 'stay' }] }))],
  ];

  test.each(hostile)('is let go of: %s', async (_what, bytes) => {
    const engine = await Engine.start();
    const { heard } = await engine.attach();
    const socket = await visit(engine.home);
    socket.write(bytes);
    await untilClosed(socket);
    engine.hub.publish(log('still there'));
    await until('the other hears on', () => heard.length === 1);
    expect(engine.commands).toEqual([]);
  });

  const commands: readonly (readonly [string, unknown])[] = [
    ['no object', 7],
    ['of no type', {}],
    ['of an unknown type', { type: 'format-disk' }],
    ['of a type every object has', { type: 'constructor' }],
    ['without its number', { type: 'search', query: 'x', limit: 1 }],
    ['with a list that is none', { type: 'pause', transfers: { length: 3 } }],
    ['with what is no number', { type: 'limit', transfers: [1], bytesPerSecond: Number.NaN }],
    [
      'with half a target',
      { type: 'download', requestId: 1, target: { kind: 'tree' }, outDir: '/', bytesPerSecond: 0 },
    ],
  ];

  test.each(commands)('or sends a command that is none: %s', async (_what, command) => {
    const engine = await Engine.start();
    const socket = await visit(engine.home);
    say(socket, hello, { kind: 'commands', commands: [command as EngineCommand] });
    expect(await untilClosed(socket)).toContain('no such command');
    expect(engine.commands).toEqual([]);
  });

  test('changes nothing for the engine, whatever the bytes', async () => {
    const engine = await Engine.start();
    await fc.assert(
      fc.asyncProperty(
        fc.boolean(),
        fc.uint8Array({ minLength: 1, maxLength: 200 }),
        async (isGreeted, bytes) => {
          const socket = await visit(engine.home);
          if (isGreeted) say(socket, hello);
          socket.end(packPrefixed(bytes));
          await untilClosed(socket);
        },
      ),
      { numRuns: 60 },
    );
    expect(engine.commands.filter(({ type }) => type !== 'stay')).toEqual([]);
    const { client } = await engine.attach();
    expect(client.pid).toBe(process.pid);
  });

  test('says nothing for too long is let go of', async () => {
    const engine = await Engine.start(undefined, 20);
    const socket = await visit(engine.home);
    expect(await untilClosed(socket)).toBe('');
  });
});

function bytesOf(length: number): readonly number[] {
  return [(length >>> 16) & 255, (length >>> 8) & 255, length & 255];
}

/** Leaves a socket at which nobody answers, as a killed program does. */
function leaveSocket(socket: string): void {
  const script = `require('net').createServer().listen(process.argv[1], () => process.kill(process.pid, 'SIGKILL'))`;
  try {
    execFileSync(process.execPath, ['-e', script, socket], { stdio: 'ignore' });
  } catch {
    // Killed, as it should be.
  }
  if (!existsSync(socket)) throw new Error('No socket was left');
}
