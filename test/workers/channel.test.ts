import { describe, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { MessageChannel, Worker } from 'node:worker_threads';
import { ChannelClosed, openChannel } from '../../src/workers/channel.ts';

interface Sums {
  add(a: number, b: number): number;
  never(): Promise<void>;
  fail(): void;
}

const sums: Sums = {
  add: (a, b) => a + b,
  never: () => new Promise(() => undefined),
  fail: () => {
    throw new Error('no');
  },
};

describe('a channel', () => {
  test('carries calls both ways over one port', async () => {
    const { port1, port2 } = new MessageChannel();
    const near = openChannel<Sums>(port1, { double: (n: number) => n * 2 });
    const far = openChannel<{ double(n: number): number }>(port2, sums);
    expect(await Promise.all([near.remote.add(1, 2), far.remote.double(4)])).toEqual([3, 8]);
    await expect(near.remote.fail()).rejects.toThrow('no');
    near.close();
    await far.closed;
  });

  test('fails the calls under way, and those to come, when either side closes', async () => {
    const { port1, port2 } = new MessageChannel();
    const near = openChannel<Sums>(port1, {});
    const far = openChannel<Sums>(port2, sums);
    const open = near.remote.never();
    far.close();
    await expect(open).rejects.toBeInstanceOf(ChannelClosed);
    await expect(near.remote.add(1, 2)).rejects.toBeInstanceOf(ChannelClosed);
  });

  test('fails the calls under way when the thread at the other side dies', async () => {
    const { port1, port2 } = new MessageChannel();
    const near = openChannel<Sums>(port1, {});
    const script = `require('node:worker_threads').workerData.port.on('message', () => process.exit(3))`;
    const worker = new Worker(script, { eval: true, workerData: { port: port2 }, transferList: [port2] });
    await once(worker, 'online');
    await expect(near.remote.never()).rejects.toBeInstanceOf(ChannelClosed);
  });

  test('is no promise itself, so that it can be returned from an async function', async () => {
    const { port1, port2 } = new MessageChannel();
    const near = openChannel<Sums>(port1, {});
    openChannel(port2, sums);
    const { remote } = await Promise.resolve(near);
    expect(await Promise.resolve(remote)).toBe(remote);
    near.close();
  });
});
