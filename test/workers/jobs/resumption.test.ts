import { describe, expect, test } from '@jest/globals';
import { TLSSocket } from 'node:tls';
import { TlsSessions } from '../../../src/identity/tls-sessions.ts';
import { maxTlsSessionBytes, maxTlsSessions } from '../../../src/core/limits/connections.ts';
import type { PeerId } from '../../../src/core/ids.ts';
import { Intake } from '../../../src/workers/jobs/fetch/intake.ts';
import { dial } from '../../../src/workers/jobs/greeting.ts';
import { until } from '../../helpers/poll.ts';
import { makeIdentity, TestFetch, TestServer } from '../../helpers/transfer.ts';

const me = await makeIdentity();
const introduction = { identity: me, name: 'a', agent: 'test' };

/** Dials once, waits for the listener's first words, and says whether a session was resumed. */
async function visit(server: TestServer, peer = server.identity.id): Promise<boolean | string> {
  const intake = new Intake();
  const { socket, remote } = dial(
    { host: '127.0.0.1', tcpPort: server.port, peer, me: introduction },
    intake,
  );
  const proved = await remote;
  if (!proved.ok) {
    socket.destroy();
    return proved.problem.code;
  }
  let heard = 0;
  intake.attach({
    landing: () => undefined,
    landed: () => false,
    receive: (bytes) => (heard += bytes.length),
    mayRead: true,
    expectsHeader: false,
  });
  socket.resume();
  await until('the listener speaks', () => heard > 0);
  const isReused = (socket as TLSSocket).isSessionReused();
  socket.destroy();
  return isReused;
}

describe('a peer that comes again', () => {
  test('resumes its session, and each side still knows the other', async () => {
    await using server = await TestServer.start([]);
    expect(await visit(server)).toBe(false);
    expect(await visit(server)).toBe(true);
    await using fetch = new TestFetch(server, me);
    expect((await fetch.connected).peer).toBe(server.identity.id);
    await until('the listener knows', () => server.visitors.length > 0);
    expect(server.visitors.at(-1)?.peer).toBe(me.id);
  });

  test('does not take another listener for the one it knows', async () => {
    await using known = await TestServer.start([]);
    expect(await visit(known)).toBe(false);
    await using other = await TestServer.start([]);
    expect(await visit(other, known.identity.id)).toBe('unauthorised');
  });
});

/** An end of a connection to nobody. */
function nothing(): { readonly socket: TLSSocket } & Disposable {
  const socket = new TLSSocket(undefined as never);
  return { socket, [Symbol.dispose]: () => void socket.destroy() };
}

describe('the sessions that are kept', () => {
  test('are of a bounded size', () => {
    const sessions = new TlsSessions();
    using held = nothing();
    const { socket } = held;
    sessions.collect(socket, 'a' as PeerId, 'b' as PeerId);
    socket.emit('session', Buffer.alloc(maxTlsSessionBytes + 1));
    expect(sessions.find('a' as PeerId, 'b' as PeerId)).toBeUndefined();
    socket.emit('session', Buffer.alloc(maxTlsSessionBytes));
    expect(sessions.find('a' as PeerId, 'b' as PeerId)).toHaveLength(maxTlsSessionBytes);
  });

  test('are bounded, the oldest go first, and each belongs to two peers', () => {
    const sessions = new TlsSessions();
    using held = nothing();
    const { socket } = held;
    for (let at = 0; at <= maxTlsSessions; at++) {
      socket.removeAllListeners('session');
      sessions.collect(socket, 'a' as PeerId, `p${at}` as PeerId);
      socket.emit('session', Buffer.from([at & 255]));
    }
    expect(sessions.find('a' as PeerId, 'p0' as PeerId)).toBeUndefined();
    expect(sessions.find('a' as PeerId, 'p1' as PeerId)).toEqual(Buffer.from([1]));
    expect(sessions.find('b' as PeerId, 'p1' as PeerId)).toBeUndefined();
    sessions.forget('a' as PeerId, 'p1' as PeerId);
    expect(sessions.find('a' as PeerId, 'p1' as PeerId)).toBeUndefined();
  });
});
