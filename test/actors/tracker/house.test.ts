import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { ManualClock } from '../../../src/actors/runtime/testing.ts';
import * as limits from '../../../src/core/limits/wire.ts';
import {
  allowanceRetryMs,
  dropBucketsCost,
  maxTlsHandshakes,
  trackerChanges,
} from '../../../src/core/limits/tracker.ts';
import { listenerOf } from '../../../src/actors/tracker/gate.ts';
import { atRest, until } from '../../helpers/poll.ts';
import { tempDir } from '../../helpers/temp-dir.ts';
import { RawPeer, sharedFile, sharedFiles, TestLink, TestTracker } from '../../helpers/trackers.ts';

describe('nobody notices when', () => {
  test.each([
    ['registry', 'here'],
    ['registry', 'thread'],
    ['reaper', 'here'],
    ['swarms', 'here'],
    ['directory', 'here'],
    ['gate', 'here'],
  ] as const)('the %s (%s) of a tracker crashes', async (victim, placement) => {
    const home = tempDir();
    const store = path.join(home, 'catalogue.sqlite');
    await using tracker = await TestTracker.start(home, { store, placement });
    await using alice = await TestLink.start(home, [tracker.address], {
      name: 'alice',
      share: sharedFiles(50),
    });
    await alice.isRegistered();
    await using guest = await TestLink.start(home, [tracker.address]);
    expect(await guest.search('report', 100)).toHaveLength(50);
    const { port } = tracker;
    expect(tracker.system.crash(`/tracker/${victim}`)).toBe(true);
    await until('it has been restarted', () => tracker.restarts(victim) === 1 && tracker.isUp);
    await until('it is all found again', async () => (await guest.search('report', 100)).length === 50);
    alice.change([sharedFile('news.txt')]);
    await until('changes are taken', async () => (await guest.search('news')).length === 1);
    await using late = await TestLink.start(home, [tracker.address]);
    expect(await late.ask({ type: 'peers' })).toMatchObject({ value: { peers: [{ name: 'alice' }] } });
    const dials = [alice, guest].map(({ states }) => states.filter((state) => state === 'connecting').length);
    expect(dials).toEqual([1, 1]);
    expect(tracker.port).toBe(port);
    expect(tracker.failures).toHaveLength(1);
  });

  test('the thread of its registry is killed', async () => {
    const home = tempDir();
    const store = path.join(home, 'catalogue.sqlite');
    await using tracker = await TestTracker.start(home, { store, placement: 'thread' });
    await using alice = await TestLink.start(home, [tracker.address], {
      name: 'alice',
      share: sharedFiles(50),
    });
    await alice.isRegistered();
    expect(tracker.system.kill('/tracker/registry')).toBe(true);
    await until('it has been restarted', () => tracker.restarts('registry') === 1 && tracker.isUp);
    await until('it is all found again', async () => (await alice.search('report', 100)).length === 50);
    alice.change([sharedFile('news.txt')]);
    await until('changes are taken', async () => (await alice.search('news')).length === 1);
    expect(alice.states.filter((state) => state === 'connecting')).toHaveLength(1);
  });
});

/** An address of this machine whose connections are with a listener. */
function addressOf(listener: number, listeners: number): string {
  const last = Array.from({ length: 50 }, (_, at) => at + 2);
  const found = last.find((at) => listenerOf(`127.0.0.${at}`, listeners) === listener);
  return `127.0.0.${found}`;
}

