import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { actor, type ActorRef } from '../../../src/actors/runtime/index.ts';
import { eventually, TestSystem, type Probe } from '../../../src/actors/runtime/testing.ts';
import { askerActor, toolActor, type AskerMessage, type ToolMessage } from './fixtures/worker-actors.ts';

let t: TestSystem;
let log: Probe<string>;
let tool: ActorRef<ToolMessage>;
let asker: ActorRef<AskerMessage>;

const inTime = 60_000;
const placed = { placement: 'thread' } as const;

beforeEach(async () => {
  t = new TestSystem();
  log = t.probe<string>('log');
  const parent = actor<never>(
    'parent',
    (ctx) => {
      tool = ctx.spawn(toolActor, { log: log.ref }, placed);
      asker = ctx.spawn(askerActor, { tool }, placed);
      return { receive() {} };
    },
    { supervision: { strategy: 'one-for-one', maxRestarts: 10, withinMs: 60_000 } },
  );
  await t.system.start(parent, undefined).ready;
});
afterEach(() => t.close());

/** Whether an answer comes while this thread, from which both were placed, does nothing at all. */
async function isDirect(): Promise<boolean> {
  const gate = new SharedArrayBuffer(4);
  asker.tell({ type: 'signal', gate });
  // It leaves this thread, and then nothing does.
  await new Promise(setImmediate);
  return Atomics.wait(new Int32Array(gate), 0, 0, 500) !== 'timed-out';
}

const restarts = (path: string): number =>
  t.system.snapshot().find((snapshot) => snapshot.path === path)?.restarts ?? 0;

describe('a direct way', () => {
  test('passes no thread between', async () => {
    await eventually(isDirect);
  });

  test('has no more on it than the mailbox at its end holds', async () => {
    await eventually(isDirect);
    const gate = new SharedArrayBuffer(4);
    tool.tell({ type: 'block', gate });
    await eventually(async () => {
      const taken = await t.system.ask(asker, { type: 'offer', notes: 300 }, inTime);
      return taken.ok && taken.value === 0;
    });
    Atomics.store(new Int32Array(gate), 0, 1);
    Atomics.notify(new Int32Array(gate), 0);
    await eventually(async () => {
      const taken = await t.system.ask(asker, { type: 'offer', notes: 1 }, inTime);
      return taken.ok && taken.value === 1;
    });
  });

  test('ends the questions on it when its end is killed, and there is another to the next', async () => {
    await eventually(isDirect);
    const asked = t.system.ask(asker, { type: 'ask', question: { type: 'ignore' } }, inTime);
    await eventually(isDirect);
    t.system.kill('/parent/tool');
    expect(await asked).toEqual({ ok: true, value: { ok: false, error: 'stopped' } });
    const again = t.system.ask(asker, { type: 'ask', question: { type: 'add', a: 1, b: 2 } }, inTime);
    expect(await again).toEqual({ ok: true, value: { ok: true, value: 3 } });
    await eventually(isDirect);
  });

  test('gives back what was not taken when its actor fails, for the next life', async () => {
    await eventually(isDirect);
    const gate = new SharedArrayBuffer(4);
    tool.tell({ type: 'block', gate });
    tool.tell({ type: 'fail' });
    const asked = t.system.ask(asker, { type: 'ask', question: { type: 'add', a: 1, b: 2 } }, inTime);
    // What is sent by one way comes in order: the asker has the question before it answers this.
    await t.system.ask(asker, { type: 'offer', notes: 0 }, inTime);
    Atomics.store(new Int32Array(gate), 0, 1);
    Atomics.notify(new Int32Array(gate), 0);
    expect(await asked).toEqual({ ok: true, value: { ok: true, value: 3 } });
    expect(restarts('/parent/tool')).toBe(1);
    expect(t.takeDeadLetters()).toMatchObject([{ why: 'crashed', message: { type: 'fail' } }]);
  });

  test('is made again by the next life of who sends', async () => {
    await eventually(isDirect);
    t.system.kill('/parent/asker');
    await eventually(() => restarts('/parent/asker') === 1);
    await eventually(isDirect);
    expect(restarts('/parent/tool')).toBe(0);
    // What it was told a moment before counts as lost with it.
    t.takeDeadLetters();
  });
});
