import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { actor, type ActorContext, type Asking } from '../../../src/actors/runtime/index.ts';
import { TestSystem } from '../../../src/actors/runtime/testing.ts';

let t: TestSystem;
beforeEach(() => {
  t = new TestSystem();
});
afterEach(() => t.close());

/** Starts a permanent child `subject` whose incarnations run `onStart`, and gives what it is told. */
async function subject(onStart: (ctx: ActorContext<string>, incarnation: number) => void) {
  const seen: string[] = [];
  let incarnation = 0;
  const child = actor<string>('subject', (ctx) => {
    incarnation += 1;
    onStart(ctx, incarnation);
    return { receive: (message) => void seen.push(message) };
  });
  const parent = actor<never>('parent', (ctx) => {
    ctx.spawn(child, undefined, { restart: 'permanent' });
    return { receive() {} };
  });
  const root = t.system.start(parent, undefined);
  await root.ready;
  return { seen, crash: () => t.system.crash('/parent/subject'), stop: root.stop };
}

describe('timers', () => {
  test('once comes once, every repeats, a key set again replaces', async () => {
    const { seen } = await subject(({ timers }) => {
      timers.once('a', 100, 'replaced');
      timers.once('a', 200, 'once');
      timers.every('b', 150, 'every');
    });
    for (let ms = 0; ms < 500; ms += 50) await t.advance(50);
    expect(seen).toEqual(['every', 'once', 'every', 'every']);
  });

  test('cancelled while already queued are not delivered', async () => {
    let context: ActorContext<string> | undefined;
    const { seen } = await subject((ctx) => {
      context = ctx;
      ctx.timers.once('a', 100, 'tick');
    });
    t.clock.advance(100);
    context?.timers.cancel('a');
    await t.settle();
    expect(seen).toEqual([]);
  });

  test('of an ended incarnation are never delivered', async () => {
    const { seen, crash } = await subject(({ timers }, incarnation) => {
      timers.once('a', 100, `of ${incarnation}`);
    });
    t.clock.advance(100);
    crash();
    await t.settle();
    await t.advance(100);
    expect(seen).toEqual(['of 2']);
  });

  test('are not set by what an ended incarnation still has under way', async () => {
    const late = Promise.withResolvers<void>();
    const { seen, stop } = await subject(({ timers }) => {
      void late.promise.then(() => {
        timers.once('a', 100, 'once');
        timers.every('b', 100, 'every');
      });
    });
    const before = t.clock.pending;
    await stop();
    late.resolve();
    await t.settle();
    expect(t.clock.pending).toBe(before);
    await t.advance(1_000);
    expect(seen).toEqual([]);
  });

  test('that repeat leave out what is not handled in time', async () => {
    const { seen } = await subject(({ timers }) => timers.every('a', 10, 'tick'));
    t.clock.advance(1000);
    await t.settle();
    expect(seen).toEqual(['tick']);
  });
});

describe('pipe', () => {
  test('brings both ends of a promise back as messages', async () => {
    const both = await piped();
    expect(both).toEqual(['value: 1', 'error: no']);
  });

  test('of an ended incarnation is never delivered', async () => {
    const resolvers: ((value: string) => void)[] = [];
    const { seen, crash } = await subject((ctx, incarnation) => {
      const promise = new Promise<string>((resolve) => resolvers.push(resolve));
      ctx.pipe(promise, () => `of ${incarnation}`);
    });
    crash();
    await t.settle();
    for (const resolve of resolvers) resolve('');
    await t.settle();
    expect(seen).toEqual(['of 2']);
  });
});

async function piped(): Promise<string[]> {
  const seen: string[] = [];
  const piping = actor<string>('piping', (ctx) => {
    ctx.pipe(Promise.resolve(1), (outcome) => `value: ${outcome.ok ? outcome.value : ''}`);
    ctx.pipe(
      Promise.reject(new Error('no')),
      (outcome) => `error: ${outcome.ok ? '' : outcome.error.message}`,
    );
    return { receive: (message) => void seen.push(message) };
  });
  t.system.start(piping, undefined);
  await t.settle();
  return seen;
}