describe('a tracker heals when', () => {
  test('its registry loses a catalogue that lay in memory: who shares comes again with all of it', async () => {
    const home = tempDir();
    await using tracker = await TestTracker.start(home);
    await using alice = await TestLink.start(home, [tracker.address], {
      name: 'alice',
      share: sharedFiles(50),
    });
    await using guest = await TestLink.start(home, [tracker.address]);
    await alice.isRegistered();
    await guest.search('x');
    expect(tracker.system.crash('/tracker/registry')).toBe(true);
    await alice.isRegistered(2);
    expect(await guest.search('report', 100)).toHaveLength(50);
    expect(guest.states).toEqual(['connecting', 'registered']);
  });

  // Other systems have one address on the loopback only.
  (process.platform === 'linux' ? test : test.skip).each([
    ['crashes', (tracker: TestTracker, path: string) => tracker.system.crash(path)],
    ["'s thread is killed", (tracker: TestTracker, path: string) => tracker.system.kill(path)],
  ])('a listener %s: its connections come back, and nobody else notices', async (_how, end) => {
    const home = tempDir();
    const store = path.join(home, 'catalogue.sqlite');
    const limits = { listeners: 2, maxConnectionsPerHost: 2 };
    await using tracker = await TestTracker.start(home, { store, placement: 'thread', limits });
    // Two addresses of different listeners.
    const [near, far] = [0, 1].map((listener) => addressOf(listener, limits.listeners));
    using other = await RawPeer.connect(tracker.address, 'other', far);
    await other.greet();
    using mine = await RawPeer.connect(tracker.address, 'mine', near);
    await mine.greet();
    expect(end(tracker, '/tracker/listener-0')).toBe(true);
    await until('its connections have ended', () => mine.isClosed);
    // All that counted for them has been given back: twice as many as one address may have.
    using again = new DisposableStack();
    const back: string[] = [];
    await until('they are back', async () => {
      const name = `back ${back.length}`;
      const raw = again.use(await RawPeer.connect(tracker.address, name, near));
      raw.hello();
      await until('it is in or not', () => raw.isClosed || raw.heard.length > 0);
      return raw.heard[0]?.type === 'welcome' && back.push(name) === 2;
    });
    expect(other.isClosed).toBe(false);
    await using guest = await TestLink.start(home, [tracker.address]);
    await until('those who are there are listed', async () => {
      const peers = await guest.ask({ type: 'peers' });
      return peers.ok && peers.value.peers.map(({ name }) => name).join() === [...back, 'other'].join();
    });
  });

  test('its searchers and listeners end under searches: each has an answer, and none by way of others again', async () => {
    const home = tempDir();
    const store = path.join(home, 'catalogue.sqlite');
    const limits = { listeners: 1, searchers: 2, searchesPerSecond: 1e6, searchBurst: 1e6 };
    await using tracker = await TestTracker.start(home, { store, placement: 'thread', limits });
    const share = sharedFiles(50);
    await using alice = await TestLink.start(home, [tracker.address], { name: 'alice', share });
    await alice.isRegistered();
    await using guest = await TestLink.start(home, [tracker.address]);
    /** What their own parent, on this thread, has passed on to them. */
    const passedOn = (): number =>
      tracker.system
        .snapshot()
        .filter((one) => /searcher-\d$/.test(one.path))
        .reduce((all, { handled }) => all + handled, 0);
    const goesDirectly = async (): Promise<void> => {
      await until('searches pass nobody', async () => {
        const before = passedOn();
        const found = await guest.ask({ type: 'search', query: 'report', limit: 100 });
        return found.ok && found.value.results.length === 50 && passedOn() === before;
      });
    };
    await goesDirectly();
    for (const victim of ['searcher-0', 'searcher-1', 'listener-0', 'searcher-0']) {
      const asked = Array.from({ length: 8 }, () =>
        guest.ask({ type: 'search', query: 'report', limit: 100 }),
      );
      const restarts = tracker.restarts(victim);
      expect(tracker.system.kill(`/tracker/${victim}`)).toBe(true);
      // Who shares is gone with a listener as well, and may come back after who asks.
      const found = victim === 'listener-0' ? [50, 0] : [50];
      for (const answer of await Promise.all(asked))
        expect([...found, 'busy', 'unreachable', 'closed']).toContain(
          answer.ok ? answer.value.results.length : answer.problem.code,
        );
      await until('it has been restarted', () => tracker.isUp && tracker.restarts(victim) > restarts);
      await goesDirectly();
    }
  });

  test('a connection crashes, which only that peer notices', async () => {
    const home = tempDir();
    await using tracker = await TestTracker.start(home);
    await using alice = await TestLink.start(home, [tracker.address], {
      name: 'alice',
      share: sharedFiles(5),
    });
    await alice.isRegistered();
    await using guest = await TestLink.start(home, [tracker.address]);
    await guest.search('report');
    const [first] = tracker.system.snapshot().filter((one) => one.path.includes('/connection'));
    tracker.system.crash(first?.path ?? '');
    await alice.isRegistered(2);
    expect(guest.states).toEqual(['connecting', 'registered']);
    expect(tracker.opened).toBe(1);
    expect(await guest.search('report')).toHaveLength(5);
  });

  test('gives up, for its process to end, when crashes do not stop', async () => {
    const tracker = await TestTracker.start(tempDir());
    for (let crash = 1; crash <= 6; crash++) {
      tracker.system.crash('/tracker/gate');
      await until('up again or given up', () => tracker.opened > crash || !tracker.isUp);
      if (crash < 6) await until('up again', () => tracker.isUp);
    }
    expect(await tracker.done).toMatchObject({ kind: 'failed' });
  });
});

