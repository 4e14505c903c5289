import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { expect, test } from '@jest/globals';
import { Handshakes } from '../../../src/actors/tracker/handshakes.ts';
import type { Ticket } from '../../../src/actors/tracker/roster.ts';
import { loadIdentity } from '../../../src/identity/identity.ts';
import { tlsOptions } from '../../../src/identity/tls.ts';
import { tempDir } from '../../helpers/temp-dir.ts';
import { until } from '../../helpers/poll.ts';

async function identity() {
  const loaded = await loadIdentity(tempDir());
  if (!loaded.ok) throw new Error(loaded.problem.message);
  return loaded.value;
}

test('addresses that say nothing keep others waiting for a moment only', async () => {
  const server = createServer({ pauseOnConnect: true });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const done: string[] = [];
  const dropped: string[] = [];
  const handshakes = new Handshakes({
    tls: tlsOptions(await identity(), 'tracker'),
    max: 2,
    timeoutMs: 10_000,
    slowMs: 2_000,
    secured: (socket, { host }) => {
      done.push(host);
      socket.destroy();
    },
    dropped: ({ host }: Ticket) => void dropped.push(host),
  });
  const sockets: Socket[] = [];
  const take = async (session: number, dial: () => Socket): Promise<void> => {
    const accepted = once(server, 'connection');
    sockets.push(dial().on('error', () => {}));
    const [raw] = (await accepted) as [Socket];
    handshakes.take(raw, { slot: session, session, host: `192.0.2.${session}` }, 0);
  };
  const tls = tlsOptions(await identity(), 'tracker');
  try {
    for (const session of [1, 2, 3]) await take(session, () => connect(port, '127.0.0.1'));
    await take(4, () => connectTls({ ...tls, host: '127.0.0.1', port }));
    handshakes.expire(1_999);
    expect([done, handshakes.count]).toEqual([[], 4]);
    // The third is silent as well; there is room for the fourth beside it.
    handshakes.expire(2_000);
    await until('the fourth is in', () => done.length === 1);
    expect([done, dropped, handshakes.count]).toEqual([['192.0.2.4'], [], 3]);
    handshakes.expire(10_000);
    expect([dropped.length, handshakes.count]).toEqual([3, 0]);
  } finally {
    handshakes.close();
    for (const socket of sockets) socket.destroy();
    server.close();
  }
});
