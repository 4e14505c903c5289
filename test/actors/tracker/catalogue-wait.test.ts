import { expect, test } from '@jest/globals';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { actor, ActorSystem } from '../../../src/actors/runtime/index.ts';
import { tellingPatience, type CatalogueWait } from '../../../src/actors/tracker/catalogue-wait.ts';
import { registryActor } from '../../../src/actors/tracker/registry.ts';
import { searcherActor } from '../../../src/actors/tracker/searcher.ts';
import { TrackerCounters } from '../../../src/core/tracker/tracker-counters.ts';
import { until } from '../../helpers/poll.ts';

test.each(['registry', 'searcher-0'])('%s says from its thread what it waits for', async (name) => {
  let isLoading = true;
  const server = createServer((socket) => {
    socket.on('data', () =>
      socket.write(isLoading ? '-LOADING it reads its disk\r\n' : '-ERR unknown command\r\n'),
    );
    socket.on('error', () => undefined);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const store = `redis://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const system = new ActorSystem({ onFailure: () => undefined });
  try {
    const told = new Map<string, string>();
    const { ref: waits } = system.start(
      actor<CatalogueWait>('waits', () => ({
        receive: ({ who, reason }) => void told.set(who, reason),
      })),
      undefined,
    );
    const counters = new TrackerCounters(['tracker', 'searcher-0']).block('searcher-0');
    const parent = actor('tracker', (ctx) => {
      const waiting = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
      if (name === 'registry') ctx.spawn(registryActor, { store, waits }, { placement: 'thread' });
      else ctx.spawn(searcherActor, { store, waiting, at: 0, counters, waits }, { placement: 'thread' });
      return { receive: () => undefined };
    });
    const { ready } = system.start(parent, undefined);
    // It is never there.
    ready.catch(() => undefined);
    await until('it has told', () => told.size > 0);
    expect([...told]).toEqual([[name, expect.stringContaining('LOADING it reads its disk')]]);
  } finally {
    isLoading = false;
    await system.stop();
    server.close();
  }
});

test('a reason is told once while it lasts', async () => {
  const system = new ActorSystem();
  const reasons: string[] = [];
  const { ref, ready } = system.start(
    actor<CatalogueWait>('waits', () => ({ receive: ({ reason }) => void reasons.push(reason) })),
    undefined,
  );
  await ready;
  const { onWait } = tellingPatience('registry', ref);
  for (const reason of ['it loads', 'it loads', 'no answer', 'it loads']) onWait?.(reason);
  await until('all have come', () => reasons.length === 3);
  expect(reasons).toEqual(['it loads', 'no answer', 'it loads']);
  await system.stop();
});
