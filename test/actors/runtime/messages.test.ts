import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { actor, type ActorRef, type Asking } from '../../../src/actors/runtime/index.ts';
import { TestSystem } from '../../../src/actors/runtime/testing.ts';

let t: TestSystem;
beforeEach(() => {
  t = new TestSystem();
});
afterEach(() => t.close());

const recorder = (seen: unknown[], capacity = 1024, whenFull: 'reject' | 'drop-oldest' = 'reject') =>
  actor<unknown>('recorder', () => ({ receive: (message) => void seen.push(message) }), {
    mailbox: { capacity, whenFull },
  });

describe('messages', () => {
  test('come one at a time, in the order of their sender', async () => {
    const seen: unknown[] = [];
    const { ref } = t.system.start(recorder(seen), undefined);
    for (let number = 0; number < 1000; number += 1) ref.tell(number);
    await t.settle();
    expect(seen).toEqual(Array.from({ length: 1000 }, (_, number) => number));
  });

  test('are never handled on the stack of their sender', async () => {
    const seen: unknown[] = [];
    const { ref, ready } = t.system.start(recorder(seen), undefined);
    await ready;
    ref.tell('one');
    expect(seen).toEqual([]);
    await t.settle();
    expect(seen).toEqual(['one']);
  });

  test('are handled in batches, so that neither other actors nor I/O starve', async () => {
    const order: string[] = [];
    const endless = actor<'go'>('endless', (ctx) => ({
      receive() {
        order.push('endless');
        if (order.length < 100_000) ctx.self.tell('go');
      },
    }));
    const first = t.system.start(endless, undefined);
    const second = t.system.start(recorder(order), undefined);
    await Promise.all([first.ready, second.ready]);
    first.ref.tell('go');
    for (let number = 0; number < 65; number += 1) first.ref.tell('go');
    second.ref.tell('second');
    await new Promise(setImmediate);
    expect(order.indexOf('second')).toBe(64);
    expect(order.length).toBeLessThan(100_000);
    await first.stop();
    t.takeDeadLetters();
  });

  test('beyond the bound are refused: offer says so, tell makes a dead letter', async () => {
    const seen: unknown[] = [];
    const { ref } = t.system.start(recorder(seen, 2), undefined);
    expect([ref.offer(1), ref.offer(2), ref.offer(3)]).toEqual([true, true, false]);
    ref.tell(4);
    await t.settle();
    expect(seen).toEqual([1, 2]);
    expect(t.takeDeadLetters()).toEqual([{ to: '/recorder', message: 4, why: 'full' }]);
    expect(ref.offer(5)).toBe(true);
  });

  test('beyond the bound displace the oldest where the mailbox says so', async () => {
    const seen: unknown[] = [];
    const { ref } = t.system.start(recorder(seen, 2, 'drop-oldest'), undefined);
    for (const number of [1, 2, 3, 4]) expect(ref.offer(number)).toBe(true);
    await t.settle();
    expect(seen).toEqual([3, 4]);
    expect(t.system.deadLetters.dropped).toBe(2);
  });

  test('to an actor that has ended are dead letters', async () => {
    const { ref, stop } = t.system.start(recorder([]), undefined);
    await stop();
    expect(ref.offer('x')).toBe(false);
    ref.tell('x');
    expect(t.takeDeadLetters()).toEqual([{ to: '/recorder', message: 'x', why: 'stopped' }]);
  });

  test('are handed over as they are: functions and all', async () => {
    const seen: unknown[] = [];
    const message = { run: () => 1 };
    t.system.start(recorder(seen), undefined).ref.tell(message);
    await t.settle();
    expect(seen[0]).toBe(message);
  });
});

type Clerk =
  | ({ type: 'add'; a: number; b: number } & Asking<number>)
  | ({ type: 'ignore' } & Asking<string>)
  | { type: 'fail' };

const clerk = actor<Clerk>('clerk', () => ({
  receive(message) {
    if (message.type === 'add') message.replyTo.reply(message.a + message.b);
    if (message.type === 'fail') throw new Error('told to');
  },
}));

