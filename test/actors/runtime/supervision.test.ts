import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  actor,
  type ActorDefinition,
  type ActorRef,
  type ChildOptions,
  type Supervision,
} from '../../../src/actors/runtime/index.ts';
import { TestSystem } from '../../../src/actors/runtime/testing.ts';

let t: TestSystem;
beforeEach(() => {
  t = new TestSystem();
});
afterEach(() => t.close());

type Note = string;
type Told = 'fail' | 'stop' | { say: string };

/** An actor that writes down what happens to it, and fails or stops when told to. */
const noisy = (name: string, log: Note[], children: ActorDefinition<Told, void>[] = []) =>
  actor<Told>(name, (ctx) => {
    log.push(`${name} up`);
    for (const child of children) ctx.spawn(child, undefined);
    return {
      receive(message) {
        if (message === 'fail') throw new Error(`${name} failed`);
        if (message === 'stop') ctx.stop();
        if (typeof message === 'object') log.push(`${name}: ${message.say}`);
      },
      stopped: (reason) => void log.push(`${name} ${reason.kind}`),
    };
  });

type Name = 'a' | 'b' | 'c';

/** A parent of `a`, `b` and `c`. */
async function family(supervision: Supervision, options: { [name in Name]?: ChildOptions } = {}) {
  const log: Note[] = [];
  let refs: Record<Name, ActorRef<Told>> | undefined;
  const parent = actor<never>(
    'parent',
    (ctx) => {
      const child = (name: Name) => ctx.spawn(noisy(name, log), undefined, options[name] ?? {});
      refs = { a: child('a'), b: child('b'), c: child('c') };
      return { receive() {} };
    },
    { supervision },
  );
  const { ready, done } = t.system.start(parent, undefined);
  await ready;
  if (refs === undefined) throw new Error('the parent spawned nothing');
  return { refs, log, done };
}

const often = { maxRestarts: 10, withinMs: 1000 };

describe('start and stop', () => {
  test('children start in order, the parent is up after the last, and they stop in reverse', async () => {
    const log: Note[] = [];
    const slow = actor<never>('slow', async () => {
      await new Promise(setImmediate);
      log.push('slow up');
      return { receive() {}, stopped: () => void log.push('slow shutdown') };
    });
    const parent = actor<never>('parent', (ctx) => {
      ctx.spawn(slow, undefined);
      ctx.spawn(noisy('second', log, [noisy('grandchild', log)]), undefined);
      return { receive() {}, stopped: () => void log.push('parent shutdown') };
    });
    const { ready, stop } = t.system.start(parent, undefined);
    await ready;
    expect(log).toEqual(['slow up', 'second up', 'grandchild up']);
    log.length = 0;
    expect(await stop()).toEqual({ kind: 'shutdown' });
    expect(log).toEqual(['grandchild shutdown', 'second shutdown', 'slow shutdown', 'parent shutdown']);
    expect(t.system.snapshot()).toEqual([]);
  });

  test('a child that cannot start fails the boot, and what had started is stopped', async () => {
    const log: Note[] = [];
    const broken = actor<never>('broken', () => {
      throw new Error('port taken');
    });
    const parent = actor<never>('parent', (ctx) => {
      ctx.spawn(noisy('first', log), undefined);
      ctx.spawn(broken, undefined);
      ctx.spawn(noisy('third', log), undefined);
      return { receive() {} };
    });
    const { ready, done } = t.system.start(parent, undefined);
    await expect(ready).rejects.toThrow('port taken');
    expect(await done).toMatchObject({ kind: 'failed', error: { message: 'port taken' } });
    expect(log).toEqual(['first up', 'first shutdown']);
  });

  test('a stop has a deadline', async () => {
    const stuck = actor<never>('stuck', () => ({ receive() {}, stopped: () => new Promise(() => {}) }));
    const { ready, stop } = t.system.start(stuck, undefined);
    await ready;
    const stopped = stop();
    await t.settle();
    await t.advance(5000);
    expect(await stopped).toEqual({ kind: 'shutdown' });
    expect(t.failures).toMatchObject([{ path: '/stuck' }]);
  });

  test('stopping finishes the present message; the rest of the mailbox are dead letters', async () => {
    const { refs, log } = await family(
      { strategy: 'one-for-one', ...often },
      { a: { restart: 'transient' } },
    );
    refs.a.tell('stop');
    refs.a.tell({ say: 'never' });
    await t.settle();
    expect(log).toContain('a normal');
    expect(t.takeDeadLetters()).toEqual([{ to: '/parent/a', message: { say: 'never' }, why: 'stopped' }]);
  });
});