describe('a hostile client costs its own connection only:', () => {
  const hostile: readonly (readonly [string, Buffer])[] = [
    ['a length of nothing', Buffer.alloc(4)],
    ['a length of 4 GiB', Buffer.from([0xff, 0xff, 0xff, 0xff])],
    ['nested arrays', Buffer.concat([Buffer.from([0, 0, 0x0f, 0xff]), Buffer.alloc(0xfff, 0x91)])],
    ['an array that claims 8 million elements', Buffer.from([0, 0, 0, 5, 0xdd, 0, 0x7f, 0xff, 0xff])],
    ['an HTTP request', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
    // No length that there could be comes first, which would be waited for.
    ['noise', Buffer.concat([Buffer.from([0xff]), randomBytes(20_000)])],
    ['a request before its hello', Buffer.from([0, 0, 0, 5, 0x94, 0x20, 0x01, 0xa0, 0x01])],
  ];

  test.each(hostile)('%s', async (_what, bytes) => {
    const home = tempDir();
    await using tracker = await TestTracker.start(home);
    await using guest = await TestLink.start(home, [tracker.address]);
    await guest.search('x');
    using raw = await RawPeer.connect(tracker.address);
    raw.socket.write(bytes);
    await until('it is closed', () => raw.isClosed);
    await guest.search('x');
    expect(guest.states).toEqual(['connecting', 'registered']);
    expect(tracker.failures).toEqual([]);
  });

  test('after its hello as before', async () => {
    await using tracker = await TestTracker.start(tempDir());
    for (const [what, bytes] of hostile.slice(0, 6)) {
      using raw = await RawPeer.connect(tracker.address, what);
      await raw.greet();
      raw.socket.write(bytes);
      await until('it is closed', () => raw.isClosed);
    }
    expect(tracker.failures).toEqual([]);
    expect(tracker.isUp).toBe(true);
  });

  test('a guest that speaks of a share', async () => {
    await using tracker = await TestTracker.start(tempDir());
    using raw = await RawPeer.connect(tracker.address);
    await raw.greet();
    raw.send({ type: 'add', files: sharedFiles(1) });
    await until('it is refused', () => raw.refusal === 'bad-request');
  });

  test('paths that are none are left out, one by one, and the rest is listed', async () => {
    const home = tempDir();
    await using tracker = await TestTracker.start(home);
    const bad = ['/docs/../../etc/passwd', 'no-slash.txt', '/docs/\u001b[2Jname.txt', '/docs//x.txt'];
    const share = [
      ...sharedFiles(3),
      ...bad.map((at, number) => ({ ...sharedFile(String(number)), path: at })),
    ];
    await using alice = await TestLink.start(home, [tracker.address], { name: 'alice', share });
    await alice.isRegistered();
    expect(alice.registered).toEqual([3]);
    expect(alice.problem).toMatchObject({
      code: 'limit',
      message: expect.stringContaining('4 of our files'),
    });
  });

  test.each(['', ' ', 'a\u0007b', '\u202e'])('a name that cannot be shown (%j)', async (name) => {
    await using tracker = await TestTracker.start(tempDir());
    using raw = await RawPeer.connect(tracker.address, name || '\u0000');
    raw.hello();
    await until('it is refused', () => raw.refusal === 'bad-name');
    await until('it is closed', () => raw.isClosed);
  });

  test('one that never finishes a message is closed in time, however often a byte of it comes', async () => {
    const clock = new ManualClock();
    await using tracker = await TestTracker.start(tempDir(), { clock });
    using raw = await RawPeer.connect(tracker.address);
    await raw.greet();
    raw.socket.write(Buffer.from([0, 0, 4, 0, 0x94]));
    let elapsedMs = 0;
    await until('it is closed', () => {
      // Not to the very end: what a closing side has not read makes it take back its last word.
      if (elapsedMs < limits.frameTimeoutMs / 2) raw.socket.write(Buffer.from([0x20]));
      clock.advance(1_000);
      elapsedMs += 1_000;
      return raw.isClosed;
    });
    expect(elapsedMs).toBeGreaterThanOrEqual(limits.frameTimeoutMs);
    expect(raw.refusal).toBe('timeout');
    expect(tracker.failures).toEqual([]);
  });

  test('one whose host changes shares without end waits for its turn, and others are served', async () => {
    const home = tempDir();
    const clock = new ManualClock();
    await using tracker = await TestTracker.start(home, { clock });
    using raw = await RawPeer.connect(tracker.address, 'mallory');
    await raw.greet();
    const bitmap = new Uint8Array(32);
    const { burst } = trackerChanges;
    for (let cost = 0; cost <= burst; cost += dropBucketsCost) raw.send({ type: 'drop-buckets', bitmap });
    const requestId = raw.session.nextRequestId();
    const state = { generation: 1, count: 0, digest: new Uint8Array(16) };
    raw.send({ type: 'commit', requestId, ...state });
    await using guest = await TestLink.start(home, [tracker.address]);
    for (let asked = 0; asked < 20; asked++) await guest.search('x');
    const isDone = (): boolean => raw.heard.some(({ type }) => type === 'committed');
    expect(isDone()).toBe(false);
    await until('its turn has come', () => {
      clock.advance(allowanceRetryMs);
      return isDone();
    });
    expect(tracker.failures).toEqual([]);
  });

  test('one that asks and does not read is closed after a while, and others are served meanwhile', async () => {
    const home = tempDir();
    const clock = new ManualClock();
    const generous = { searchesPerSecond: 1e6, searchBurst: 1e6 };
    await using tracker = await TestTracker.start(home, { clock, limits: generous });
    // Answers of 180 kB each, so that what the kernel takes is soon used up.
    const share = sharedFiles(200, `report ${'long '.repeat(180)}`);
    await using alice = await TestLink.start(home, [tracker.address], { name: 'alice', share });
    await alice.isRegistered();
    using raw = await RawPeer.connect(tracker.address);
    await raw.greet();
    raw.stopReading();
    for (let asked = 0; asked < limits.maxTrackerRequests; asked++)
      raw.send({ type: 'search', requestId: raw.session.nextRequestId(), query: 'report', limit: 200 });
    await using guest = await TestLink.start(home, [tracker.address]);
    expect(await guest.search('report')).toHaveLength(200);
    let elapsedMs = 0;
    // Until the kernel takes no more of the answers no time passes, however slow the machine is just now.
    for (; tracker.connections > 2 && elapsedMs < limits.leaseMs; elapsedMs += 1_000) {
      await atRest(() => tracker.handled);
      clock.advance(1_000);
    }
    expect([tracker.connections, elapsedMs < limits.leaseMs]).toEqual([2, true]);
    expect(await guest.search('report')).toHaveLength(200);
    expect(tracker.failures).toEqual([]);
  });
});

describe('the door', () => {
  test('lets in so many and no more, and the next when one has left', async () => {
    const home = tempDir();
    await using tracker = await TestTracker.start(home, { limits: { maxConnections: 3 } });
    const inside = [];
    for (let number = 0; number < 3; number++) {
      const raw = await RawPeer.connect(tracker.address);
      await raw.greet();
      inside.push(raw);
    }
    using fourth = await RawPeer.connect(tracker.address);
    await until('the fourth is turned away', () => fourth.isClosed);
    inside[0]?.socket.destroy();
    await until('one has left', () => tracker.connections === 2);
    using fifth = await RawPeer.connect(tracker.address);
    await fifth.greet();
    for (const raw of inside) raw.socket.destroy();
  });

  test('lets in so many of one address', async () => {
    await using tracker = await TestTracker.start(tempDir(), { limits: { maxConnectionsPerHost: 1 } });
    using first = await RawPeer.connect(tracker.address);
    await first.greet();
    using second = await RawPeer.connect(tracker.address);
    await until('the second is turned away', () => second.isClosed);
  });

  test('is not blocked by those who never shake hands', async () => {
    const home = tempDir();
    await using tracker = await TestTracker.start(home, { limits: { maxPendingHandshakes: 4 } });
    const silent = Array.from({ length: 20 }, () => connect(tracker.port, '127.0.0.1').on('error', () => {}));
    await using guest = await TestLink.start(home, [tracker.address]);
    await guest.search('x');
    const isOpen = (): number => silent.filter((socket) => !socket.destroyed).length;
    await until('the oldest made room', () => isOpen() <= 4);
    for (const socket of silent) socket.destroy();
  });

  // Other systems have one address on the loopback only.
  const onLinux = process.platform === 'linux' ? test : test.skip;
  onLinux('lets others in at once while a host has all handshakes there may be at a time', async () => {
    // Time stands still: nobody is let go of for having been silent.
    await using tracker = await TestTracker.start(tempDir(), { clock: new ManualClock() });
    const dial = () => connect({ host: '127.0.0.1', port: tracker.port, localAddress: '127.0.0.3' });
    const silent = Array.from({ length: maxTlsHandshakes + 20 }, () => dial().on('error', () => {}));
    await Promise.all(silent.map((socket) => once(socket.resume(), 'connect')));
    using raw = await RawPeer.connect(tracker.address);
    await raw.greet();
    expect(silent.filter(({ destroyed }) => destroyed)).toEqual([]);
    for (const socket of silent) socket.destroy();
    await until('nobody is before the door', () => tracker.connections === 1);
  });

  onLinux('lets in so many of one network of addresses', async () => {
    await using tracker = await TestTracker.start(tempDir(), { limits: { maxConnectionsPerNetwork: 2 } });
    using first = await RawPeer.connect(tracker.address, '', '127.0.9.1');
    using second = await RawPeer.connect(tracker.address, '', '127.0.9.2');
    for (const raw of [first, second]) await raw.greet();
    using third = await RawPeer.connect(tracker.address, '', '127.0.9.3');
    await until('the third is turned away', () => third.isClosed);
    using other = await RawPeer.connect(tracker.address, '', '127.0.8.1');
    await other.greet();
  });

  onLinux('is not blocked for others by a host that begins many handshakes', async () => {
    const limited = { maxPendingHandshakes: 4 };
    await using tracker = await TestTracker.start(tempDir(), { clock: new ManualClock(), limits: limited });
    const dial = (localAddress: string) =>
      connect({ host: '127.0.0.1', port: tracker.port, localAddress }).on('error', () => {});
    const honest = dial('127.0.0.2');
    await new Promise((resolve) => honest.once('connect', resolve));
    const many = Array.from({ length: 20 }, () => dial('127.0.0.3').resume());
    await until('there is room', () => many.filter((socket) => socket.destroyed).length === 17);
    expect(honest.resume().destroyed).toBe(false);
    for (const socket of [honest, ...many]) socket.destroy();
  });

  test('is closed to who does not finish its handshake, or never says hello', async () => {
    await using tracker = await TestTracker.start(tempDir(), { limits: { handshakeTimeoutMs: 100 } });
    const silent = connect(tracker.port, '127.0.0.1').on('error', () => {});
    silent.resume();
    await until('the silent is closed', () => silent.destroyed);
    const clock = new ManualClock();
    await using other = await TestTracker.start(tempDir(), { clock });
    using raw = await RawPeer.connect(other.address);
    await until('the wordless is closed', () => {
      clock.advance(1_000);
      return raw.isClosed;
    });
    expect(raw.refusal).toBe('timeout');
  });

  test('is open to dozens of quick searches of one host, and closed to a flood', async () => {
    const home = tempDir();
    await using tracker = await TestTracker.start(home, {
      limits: { searchesPerSecond: 0.01, searchBurst: 45 },
    });
    for (let script = 0; script < 30; script++) {
      await using guest = await TestLink.start(home, [tracker.address]);
      await guest.search('x');
    }
    await using flood = await TestLink.start(home, [tracker.address]);
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => flood.ask({ type: 'search', query: 'x', limit: 1 })),
    );
    const refused = answers.filter((answer) => !answer.ok && answer.problem.code === 'limit');
    expect(refused.length).toBeGreaterThan(30);
  });
});

test('a stop leaves no connection behind that was waiting to be let in', async () => {
  const tracker = await TestTracker.start(tempDir());
  const guests = Array.from({ length: 50 }, () => connect(tracker.port, '127.0.0.1').on('error', () => {}));
  let stopped: Promise<void> | undefined;
  const stop = (): void => {
    stopped ??= tracker.stop();
  };
  for (const guest of guests) guest.resume().once('connect', stop);
  await until('all are closed', () => guests.every(({ destroyed }) => destroyed));
  await stopped;
});

test('a graceful stop says goodbye to everybody', async () => {
  const tracker = await TestTracker.start(tempDir());
  using raw = await RawPeer.connect(tracker.address);
  await raw.greet();
  await tracker.stop();
  await until('it is closed', () => raw.isClosed);
  expect(raw.heard.at(-1)).toMatchObject({ type: 'bye' });
});
