import { isDeepStrictEqual } from 'node:util';
import { MessageChannel, threadId } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { actor, type ActorRef, type ChildOptions } from '../../../src/actors/runtime/index.ts';
import { eventually, TestSystem, type Probe } from '../../../src/actors/runtime/testing.ts';
import {
  brokenActor,
  nestActor,
  nowhereActor,
  shopActor,
  stuckActor,
  toolActor,
  type ShopMessage,
  type ToolMessage,
} from './fixtures/worker-actors.ts';

let t: TestSystem;
let log: Probe<string>;
beforeEach(() => {
  t = new TestSystem();
  log = t.probe<string>('log');
});
afterEach(() => t.close());

/** A parent with a tool on a thread of its own. */
async function place(options: ChildOptions = {}): Promise<ActorRef<ToolMessage>> {
  let tool: ActorRef<ToolMessage> | undefined;
  const parent = actor<never>('parent', (ctx) => {
    tool = ctx.spawn(toolActor, { log: log.ref }, { placement: 'thread', ...options });
    return { receive() {} };
  });
  await t.system.start(parent, undefined).ready;
  await told('child up');
  if (tool === undefined) throw new Error('nothing was spawned');
  return tool;
}

async function told(text: string): Promise<void> {
  while ((await log.next()) !== text);
}

const inTime = 60_000;
const look = (path: string) => t.system.snapshot().find((snapshot) => snapshot.path === path);

