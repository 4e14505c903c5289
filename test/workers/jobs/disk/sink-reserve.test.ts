import { expect, test } from '@jest/globals';
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { sinkReserveSlots } from '../../../../src/core/limits/tracker.ts';
import { sinkReserve } from '../../../../src/workers/jobs/disk/sink-reserve.ts';

test('the reserve of slots is one for all threads, and bounded', async () => {
  const reserve = sinkReserve();
  const file = new URL('../../../../src/workers/jobs/disk/sink-reserve.ts', import.meta.url).href;
  const takesThree = `
    const { sinkReserve } = await import(${JSON.stringify(file)});
    const { parentPort } = await import('node:worker_threads');
    const reserve = sinkReserve();
    parentPort.postMessage([reserve.take(), reserve.take(), reserve.take()]);
  `;
  const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(takesThree)}`));
  const [taken] = await once(worker, 'message');
  expect(taken).toEqual([true, true, true]);
  const { threadId } = worker;
  await worker.terminate();
  for (let at = 3; at < sinkReserveSlots; at++) expect(reserve.take()).toBe(true);
  expect(reserve.hasRoom).toBe(false);
  expect(reserve.take()).toBe(false);
  reserve.give(1);
  expect(reserve.hasRoom).toBe(true);
  expect(sinkReserve().take()).toBe(true);
  expect(reserve.take()).toBe(false);
  // What a thread had that has ended is given back by who sees that.
  reserve.forget(threadId);
  for (let at = 0; at < 3; at++) expect(reserve.take()).toBe(true);
  expect(reserve.take()).toBe(false);
  reserve.give(sinkReserveSlots);
  expect(reserve.hasRoom).toBe(true);
});