describe('questions', () => {
  test('are answered', async () => {
    const { ref } = t.system.start(clerk, undefined);
    const outcome = await t.system.ask(ref, { type: 'add', a: 1, b: 2 }, 1000);
    expect(outcome).toEqual({ ok: true, value: 3 });
  });

  test('that nobody answers end at their timeout, and a reply after it is a dead letter', async () => {
    const replies: ((value: string) => void)[] = [];
    const slow = actor<{ type: 'q' } & Asking<string>>('slow', () => ({
      receive: ({ replyTo }) => void replies.push((value) => replyTo.reply(value)),
    }));
    const { ref } = t.system.start(slow, undefined);
    const outcome = t.system.ask(ref, { type: 'q' }, 1000);
    await t.settle();
    t.clock.advance(1000);
    expect(await outcome).toEqual({ ok: false, error: 'timeout' });
    replies[0]?.('late');
    expect(t.takeDeadLetters()).toEqual([{ to: '(outside)', message: 'late', why: 'late-reply' }]);
  });

  test('to the dead fail at once', async () => {
    const { ref, stop } = t.system.start(clerk, undefined);
    await stop();
    expect(await t.system.ask(ref, { type: 'ignore' }, 1000)).toEqual({ ok: false, error: 'stopped' });
    expect(t.clock.pending).toBe(0);
  });

  test('waiting in a mailbox fail at once when their actor ends', async () => {
    const { ref, stop } = t.system.start(clerk, undefined);
    const outcome = t.system.ask(ref, { type: 'ignore' }, 1000);
    void stop();
    expect(await outcome).toEqual({ ok: false, error: 'stopped' });
  });

  test('taken and not answered fail at once when their actor fails', async () => {
    const { ref } = t.system.start(clerk, undefined);
    const outcome = t.system.ask(ref, { type: 'ignore' }, 1000);
    ref.tell({ type: 'fail' });
    expect(await outcome).toEqual({ ok: false, error: 'stopped' });
    expect(t.takeDeadLetters()).toMatchObject([{ why: 'crashed' }]);
  });

  test('handed on to an actor that is gone fail at once', async () => {
    const gone = t.system.start(clerk, undefined);
    await gone.stop();
    const router = t.system.start(
      actor<Clerk>('router', () => ({ receive: (message) => gone.ref.tell(message) })),
      undefined,
    );
    const outcome = await t.system.ask(router.ref, { type: 'ignore' }, 1000);
    expect(outcome).toEqual({ ok: false, error: 'stopped' });
    expect(t.takeDeadLetters()).toMatchObject([{ to: '/clerk', why: 'stopped' }]);
  });

  test('to a full mailbox fail at once', async () => {
    const { ref } = t.system.start(
      actor<{ type: 'q' } & Asking<string>>(
        'tiny',
        () => ({ receive: ({ replyTo }) => replyTo.reply('yes') }),
        {
          mailbox: { capacity: 1 },
        },
      ),
      undefined,
    );
    const outcomes = await Promise.all([
      t.system.ask(ref, { type: 'q' }, 9),
      t.system.ask(ref, { type: 'q' }, 9),
    ]);
    expect(outcomes).toEqual([
      { ok: true, value: 'yes' },
      { ok: false, error: 'full' },
    ]);
  });

  test('between actors come back as messages', async () => {
    const probe = t.probe<unknown>();
    const asker = actor<{ type: 'sum'; value: number }, ActorRef<Clerk>>('asker', (ctx, target) => {
      ctx.ask(target, { type: 'add', a: 2, b: 3 }, 1000, (outcome) => ({
        type: 'sum',
        value: outcome.ok ? outcome.value : -1,
      }));
      return { receive: (message) => probe.ref.tell(message) };
    });
    const { ref } = t.system.start(clerk, undefined);
    t.system.start(asker, ref);
    expect(await probe.next()).toEqual({ type: 'sum', value: 5 });
  });
});
