import { expect, test } from '@jest/globals';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { WriteOrder } from '../../../src/actors/tracker/write-order.ts';
import { peerId, type PeerId } from '../../../src/core/ids.ts';

const peer = (of: number): PeerId => peerId(new Uint8Array(32).fill(of));
const [alice, bob] = [peer(1), peer(2)];

/** Lets everything run that can. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function rig() {
  const order = new WriteOrder();
  const log: string[] = [];
  const gates = new Map<string, PromiseWithResolvers<void>>();
  const write = (name: string, ...peers: PeerId[]): Promise<string> => {
    const gate = Promise.withResolvers<void>();
    gates.set(name, gate);
    return order.run(peers, async () => {
      log.push(`begin ${name}`);
      await gate.promise;
      log.push(`end ${name}`);
      return name;
    });
  };
  const end = async (name: string, error?: Error): Promise<void> => {
    if (error === undefined) gates.get(name)?.resolve();
    else gates.get(name)?.reject(error);
    await settle();
  };
  return { order, log, write, end };
}

test('writes of one peer come one after the other, those of others meanwhile', async () => {
  const { log, write, end } = rig();
  const all = [write('a1', alice), write('a2', alice), write('b1', bob)];
  await settle();
  expect(log).toEqual(['begin a1', 'begin b1']);
  await end('b1');
  await end('a1');
  expect(log).toEqual(['begin a1', 'begin b1', 'end b1', 'end a1', 'begin a2']);
  await end('a2');
  expect(await Promise.all(all)).toEqual(['a1', 'a2', 'b1']);
});

test('a write of several waits for each of them, and each of them for it', async () => {
  const { log, write, end } = rig();
  void write('a1', alice);
  void write('both', alice, bob);
  void write('b1', bob);
  await end('a1');
  expect(log).toEqual(['begin a1', 'end a1', 'begin both']);
  await end('both');
  expect(log.at(-1)).toBe('begin b1');
  await end('b1');
});

test('a write that fails is the fault of nobody after it', async () => {
  const { order, log, write, end } = rig();
  const failed = write('a1', alice);
  const next = write('a2', alice);
  const outcome = failed.catch((error: unknown) => error);
  await end('a1', new Error('disk'));
  expect(await outcome).toMatchObject({ message: 'disk' });
  await end('a2');
  expect(await next).toBe('a2');
  expect(log).toEqual(['begin a1', 'begin a2', 'end a2']);
  await order.idle();
});

test('writes that join begin beside each other in their order, after what is alone and before what is next', async () => {
  const { order, log, write, end } = rig();
  const done = Promise.withResolvers<void>();
  const join = (name: string, until: Promise<void>): Promise<void> =>
    order.join(alice, () => {
      log.push(`begin ${name}`);
      return until;
    });
  void write('alone', alice);
  const joined = [join('j1', done.promise), join('j2', Promise.resolve())];
  await settle();
  expect(log).toEqual(['begin alone']);
  await end('alone');
  expect(log).toEqual(['begin alone', 'end alone', 'begin j1', 'begin j2']);
  // The last that joined has ended, and not the one before it.
  await joined[1];
  const next = write('next', alice);
  const late = join('late', Promise.resolve());
  await settle();
  expect(log.at(-1)).toBe('begin j2');
  done.resolve();
  await settle();
  expect(log.slice(4)).toEqual(['begin next']);
  await end('next');
  await late;
  expect(await next).toBe('next');
  expect(log.slice(4)).toEqual(['begin next', 'end next', 'begin late']);
  await order.idle();
});

test('a write that joined and failed is the fault of nobody', async () => {
  const { order, log, write, end } = rig();
  const failed = order.join(alice, () => Promise.reject(new Error('disk')));
  const next = write('next', alice);
  await expect(failed).rejects.toThrow('disk');
  await settle();
  expect(log).toEqual(['begin next']);
  await end('next');
  expect(await next).toBe('next');
});

test('what a write gave is not kept while others join all the time', async () => {
  const { order } = rig();
  const given: WeakRef<object>[] = [];
  const join = (): Promise<object> =>
    order.join(alice, async () => {
      await settle();
      const value = {};
      given.push(new WeakRef(value));
      return value;
    });
  const last = Promise.withResolvers<void>();
  await (async () => {
    const all = [join(), join()];
    await all[0];
    all.push(join());
    await all[1];
    void order.join(alice, () => last.promise);
    await all[2];
  })();
  await settle();
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  expect(given.map((ref) => ref.deref())).toEqual([undefined, undefined, undefined]);
  last.resolve();
  await order.idle();
});