describe('strategies', () => {
  test.each([
    ['one-for-one', ['b failed', 'b up']],
    ['rest-for-one', ['c shutdown', 'b failed', 'b up', 'c up']],
    ['one-for-all', ['c shutdown', 'b failed', 'a shutdown', 'a up', 'b up', 'c up']],
  ] as const)('%s: the affected stop last to first and start first to last', async (strategy, expected) => {
    const { refs, log } = await family({ strategy, ...often });
    log.length = 0;
    refs.b.tell('fail');
    await t.settle();
    expect(log).toEqual(expected);
    expect(t.takeDeadLetters()).toEqual([{ to: '/parent/b', message: 'fail', why: 'crashed' }]);
  });

  test('ref, mailbox and counters survive a restart; the failing message does not', async () => {
    const { refs, log } = await family({ strategy: 'one-for-one', ...often });
    refs.a.tell('fail');
    refs.a.tell({ say: 'still here' });
    await t.settle();
    expect(log.at(-1)).toBe('a: still here');
    expect(t.system.snapshot().find(({ path }) => path === '/parent/a')).toMatchObject({
      status: 'running',
      restarts: 1,
      handled: 2,
      lastError: 'a failed',
    });
    t.takeDeadLetters();
  });

  test('a failure while others are being restarted only adds to what is restarted', async () => {
    const { log } = await family({ strategy: 'rest-for-one', ...often });
    log.length = 0;
    for (const name of ['c', 'a', 'b']) t.system.crash(`/parent/${name}`);
    await t.settle();
    expect(log).toEqual(['c failed', 'b shutdown', 'a failed', 'a up', 'b up', 'c up']);
    expect(t.system.snapshot().map(({ status }) => status)).toEqual(Array(4).fill('running'));
  });
});

describe('restart policies', () => {
  test.each([
    ['permanent', 'stop', true],
    ['permanent', 'fail', true],
    ['transient', 'stop', false],
    ['transient', 'fail', true],
    ['temporary', 'stop', false],
    ['temporary', 'fail', false],
  ] as const)('%s, told to %s: restarted %s', async (restart, told, restarted) => {
    const { refs } = await family({ strategy: 'one-for-one', ...often }, { b: { restart } });
    refs.b.tell(told);
    await t.settle();
    const b = t.system.snapshot().find(({ path }) => path === '/parent/b');
    expect(b?.restarts).toBe(restarted ? 1 : undefined);
    t.takeDeadLetters();
  });
});

describe('budget and backoff', () => {
  test('more failures than the window allows fail the supervisor, with the cause', async () => {
    const { refs, done } = await family({ strategy: 'one-for-one', maxRestarts: 2, withinMs: 1000 });
    for (let failure = 0; failure < 3; failure += 1) {
      refs.a.tell('fail');
      await t.settle();
    }
    expect(await done).toMatchObject({ kind: 'failed', error: { cause: { message: 'a failed' } } });
    t.takeDeadLetters();
  });

  test('slow steady failures never add up', async () => {
    const { refs } = await family({ strategy: 'one-for-one', maxRestarts: 2, withinMs: 1000 });
    for (let failure = 0; failure < 20; failure += 1) {
      refs.a.tell('fail');
      await t.advance(500);
    }
    expect(t.system.snapshot()).toHaveLength(4);
    t.takeDeadLetters();
  });

  test('a restart waits its backoff, which doubles and starts over after a good while', async () => {
    const backoff = { minMs: 100, maxMs: 1000, jitter: 0.2, resetAfterMs: 5000 };
    const { refs, log } = await family({ strategy: 'one-for-one', ...often }, { a: { backoff } });
    const waits: number[] = [];
    for (const upMs of [0, 0, 0, 5000]) {
      await t.advance(upMs);
      log.length = 0;
      refs.a.tell('fail');
      await t.settle();
      const before = t.clock.now();
      while (!log.includes('a up')) await t.advance(50);
      waits.push(t.clock.now() - before);
    }
    expect(waits).toEqual([100, 200, 400, 100]);
    t.takeDeadLetters();
  });

  test('in backoff a mailbox fills to its bound', async () => {
    const backoff = { minMs: 100, maxMs: 1000, jitter: 0, resetAfterMs: 5000 };
    const { refs, log } = await family({ strategy: 'one-for-one', ...often }, { a: { backoff } });
    refs.a.tell('fail');
    await t.settle();
    let accepted = 0;
    while (refs.a.offer({ say: 'hello' })) accepted += 1;
    expect(accepted).toBe(1024);
    await t.advance(100);
    expect(log.filter((line) => line === 'a: hello')).toHaveLength(1024);
    t.takeDeadLetters();
  });
});

describe('an actor that is crashed from outside', () => {
  test('fails as though its handler had thrown', async () => {
    const { log } = await family({ strategy: 'one-for-one', ...often });
    log.length = 0;
    expect(t.system.crash('/parent/b', new Error('injected'))).toBe(true);
    expect(t.system.crash('/parent/nobody')).toBe(false);
    await t.settle();
    expect(log).toEqual(['b failed', 'b up']);
    expect(t.failures).toMatchObject([{ path: '/parent/b', error: { message: 'injected' } }]);
  });
});