describe('answers', () => {
  test('to a question of an ended incarnation are not delivered to the next', async () => {
    const answers: (() => void)[] = [];
    const slow = actor<{ type: 'q' } & Asking<string>>('slow', () => ({
      receive: ({ replyTo }) => void answers.push(() => replyTo.reply('answer')),
    }));
    const { ref } = t.system.start(slow, undefined);
    const { seen, crash } = await subject((ctx, incarnation) => {
      ctx.ask(ref, { type: 'q' }, 1000, (outcome) => `${incarnation}: ${outcome.ok}`);
    });
    await t.settle();
    crash();
    await t.settle();
    for (const answer of answers) answer();
    await t.settle();
    expect(seen).toEqual(['2: true']);
    expect(t.takeDeadLetters()).toEqual([{ to: '/parent/subject', message: 'answer', why: 'late-reply' }]);
  });
});

describe('watch', () => {
  test('tells of the end and its reason, not of restarts', async () => {
    const target = t.system.start(
      actor<string>('target', (ctx) => ({ receive: () => ctx.stop() })),
      undefined,
    );
    const { seen } = await subject((ctx) => ctx.watch(target.ref, ({ kind }) => kind));
    await t.settle();
    expect(seen).toEqual([]);
    target.ref.tell('stop');
    await t.settle();
    expect(seen).toEqual(['normal']);
  });

  test('of the dead tells at once', async () => {
    const target = t.system.start(
      actor<string>('target', () => ({ receive() {} })),
      undefined,
    );
    await target.stop();
    const { seen } = await subject((ctx) => ctx.watch(target.ref, ({ kind }) => kind));
    await t.settle();
    expect(seen).toEqual(['shutdown']);
  });
});

describe('signal', () => {
  test('is aborted when the incarnation ends, and is new for the next', async () => {
    const signals: AbortSignal[] = [];
    const { crash, stop } = await subject(({ signal }) => void signals.push(signal));
    crash();
    await t.settle();
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, false]);
    await stop();
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, true]);
  });
});

describe('spawn and stopChild', () => {
  test('names are numbered when taken, and a child stopped is gone for good', async () => {
    const leaf = actor<'x'>('leaf', () => ({ receive() {} }));
    const parent = actor<'stop second'>('parent', (ctx) => {
      ctx.spawn(leaf, undefined);
      const second = ctx.spawn(leaf, undefined);
      ctx.spawn(leaf, undefined, { name: 'given' });
      expect(() => ctx.spawn(leaf, undefined, { name: 'given' })).toThrow('exists already');
      return { receive: () => ctx.stopChild(second) };
    });
    const { ref, ready } = t.system.start(parent, undefined);
    await ready;
    expect(t.system.snapshot().map(({ path }) => path)).toEqual([
      '/parent',
      '/parent/leaf',
      '/parent/leaf-2',
      '/parent/given',
    ]);
    ref.tell('stop second');
    ref.tell('stop second');
    await t.settle();
    expect(t.system.snapshot().map(({ path }) => path)).toEqual(['/parent', '/parent/leaf', '/parent/given']);
  });

  test('a child spawned later that cannot start is retried within the budget', async () => {
    let attempts = 0;
    const fragile = actor<never>('fragile', () => {
      attempts += 1;
      if (attempts < 3) throw new Error('not yet');
      return { receive() {} };
    });
    const parent = actor<'spawn'>('parent', (ctx) => ({
      receive: () => void ctx.spawn(fragile, undefined),
    }));
    t.system.start(parent, undefined).ref.tell('spawn');
    await t.settle();
    expect(attempts).toBe(3);
    expect(t.system.snapshot().map(({ status }) => status)).toEqual(['running', 'running']);
  });

  const later = (): Promise<void> => Promise.resolve();
  test('stopping in setup ends it once it is up', async () => {
    const brief = actor<string>('brief', (ctx) => {
      ctx.stop();
      return { receive() {} };
    });
    expect(await t.system.start(brief, undefined).done).toEqual({ kind: 'normal' });
  });

  test('a receive that returns a promise is a failure', async () => {
    const sloppy = actor<string>('sloppy', () => ({ receive: () => later() as never }));
    const { ref, done } = t.system.start(sloppy, undefined);
    ref.tell('x');
    expect(await done).toMatchObject({ kind: 'failed', error: { message: /synchronous/ } });
    t.takeDeadLetters();
  });
});
