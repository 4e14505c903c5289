import { afterEach, describe, expect, test } from '@jest/globals';
import { createServer, type AddressInfo } from 'node:net';
import { MessageChannel } from 'node:worker_threads';
import { sinkReserveSlots } from '../../src/core/limits/tracker.ts';
import { EngineRates } from '../../src/core/engine/engine-rates.ts';
import { loadIdentity } from '../../src/identity/identity.ts';
import { sinkReserve } from '../../src/workers/jobs/disk/sink-reserve.ts';
import { createTransferPool, type FirstFetch, type TransferPool } from '../../src/workers/transfer-pool.ts';
import type { Ended } from '../../src/workers/transfer-contract.ts';
import { until } from '../helpers/poll.ts';
import { tempDir } from '../helpers/temp-dir.ts';

/** A host that lets everybody in and says nothing. */
const silent = createServer((socket) => socket.on('error', () => undefined).resume());
const pools: TransferPool[] = [];

afterEach(async () => {
  await Promise.all(pools.splice(0).map((pool) => pool.destroy()));
  silent.close();
});

function testPool(firstFetch: FirstFetch): TransferPool {
  const pool = createTransferPool(undefined, firstFetch);
  pools.push(pool);
  return pool;
}

/** Begins a connection to the silent host; `leave` ends it. */
async function begin(pool: TransferPool): Promise<{ ended: Promise<Ended>; leave: () => void }> {
  if (!silent.listening) await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const identity = await loadIdentity(tempDir());
  if (!identity.ok) throw new Error(identity.problem.message);
  const { port1, port2 } = new MessageChannel();
  const { port: tcpPort } = silent.address() as AddressInfo;
  const me = { identity: identity.value, name: 'me', agent: 'test', insecure: false };
  const rates = new EngineRates().shared;
  const to = { host: '127.0.0.1', tcpPort, peer: identity.value.id, name: 'silent' };
  const input = { ...to, link: port2, me, rates };
  const ended = pool.run('fetch', input, { transferList: [port2] });
  return { ended, leave: () => port1.close() };
}

describe('a pool of a command that leaves', () => {
  test('has its first connection here and starts no thread for it', async () => {
    const pool = testPool('here');
    const { ended, leave } = await begin(pool);
    expect(pool.threadIds()).toEqual([]);
    leave();
    expect((await ended).problem.code).toBe('closed');
    expect(pool.threadIds()).toEqual([]);
  });

  test('starts a thread for what comes beside it, and has the next here when that is free', async () => {
    const pool = testPool('here');
    const first = await begin(pool);
    const second = await begin(pool);
    await until('a thread is there', () => pool.threadIds().length === 1);
    const threads = pool.threadIds();
    first.leave();
    await first.ended;
    const third = await begin(pool);
    expect(pool.threadIds()).toEqual(threads);
    for (const { leave } of [second, third]) leave();
    await Promise.all([second.ended, third.ended]);
  });

  test('has everything else on a thread, whose blocking stops nobody', async () => {
    const pool = testPool('here');
    await pool.run('warmUp', undefined);
    expect(pool.threadIds()).toHaveLength(1);
  });

  test('begins nothing once it is destroyed', async () => {
    const pool = testPool('here');
    await pool.destroy();
    const { ended } = await begin(pool);
    await expect(ended).rejects.toThrow('The transfer pool is destroyed');
  });
});

test('what a thread had of the reserve of slots is free again when it has died', async () => {
  const pool = testPool('thread');
  await pool.run('warmUp', undefined);
  const [thread] = pool.threadIds();
  const reserve = sinkReserve(thread);
  for (let at = 0; at < sinkReserveSlots; at++) expect(reserve.take()).toBe(true);
  expect(reserve.hasRoom).toBe(false);
  expect(await pool.killThread(thread!)).toBe(true);
  await until('it is given back', () => sinkReserve().hasRoom);
});

test('a pool of a program that stays has a thread from the start', async () => {
  const pool = testPool('thread');
  await until('a thread is there', () => pool.threadIds().length === 1);
});
