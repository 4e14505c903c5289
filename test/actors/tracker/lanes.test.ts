import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { ActorRef } from '../../../src/actors/runtime/index.ts';
import { Lanes, type Handover } from '../../../src/actors/tracker/lanes.ts';
import type { ListenerCommand } from '../../../src/actors/tracker/listener.ts';
import type { Ticket } from '../../../src/actors/tracker/roster.ts';
import { until } from '../../helpers/poll.ts';

let server: Server;
let clients: Socket[];
let lost: Ticket[];
let told: ListenerCommand[];
let lanes: Lanes;
let ports: MessagePort[];
/** At the listener's end. */
let handed: Socket[];

beforeEach(async () => {
  server = createServer({ pauseOnConnect: true });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  [clients, lost, told, ports, handed] = [[], [], [], [], []];
  lanes = new Lanes((ticket) => lost.push(ticket));
  const ref: ActorRef<ListenerCommand> = {
    path: '/listener',
    tell: (message) => void told.push(message),
    offer: (message) => told.push(message) > 0,
  };
  lanes.add(ref);
});
afterEach(() => {
  lanes.close();
  for (const socket of [...clients, ...handed]) socket.destroy();
  for (const port of ports) port.close();
  server.close();
});

const ticket = (session: number): Ticket => ({ slot: session, session, host: '127.0.0.1' });

/** The accepted end of a new connection. */
async function accept(): Promise<Socket> {
  const accepted = once(server, 'connection');
  const { port } = server.address() as AddressInfo;
  clients.push(
    connect(port, '127.0.0.1')
      .on('error', () => undefined)
      .resume(),
  );
  const [socket] = (await accepted) as [Socket];
  return socket;
}

/** What comes out at the listener's end; sockets say `hello` there. */
function openLane(): Handover[] {
  const taken: Handover[] = [];
  const { port1, port2 } = new MessageChannel();
  ports.push(port1, port2);
  port2.on('message', (handover: Handover) => {
    taken.push(handover);
    if (handover.type !== 'socket') return;
    handed.push(handover.socket);
    handover.socket.end('hello');
  });
  lanes.open(0, port1);
  return taken;
}

describe('a lane', () => {
  test('hands sockets over untouched, those that had to wait for it first', async () => {
    lanes.hand(0, await accept(), ticket(1), 0);
    const taken = openLane();
    lanes.hand(0, await accept(), ticket(2), 0);
    await until('both are there', () => taken.length === 2);
    expect(taken).toMatchObject([{ ticket: ticket(1) }, { ticket: ticket(2) }]);
    await until('both work', () => clients.every(({ bytesRead }) => bytesRead === 5));
    expect(lost).toEqual([]);
  });

  test('gives up those that end or wait too long before it opens, once', async () => {
    lanes.hand(0, await accept(), ticket(1), 0);
    lanes.hand(0, await accept(), ticket(2), 1_000);
    lanes.hand(0, await accept(), ticket(3), 2_000);
    lanes.drop(0, ticket(3));
    lanes.prune(500);
    await until('two have ended', () => lost.length === 2);
    expect(new Set(lost.map(({ session }) => session))).toEqual(new Set([1, 3]));
    const taken = openLane();
    await until('the other is there', () => taken.length === 1);
    expect(taken).toMatchObject([{ ticket: ticket(2) }]);
  });

  test('does not take a socket that has ended already', async () => {
    openLane();
    const socket = await accept();
    socket.destroy();
    lanes.hand(0, socket, ticket(1), 0);
    expect(lost).toEqual([ticket(1)]);
  });

  test('has sockets wait again when its listener has gone, and is not closed by an older end', async () => {
    openLane();
    const [first] = ports as [MessagePort];
    const taken = openLane();
    expect(lanes.closed(0, first)).toBe(false);
    expect(lanes.isOpen(0)).toBe(true);
    expect(lanes.closed(0, ports[2] as MessagePort)).toBe(true);
    lanes.hand(0, await accept(), ticket(1), 0);
    expect([lanes.isOpen(0), taken.length, lost]).toEqual([false, 0, []]);
    const after = openLane();
    await until('it is there', () => after.length === 1);
  });

  test('carries commands to one connection and to all, and those to none nowhere', () => {
    const message = { type: 'close', why: 'silent' } as const;
    expect(lanes.tell(0, 7, message)).toBe(true);
    expect(lanes.tell(1, 7, message)).toBe(false);
    lanes.tellAll(message);
    expect(told).toEqual([
      { type: 'tell', session: 7, message },
      { type: 'tell-all', message },
    ]);
  });
});