describe('an actor on a thread', () => {
  test('looks the same: it is told, asked, and tells and asks back', async () => {
    const tool = await place();
    expect(await t.system.ask(tool, { type: 'add', a: 1, b: 2 }, inTime)).toEqual({ ok: true, value: 3 });
    const where = await t.system.ask(tool, { type: 'where' }, inTime);
    expect(where).toMatchObject({ ok: true, value: expect.any(Number) });
    expect(where).not.toEqual({ ok: true, value: threadId });
    tool.tell({ type: 'note', text: 'first' });
    tool.tell({ type: 'note by self', text: 'second' });
    expect([await log.next(), await log.next()]).toEqual(['first', 'second']);
  });

  test('gets plain data of every kind', async () => {
    const tool = await place();
    const value = {
      text: 'ü',
      big: 2n ** 60n,
      float: 1.5,
      large: 2 ** 52,
      nothing: undefined,
      none: null,
      bytes: new Uint8Array([1, 2, 3]),
      map: new Map([['a', { b: 1 }]]),
      set: new Set([1, 2]),
      date: new Date(5),
      list: [[1], [true, false]],
    };
    const outcome = await t.system.ask(tool, { type: 'echo', value }, inTime);
    expect(outcome).toEqual({ ok: true, value });
    const error = await t.system.ask(
      tool,
      { type: 'echo', value: Object.assign(new RangeError('far'), { code: 'too-far' }) },
      inTime,
    );
    expect(error).toMatchObject({ ok: true, value: { name: 'RangeError', message: 'far', code: 'too-far' } });
  });

  test('memory of both threads crosses both ways and is the same', async () => {
    const tool = await place();
    const memory = new SharedArrayBuffer(8);
    const echoed = await t.system.ask(tool, { type: 'echo', value: { memory, text: 'all' } }, inTime);
    if (!echoed.ok) throw new Error('no answer');
    const { memory: same, text } = echoed.value as { memory: SharedArrayBuffer; text: string };
    Atomics.store(new Int32Array(same), 1, 7);
    expect([Atomics.load(new Int32Array(memory), 1), text]).toEqual([7, 'all']);
  });

  test('a port goes to the other thread, once', async () => {
    const tool = await place();
    const { port1, port2 } = new MessageChannel();
    tool.tell({ type: 'speak', port: port2, text: 'hello' });
    expect(await new Promise((resolve) => port1.once('message', resolve))).toBe('hello');
    tool.tell({ type: 'speak', port: port2, text: 'again' });
    tool.tell({ type: 'note', text: 'this can' });
    expect(await log.next()).toBe('this can');
    expect(t.takeDeadLetters().map(({ why }) => why)).toEqual(['unsendable']);
    port1.close();
  });

  test('what cannot cross is a dead letter, and a question with it fails at once', async () => {
    const tool = await place();
    tool.tell({ type: 'note', text: (() => {}) as unknown as string });
    tool.tell({ type: 'note', text: 'this can' });
    expect(await log.next()).toBe('this can');
    expect(await t.system.ask(tool, { type: 'echo', value: () => {} }, inTime)).toEqual({
      ok: false,
      error: 'stopped',
    });
    expect(await t.system.ask(tool, { type: 'give function' }, inTime)).toEqual({
      ok: false,
      error: 'stopped',
    });
    await eventually(() => t.system.deadLetters.unsendable === 3);
    expect(t.takeDeadLetters().map(({ why }) => why)).toEqual(['unsendable', 'unsendable', 'unsendable']);
  });

  test('refs cross both ways and stay the same ref', async () => {
    const tool = await place();
    const echoed = await t.system.ask(tool, { type: 'echo', value: [tool, log.ref] }, inTime);
    expect(echoed.ok && (echoed.value as unknown[])[0]).toBe(tool);
    expect(echoed.ok && (echoed.value as unknown[])[1]).toBe(log.ref);
    const child = await t.system.ask(tool, { type: 'child' }, inTime);
    const again = await t.system.ask(tool, { type: 'child' }, inTime);
    if (!child.ok || !again.ok) throw new Error('no child');
    expect(again.value).toBe(child.value);
    expect(child.value.path).toBe('/parent/tool/child');
    child.value.tell('hello');
    expect(await log.next()).toBe('child got hello');
  });

  test('a question can be handed on to an actor of another thread', async () => {
    const shop = actor<ShopMessage>('shop', () => ({
      receive: ({ text, replyTo }) => replyTo.reply(`${text} costs nothing`),
    }));
    const { ref } = t.system.start(shop, undefined);
    const tool = await place();
    const outcome = await t.system.ask(tool, { type: 'forward', text: 'tea', to: ref }, inTime);
    expect(outcome).toEqual({ ok: true, value: 'tea costs nothing' });
  });

  test('talks to actors of a third thread, which answer the first', async () => {
    const tool = await place();
    let shop: ActorRef<ShopMessage> | undefined;
    const market = actor<never>('market', (ctx) => {
      shop = ctx.spawn(shopActor, undefined, { placement: 'thread' });
      return { receive() {} };
    });
    await t.system.start(market, undefined).ready;
    if (shop === undefined) throw new Error('nothing was spawned');
    const outcome = await t.system.ask(tool, { type: 'forward', text: 'tea', to: shop }, inTime);
    expect(outcome).toEqual({ ok: true, value: `tea costs nothing on ${look('/market/shop')?.thread}` });
    await t.system.ask(tool, { type: 'echo', value: shop }, inTime);
    expect(t.system.kill('/market/shop')).toBe(true);
    await eventually(
      () => look('/market/shop')?.restarts === 1 && look('/market/shop')?.status === 'running',
    );
    expect(await t.system.ask(tool, { type: 'forward', text: 'tea', to: shop }, inTime)).toMatchObject({
      ok: true,
    });
  });

  test('can place its own children on further threads, within reach of all', async () => {
    const parent = actor<never>('parent', (ctx) => {
      ctx.spawn(nestActor, { log: log.ref }, { placement: 'thread' });
      return { receive() {} };
    });
    await t.system.start(parent, undefined).ready;
    await told('child up');
    const paths = (await t.system.fullSnapshot()).map(({ path }) => path);
    expect(paths.slice(2)).toEqual(['/parent/nest', '/parent/nest/tool', '/parent/nest/tool/child']);
    t.system.crash('/parent/nest/tool/child');
    expect([await log.next(), await log.next()]).toEqual(['child failed', 'child up']);
    t.system.kill('/parent/nest/tool');
    await told('child up');
    t.system.kill('/parent/nest');
    await told('child up');
    await eventually(async () =>
      isDeepStrictEqual(
        (await t.system.fullSnapshot()).map(({ path }) => path),
        paths,
      ),
    );
  });

  test('children live and are supervised on its thread, and are in the full snapshot', async () => {
    const tool = await place();
    expect(t.system.crash('/parent/tool/child', new Error('injected'))).toBe(true);
    expect([await log.next(), await log.next()]).toEqual(['child failed', 'child up']);
    const full = await t.system.fullSnapshot();
    expect(full.map(({ path }) => path)).toEqual(['/log', '/parent', '/parent/tool', '/parent/tool/child']);
    expect(full[3]).toMatchObject({ status: 'running', restarts: 1, lastError: 'injected' });
    expect(full[3]?.thread).toBe(full[2]?.thread);
    expect((await t.system.fullSnapshot('standing')).map(({ path }) => path)).toEqual(
      full.map(({ path }) => path),
    );
    expect(full[2]?.thread).not.toBe(threadId);
    expect(t.failures).toMatchObject([{ path: '/parent/tool/child', error: { message: 'injected' } }]);
    expect(look('/parent/tool')?.restarts).toBe(0);
    void tool;
  });

  test('counts what it handled and what waits for it', async () => {
    const tool = await place();
    for (let number = 0; number < 10; number += 1) tool.tell({ type: 'note', text: String(number) });
    await told('9');
    await eventually(() => look('/parent/tool')?.handled === 10);
    expect(look('/parent/tool')).toMatchObject({ queued: 0, capacity: 100 });
  });
});

