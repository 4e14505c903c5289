import { afterEach, describe, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { ManualClock } from '../../../src/actors/runtime/testing.ts';
import { dialBack } from '../../../src/actors/tracker/dial-back.ts';
import { dialBackTimeoutMs } from '../../../src/core/limits/reach.ts';
import type { Identity } from '../../../src/identity/identity.ts';
import { tlsRefusal } from '../../../src/protocol/plain-greeting.ts';
import { TestPeer } from '../../helpers/peers.ts';
import { makeIdentity } from '../../helpers/transfer.ts';

const tracker: Promise<Identity> = makeIdentity();
const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await new Promise((resolve) => server.close(resolve));
});

async function serverWith(greet: (socket: import('node:net').Socket) => void): Promise<number> {
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    socket.resume();
    greet(socket);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

describe('dialling back', () => {
  test('reaches the peer that is looked for, which notes nobody and logs nothing', async () => {
    await using peer = await TestPeer.start();
    const { source } = peer;
    expect(await dialBack(source, await tracker, new ManualClock()).reached).toBe(true);
    expect([...peer.uploads.values()]).toEqual([]);
    expect(peer.failures).toEqual([]);
  });

  test('does not take another peer at the port for it', async () => {
    await using peer = await TestPeer.start();
    const { id } = await makeIdentity();
    expect(await dialBack({ ...peer.source, peer: id }, await tracker, new ManualClock()).reached).toBe(
      false,
    );
  });

  test('a peer that does without encryption is believed', async () => {
    await using peer = await TestPeer.start([], 8, 8, { insecure: true });
    expect(await dialBack(peer.source, await tracker, new ManualClock()).reached).toBe(true);
    const { id } = await makeIdentity();
    const port = await serverWith((socket) => socket.end(tlsRefusal));
    const door = { peer: id, host: '127.0.0.1', port };
    expect(await dialBack(door, await tracker, new ManualClock()).reached).toBe(true);
  });

  test('nobody there, a stranger who speaks otherwise and one who hangs up are no peers', async () => {
    const { id } = await makeIdentity();
    const closed = await serverWith(() => undefined);
    await new Promise((resolve) => servers.pop()?.close(resolve));
    const ports = [
      closed,
      await serverWith((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')),
      await serverWith((socket) => socket.destroy()),
    ];
    for (const port of ports) {
      const door = { peer: id, host: '127.0.0.1', port };
      expect(await dialBack(door, await tracker, new ManualClock()).reached).toBe(false);
    }
  });

  test('whoever says nothing is left after a while', async () => {
    const { id } = await makeIdentity();
    const clock = new ManualClock();
    const closed = Promise.withResolvers<unknown>();
    const came = Promise.withResolvers<void>();
    const port = await serverWith((socket) => {
      closed.resolve(once(socket, 'close'));
      came.resolve();
    });
    const { reached } = dialBack({ peer: id, host: '127.0.0.1', port }, await tracker, clock);
    await came.promise;
    clock.advance(dialBackTimeoutMs);
    expect(await reached).toBe(false);
    await closed.promise;
    expect(clock.pending).toBe(0);
  });
});
