/**
 * Strangers who say anything at all over real sockets, to doors and to those who dial: before the TLS handshake, in the
 * middle of it and after it, one after the other and side by side, and who leave in every way there is. Nothing of ours
 * fails, whoever is honest is served, and no socket stays open. `SHOAL_HOSTILE_SEED` draws other visits, and
 * `SHOAL_HOSTILE_VISITS` says how many.
 */
import { expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { connect as connectTls, TLSSocket } from 'node:tls';
import { ManualClock } from '../../src/actors/runtime/testing.ts';
import type { Source } from '../../src/core/catalogue.ts';
import type { Identity } from '../../src/identity/identity.ts';
import { tlsOptions } from '../../src/identity/tls.ts';
import { greetings, hostileBytes, noise, type Protocol } from '../helpers/hostile-bytes.ts';
import { openSocketsOf } from '../helpers/open-handles.ts';
import { TestPeer } from '../helpers/peers.ts';
import { atRest, until } from '../helpers/poll.ts';
import { Seeded } from '../helpers/seeded.ts';
import { tempDir } from '../helpers/temp-dir.ts';
import { sharedFiles, TestLink, TestTracker } from '../helpers/trackers.ts';
import { makeContent, makeIdentity } from '../helpers/transfer.ts';

const seed = Number(process.env['SHOAL_HOSTILE_SEED'] ?? 1);
const visits = Number(process.env['SHOAL_HOSTILE_VISITS'] ?? 120);
const atOnce = 8;
const identities = await Promise.all([1, 2, 3].map(() => makeIdentity()));

/** How somebody leaves: as a program does, by half, by a reset, or not before everything is over. */
const leavings = ['destroys', 'ends', 'resets', 'stays'] as const;

class Strangers implements Disposable {
  readonly #seeded: Seeded;
  readonly #protocol: Protocol;
  readonly #staying = new Set<Socket>();
  #isOver = false;

  constructor(protocol: Protocol) {
    this.#protocol = protocol;
    this.#seeded = new Seeded(seed + (protocol === 'peer' ? 7 : 11));
  }

  /** One visit to a door: resolves when it has been paid, whatever came of it. */
  async visit(port: number): Promise<void> {
    const seeded = this.#seeded;
    const isInside = seeded.chance(0.7);
    const options = tlsOptions(seeded.pick(identities), this.#protocol);
    const socket = isInside
      ? connectTls({ host: '127.0.0.1', port, ...options, checkServerIdentity: () => undefined })
      : connect({ host: '127.0.0.1', port });
    socket.on('error', () => socket.destroy());
    await new Promise((resolve) =>
      socket.once(isInside ? 'secureConnect' : 'connect', resolve).once('close', resolve),
    );
    await this.#say(socket, isInside ? 'dials' : undefined);
  }

  /** What is said on a connection, and how it is left. */
  async #say(socket: Socket, inside: 'dials' | 'answers' | undefined): Promise<void> {
    const seeded = this.#seeded;
    if (seeded.chance(0.8)) socket.resume();
    for (const bytes of this.#words(inside)) {
      if (!socket.writable) break;
      await new Promise<void>((resolve) => socket.write(bytes, () => resolve()));
    }
    switch (seeded.pick(leavings)) {
      case 'destroys':
        return void socket.destroy();
      case 'ends':
        this.#staying.add(socket);
        return void socket.end();
      case 'resets':
        return void (socket instanceof TLSSocket ? socket.destroy() : socket.resetAndDestroy());
      case 'stays':
        return void this.#staying.add(socket);
    }
  }

  #words(inside: 'dials' | 'answers' | undefined): readonly Uint8Array[] {
    const seeded = this.#seeded;
    if (inside) {
      const words = hostileBytes(seeded, this.#protocol);
      return seeded.chance(0.8) ? [greetings[this.#protocol][inside], ...words] : words;
    }
    // What looks like the beginning of a handshake, for a while.
    const record = Uint8Array.of(0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3);
    const rest = noise(seeded, seeded.between(0, 600));
    return seeded.chance(0.5) ? [record, rest] : [rest];
  }

  /** Who is dialled: takes each connection in, or not, and says what it says. */
  serve(raw: Socket, identity: Identity): void {
    if (this.#isOver) return void raw.destroy();
    const isInside = this.#seeded.chance(0.8);
    const options = { isServer: true, ...tlsOptions(identity, this.#protocol) };
    const socket = isInside ? new TLSSocket(raw, options) : raw;
    for (const one of [raw, socket]) {
      one.on('error', () => one.destroy());
      this.#staying.add(one);
    }
    const say = (): void => void this.#say(socket, isInside ? 'answers' : undefined);
    if (isInside) socket.once('secure', say);
    else say();
  }

  [Symbol.dispose](): void {
    this.#isOver = true;
    for (const socket of this.#staying) socket.destroy();
  }
}

/** Pays all visits, so many at a time. */
async function inTurn(count: number, pay: () => Promise<void>): Promise<void> {
  let left = count;
  const work = async (): Promise<void> => {
    for (; left > 0; left -= 1) await pay();
  };
  await Promise.all(Array.from({ length: atOnce }, work));
}

/** Listens at a port of its own until it is disposed of. */
async function listen(take: (socket: Socket) => void): Promise<{ readonly port: number } & Disposable> {
  const server = createServer(take);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { port, [Symbol.dispose]: () => void server.close() };
}

test("a peer's door takes no harm", async () => {
  const content = makeContent(tempDir(), 'a', 3_000_000);
  await using peer = await TestPeer.start([content]);
  await using honest = await TestPeer.start();
  const { port } = peer.source;
  const threads = peer.pool.threadIds();
  {
    using strangers = new Strangers('peer');
    await inTurn(visits, () => strangers.visit(port));
    const got = await honest.ended(await honest.download(content, tempDir(), [peer.source]));
    expect(readFileSync(got.path!).equals(content.bytes)).toBe(true);
  }
  expect([...peer.failures, ...honest.failures]).toEqual([]);
  expect(peer.pool.threadIds()).toEqual(expect.arrayContaining([...threads]));
  await honest[Symbol.asyncDispose]();
  await until('no socket is open', () => openSocketsOf(new Set([port])) <= 1);
});

test('a thousand connections of one address that say nothing keep nobody else out of a peer', async () => {
  const content = makeContent(tempDir(), 'a', 3_000_000);
  await using peer = await TestPeer.start([content]);
  await using honest = await TestPeer.start();
  const { port } = peer.source;
  const open = new Set<Socket>();
  await inTurn(1_000, async () => {
    // Other systems have one address on the loopback only, and let the honest one in as these are let go.
    const from = process.platform === 'linux' ? { localAddress: '127.0.9.9' } : {};
    const socket = connect({ host: '127.0.0.1', port, ...from });
    open.add(socket.on('error', () => socket.destroy()).resume());
    await new Promise((resolve) => socket.once('connect', resolve).once('close', resolve));
    socket.once('close', () => open.delete(socket));
    if (socket.destroyed) open.delete(socket);
  });
  const got = await honest.ended(await honest.download(content, tempDir(), [peer.source]));
  expect(readFileSync(got.path!).equals(content.bytes)).toBe(true);
  await until('all of them are shown out', () => open.size === 0);
  expect([...peer.failures, ...honest.failures]).toEqual([]);
});

test('a door of a tracker takes no harm', async () => {
  const home = tempDir();
  const limits = { maxConnectionsPerHost: visits + 100, listeners: 1 };
  await using tracker = await TestTracker.start(home, { limits });
  await using honest = await TestLink.start(home, [tracker.address], {
    name: 'honest',
    share: sharedFiles(30),
  });
  await honest.isRegistered();
  {
    using strangers = new Strangers('tracker');
    await inTurn(visits, () => strangers.visit(tracker.port));
    expect(await honest.search('report')).toHaveLength(30);
  }
  await until('all strangers are gone', () => tracker.connections === 1);
  expect(tracker.failures).toEqual([]);
  expect(honest.states.filter((state) => state === 'connecting')).toHaveLength(1);
  expect(tracker.isUp).toBe(true);
});

test('who downloads takes no harm from whom it dials', async () => {
  const content = makeContent(tempDir(), 'a', 3_000_000);
  using strangers = new Strangers('peer');
  using doors = new DisposableStack();
  const sources: Source[] = [];
  const dialled: { count: number } = { count: 0 };
  for (const liar of identities) {
    const door = doors.use(
      await listen((socket) => {
        dialled.count += 1;
        strangers.serve(socket, liar);
      }),
    );
    sources.push({ peer: liar.id, name: 'liar', host: '127.0.0.1', port: door.port });
  }
  await using peer = await TestPeer.start([content]);
  await using honest = await TestPeer.start();
  const out = tempDir();
  let transfer = await honest.download(content, out, sources, { name: 'first' });
  await until('liars are dialled', () => dialled.count >= identities.length);
  for (let again = 0; again < Math.ceil(visits / 10); again++) {
    honest.refs.downloads?.tell({ type: 'retry', transfers: [transfer] });
    const before = dialled.count;
    honest.refs.downloads?.tell({ type: 'remove', transfers: [transfer], deletesData: true });
    transfer = await honest.download(content, tempDir(), sources, { name: `n${again}` });
    await until('a liar is dialled', () => dialled.count > before);
  }
  const got = await honest.ended(await honest.download(content, tempDir(), [...sources, peer.source]));
  expect(readFileSync(got.path!).equals(content.bytes)).toBe(true);
  expect([...peer.failures, ...honest.failures]).toEqual([]);
});

test('who is with a tracker takes no harm from it', async () => {
  const [identity] = identities;
  using strangers = new Strangers('tracker');
  let dialled = 0;
  using door = await listen((socket) => {
    dialled += 1;
    strangers.serve(socket, identity!);
  });
  const home = tempDir();
  const clock = new ManualClock();
  await using tracker = await TestTracker.start(home);
  const addresses = [{ host: '127.0.0.1', port: door.port }, tracker.address];
  await using honest = await TestLink.start(home, addresses, {
    name: 'honest',
    share: sharedFiles(30),
    clock,
  });
  for (let times = 1; times <= visits / 4; times++)
    await until('it dials again', async () => {
      if (dialled >= times) return true;
      await atRest(() => dialled);
      clock.advance(10_000);
      return dialled >= times;
    });
  expect(honest.failures).toEqual([]);
  let found: number | undefined;
  const search = honest.search('report').then((results) => (found = results.length));
  // The other tracker answers nobody, and is waited for.
  await until('the search is over', () => {
    clock.advance(100);
    return found !== undefined;
  });
  await search;
  expect(found).toBe(30);
});
