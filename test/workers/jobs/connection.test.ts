import { afterEach, describe, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { PeerSession } from '../../../src/protocol/peer-session.ts';
import { Connection, nowMs, type PeerEvent } from '../../../src/workers/jobs/connection.ts';
import { until } from '../../helpers/poll.ts';

const sockets: Socket[] = [];

afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
});

async function pair(): Promise<readonly [Socket, Socket]> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const near = connect((server.address() as AddressInfo).port, '127.0.0.1');
  const [far] = (await once(server, 'connection')) as [Socket];
  server.close();
  sockets.push(near, far);
  return [near, far];
}

function open(socket: Socket, role: 'dialer' | 'listener', onEvent: (event: PeerEvent) => void): Connection {
  const session = new PeerSession({ role, name: role, agent: 'test', nowMs: nowMs() });
  const connection = new Connection(socket, session, onEvent);
  socket.on('data', (bytes: Buffer) => connection.receive(bytes));
  return connection;
}

describe('a connection', () => {
  test('ends by a fault of ours in who hears it, which is told to who waits for its end and to nobody else', async () => {
    const fault = new Error('our own');
    const [near, far] = await pair();
    const [otherNear, otherFar] = await pair();
    const heard: string[] = [];
    const faulty = open(near, 'dialer', () => {
      throw fault;
    });
    const other = open(otherNear, 'dialer', ({ type }) => heard.push(type));
    for (const socket of [far, otherFar]) open(socket, 'listener', () => undefined);
    expect((await faulty.ended).code).toBe('internal');
    expect(() => faulty.unlessAtFault('an end')).toThrow(fault);
    await faulty.closed;
    await until('the other goes on', () => heard.includes('hello'));
    expect([other.isOpen, other.unlessAtFault('an end')]).toEqual([true, 'an end']);
    other.end({ code: 'closed', message: 'done' });
  });
});