describe('backpressure across threads', () => {
  test('a full remote mailbox is felt by the sender: offer refuses, tell makes a dead letter', async () => {
    const tool = await place();
    const gate = new SharedArrayBuffer(4);
    tool.tell({ type: 'block', gate });
    let accepted = 0;
    const note = { type: 'note', text: 'x' } as const;
    for (let tries = 0; tries < 100; tries += 1) {
      while (tool.offer(note)) accepted += 1;
      await new Promise(setImmediate);
    }
    expect(accepted).toBe(100 + 100 - 1);
    tool.tell(note);
    expect(t.takeDeadLetters()).toMatchObject([{ to: '/parent/tool', why: 'full' }]);
    Atomics.store(new Int32Array(gate), 0, 1);
    Atomics.notify(new Int32Array(gate), 0);
    for (let number = 0; number < accepted; number += 1) expect(await log.next()).toBe('x');
    expect(tool.offer(note)).toBe(true);
    await told('x');
  });

  test('so it is the other way', async () => {
    const seen: number[] = [];
    const narrow = actor<number>('narrow', () => ({ receive: (number) => void seen.push(number) }), {
      mailbox: { capacity: 10 },
    });
    const { ref } = t.system.start(narrow, undefined);
    const tool = await place();
    tool.tell({ type: 'burst', to: ref, count: 25 });
    await eventually(() => t.system.deadLetters.full === 15);
    expect(seen).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(t.takeDeadLetters()).toHaveLength(15);
  });
});

describe('the death of a thread', () => {
  test.each(['exit', 'throw outside', 'eat memory'] as const)(
    'by %s is a failure of its actor: a new thread, the same ref',
    async (type) => {
      const resourceLimits = { maxOldGenerationSizeMb: 24 };
      const tool = await place(type === 'eat memory' ? { resourceLimits } : {});
      const before = await t.system.ask(tool, { type: 'where' }, inTime);
      const unanswered = t.system.ask(tool, { type: 'ignore' }, inTime);
      tool.tell({ type });
      expect(await unanswered).toEqual({ ok: false, error: 'stopped' });
      await told('child up');
      const after = await t.system.ask(tool, { type: 'where' }, inTime);
      expect(after.ok && before.ok && after.value !== before.value).toBe(true);
      expect(look('/parent/tool')).toMatchObject({
        status: 'running',
        restarts: 1,
        lastError: expect.any(String),
      });
      t.takeDeadLetters();
    },
  );

  test('when killed from outside is one too', async () => {
    const tool = await place();
    expect(t.system.kill('/parent/tool')).toBe(true);
    expect(t.system.kill('/parent')).toBe(false);
    await told('child up');
    expect(await t.system.ask(tool, { type: 'add', a: 1, b: 1 }, inTime)).toEqual({ ok: true, value: 2 });
  });

  test('ends the refs to actors that were on it', async () => {
    const tool = await place();
    const child = await t.system.ask(tool, { type: 'child' }, inTime);
    if (!child.ok) throw new Error('no child');
    const reasons: string[] = [];
    const watcher = actor<string>('watcher', (ctx) => {
      ctx.watch(child.value, ({ kind }) => kind);
      return { receive: (kind) => void reasons.push(kind) };
    });
    await t.system.start(watcher, undefined).ready;
    t.system.kill('/parent/tool');
    await told('child up');
    await t.settle();
    expect(reasons).toEqual(['failed']);
    expect(child.value.offer('anyone?')).toBe(false);
  });

  test('loses what it had; what had not reached it survives', async () => {
    const tool = await place();
    tool.tell({ type: 'exit' });
    for (let number = 0; number < 1100; number += 1) {
      while (!tool.offer({ type: 'note', text: String(number) })) await new Promise(setImmediate);
    }
    await told('1099');
    expect(t.takeDeadLetters().every(({ why }) => why === 'crashed')).toBe(true);
  });
});

