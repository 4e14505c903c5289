import { expect, test } from '@jest/globals';
import { once } from 'node:events';
import { connect } from 'node:net';
import { listenerActor, type Incoming } from '../../../src/actors/peer/listener.ts';
import { ActorSystem } from '../../../src/actors/runtime/index.ts';
import { openSocketsOf } from '../../helpers/open-handles.ts';
import { until } from '../../helpers/poll.ts';

test('a connection that nobody took is closed when the door closes, and nothing stays open', async () => {
  const system = new ActorSystem();
  const waiting: Incoming[] = [];
  const nobody = { path: '/nobody', tell: () => undefined };
  const door: { port: number | undefined } = { port: undefined };
  const root = system.start(listenerActor, {
    host: '127.0.0.1',
    port: 0,
    door,
    uploads: { ...nobody, offer: (incoming: Incoming) => waiting.push(incoming) > 0 },
    trackers: { ...nobody, offer: () => true },
    observer: { ...nobody, offer: () => true },
  });
  await root.ready;
  const visitor = connect({ host: '127.0.0.1', port: door.port ?? 0 });
  const left = once(visitor, 'close');
  await until('it knocked', () => waiting.length === 1);
  await system.stop();
  await left;
  const ports = new Set([door.port ?? 0]);
  await until('nothing is open', () => openSocketsOf(ports) === 0);
  expect(waiting.map(({ socket }) => socket.destroyed)).toEqual([true]);
});
