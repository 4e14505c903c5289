import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Socket } from 'node:net';
import type { MessagePort } from 'node:worker_threads';
import type { LibraryCommand } from '../../../../src/actors/peer/library/library-messages.ts';
import { Calls } from '../../../../src/actors/peer/sessions/calls.ts';
import { Partials } from '../../../../src/actors/peer/downloads/partials.ts';
import { uploadPoolActor, type UploadPoolCommand } from '../../../../src/actors/peer/uploads/upload-pool.ts';
import { actor, ActorSystem, type ActorRef } from '../../../../src/actors/runtime/index.ts';
import { defaultLimits } from '../../../../src/core/engine/engine-api.ts';
import { EngineRates } from '../../../../src/core/engine/engine-rates.ts';
import { maxUploadConnections, maxUploadConnectionsPerHost } from '../../../../src/core/limits/uploads.ts';
import { openChannel } from '../../../../src/workers/channel.ts';
import type { Pool } from '../../../../src/workers/pool.ts';
import type { Ended, TransferJobs } from '../../../../src/workers/transfer-contract.ts';
import { until } from '../../../helpers/poll.ts';
import { makeIdentity } from '../../../helpers/transfer.ts';

const identity = await makeIdentity();
let system: ActorSystem;
let pool: ActorRef<UploadPoolCommand>;
/** The hosts of those who are in, of those who were shown out, and of those who were not let in. */
let inside: string[];
let shownOut: string[];
let refused: string[];

let hasThreads: boolean;

/** Jobs that serve nothing and end when they are told to; without threads none begins. */
const jobs = {
  capacity: 1,
  async run(_name: string, { socket, link }: { socket: { host: string }; link: MessagePort }) {
    inside.push(socket.host);
    if (!hasThreads) return new Promise(() => undefined);
    // Handed over, it is destroyed here already.
    Object.assign(socket, { destroy: () => undefined });
    const ended = Promise.withResolvers<Ended>();
    const channel = openChannel(link, {
      stop() {
        shownOut.push(socket.host);
        ended.resolve({ problem: { code: 'closed', message: 'Shown out' } });
      },
    });
    void channel.closed.then(() => ended.resolve({ problem: { code: 'closed', message: 'Stopped' } }));
    return ended.promise;
  },
} as unknown as Pool<TransferJobs>;

beforeEach(() => {
  [inside, shownOut, refused] = [[], [], []];
  hasThreads = true;
  system = new ActorSystem();
  const silent = actor<LibraryCommand>('library', () => ({ receive() {} }));
  const observer = { path: '/clients', tell: () => undefined, offer: () => true };
  pool = system.start(uploadPoolActor, {
    me: { identity, name: 'a', agent: 'test' },
    transfers: jobs,
    library: system.start(silent, undefined).ref,
    partials: new Partials(),
    calls: new Calls(),
    observer,
    rules: { limits: defaultLimits, rates: new EngineRates(), isBlocked: () => false },
  }).ref;
});
afterEach(() => system.stop());

function knock(host: string): void {
  const socket = { host, destroyed: false, destroy: () => void refused.push(host) } as unknown as Socket;
  pool.tell({ type: 'incoming', socket, remoteHost: host });
}

test('of one address no more are let in than it may have, however many addresses of a network it has', async () => {
  for (let at = 0; at < maxUploadConnectionsPerHost + 3; at++) knock(`2001:db8::${at.toString(16)}`);
  await until('three were refused', () => refused.length === 3);
  expect(inside).toHaveLength(maxUploadConnectionsPerHost);
});

test('whoever fills the door and wants nothing makes room for others, not for more of its own', async () => {
  const hosts = maxUploadConnections / maxUploadConnectionsPerHost;
  for (let host = 1; host <= hosts; host++)
    for (let at = 0; at < maxUploadConnectionsPerHost; at++) knock(`198.51.100.${host}`);
  await until('all are in', () => inside.length === maxUploadConnections);
  knock('203.0.113.1');
  await until('it is in', () => inside.at(-1) === '203.0.113.1');
  await until('another is out', () => shownOut.length === 1);
  expect(refused).toEqual([]);
  const [host = ''] = shownOut;
  knock(host);
  await until('it is not let in again', () => refused.length === 1);
  expect(refused).toEqual([host]);
});

test('a connection that no thread had taken when the end came is closed', async () => {
  hasThreads = false;
  knock('198.51.100.1');
  await until('it is in', () => inside.length === 1);
  expect(refused).toEqual([]);
  await system.stop();
  expect(refused).toEqual(['198.51.100.1']);
});