describe('failure and restart of an actor on a thread', () => {
  test('follow the policy of its parent; the unhandled rest of its mailbox survives', async () => {
    const tool = await place();
    tool.tell({ type: 'fail' });
    tool.tell({ type: 'note', text: 'after' });
    const question = t.system.ask(tool, { type: 'add', a: 2, b: 2 }, inTime);
    const story: string[] = [];
    while (story.at(-1) !== 'after') story.push(await log.next());
    expect(story).toEqual(['child shutdown', 'tool failed', 'up', 'child up', 'after']);
    expect(await question).toEqual({ ok: true, value: 4 });
    expect(look('/parent/tool')).toMatchObject({ restarts: 1, lastError: 'told to' });
    expect(t.failures).toMatchObject([{ path: '/parent/tool', error: { message: 'told to', code: 'told' } }]);
    expect(t.takeDeadLetters()).toEqual([{ to: '/parent/tool', message: { type: 'fail' }, why: 'crashed' }]);
  });

  test('injected from outside is like its own', async () => {
    await place();
    expect(t.system.crash('/parent/tool')).toBe(true);
    await told('tool failed');
    await told('child up');
    expect(look('/parent/tool')?.restarts).toBe(1);
  });

  test('a setup that throws fails the boot with its error', async () => {
    const parent = actor<never>('parent', (ctx) => {
      ctx.spawn(brokenActor, undefined, { placement: 'thread' });
      return { receive() {} };
    });
    await expect(t.system.start(parent, undefined).ready).rejects.toThrow('no such device');
  });

  test('a definition without a module is refused', async () => {
    const parent = actor<never>('parent', (ctx) => {
      ctx.spawn(nowhereActor, undefined, { placement: 'thread' });
      return { receive() {} };
    });
    await expect(t.system.start(parent, undefined).ready).rejects.toThrow('names no module');
  });

  test('ending of its own will is told to watchers', async () => {
    const tool = await place({ restart: 'transient' });
    const reasons: string[] = [];
    const watcher = actor<string>('watcher', (ctx) => {
      ctx.watch(tool, ({ kind }) => kind);
      return { receive: (kind) => void reasons.push(kind) };
    });
    await t.system.start(watcher, undefined).ready;
    tool.tell({ type: 'stop' });
    await eventually(() => reasons.length > 0);
    expect(reasons).toEqual(['normal']);
    expect(look('/parent/tool')).toBeUndefined();
  });
});

describe('the end of a thread', () => {
  test('is graceful: children first, then the actor, then the thread', async () => {
    await place();
    await t.system.stop();
    expect(log.messages).toEqual(['child shutdown', 'tool shutdown']);
  });

  test('has a deadline, after which the thread is terminated', async () => {
    const parent = actor<never>('parent', (ctx) => {
      ctx.spawn(stuckActor, undefined, { placement: 'thread', shutdownMs: 60_000 });
      return { receive() {} };
    });
    const root = t.system.start(parent, undefined);
    await root.ready;
    const stopped = root.stop();
    await t.settle();
    t.clock.advance(61_000);
    expect(await stopped).toEqual({ kind: 'shutdown' });
    expect(t.failures).toMatchObject([{ path: '/parent/stuck' }]);
  });
});
