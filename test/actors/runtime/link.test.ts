import { beforeEach, describe, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { MessageChannel } from 'node:worker_threads';
import { Link } from '../../../src/actors/runtime/bridge/link.ts';
import { Cell, type Keeper } from '../../../src/actors/runtime/cell.ts';
import { ask, type Handle } from '../../../src/actors/runtime/handle.ts';
import { actor, type Asking, type Behavior, type DeadLetter } from '../../../src/actors/runtime/index.ts';
import { newKernel } from '../../../src/actors/runtime/new-kernel.ts';
import { ManualClock } from '../../../src/actors/runtime/testing.ts';

type Message = { type: 'keep'; ref: unknown } | ({ type: 'answer' | 'ignore' } & Asking<string>);

/** The two ends of a link, both on this thread. */
class Ends {
  readonly clock = new ManualClock();
  readonly letters: DeadLetter[] = [];
  readonly near = newKernel({ clock: this.clock, onDeadLetter: (letter) => this.letters.push(letter) });
  readonly far = newKernel({ clock: this.clock, onDeadLetter: (letter) => this.letters.push(letter) });
  readonly nearLink: Link;
  readonly farLink: Link;
  frames = 0;

  constructor() {
    const port = (to: () => Link) => ({
      postMessage: (frame: ArrayBuffer): void => {
        this.frames += 1;
        setImmediate(() => to().receive(frame));
      },
    });
    this.nearLink = new Link(
      this.near,
      '/x',
      port(() => this.farLink),
      () => {},
    );
    this.farLink = new Link(
      this.far,
      '/x',
      port(() => this.nearLink),
      () => {},
    );
  }

  /** An actor on the near side. */
  async spawn(name: string, receive: Behavior<never>['receive']): Promise<Cell> {
    const keeper: Keeper = { failed() {}, finished() {}, ended() {} };
    const definition = actor<unknown, unknown>(name, () => ({
      receive,
    }));
    const cell = new Cell(this.near, keeper, { path: `/${name}`, definition, args: undefined, options: {} });
    await cell.start();
    return cell;
  }

  /** The far side's ref of it. */
  toFar(cell: Cell): Handle<Message> {
    return this.farLink.readRef(this.nearLink.writeRef(cell.ref)) as Handle<Message>;
  }

  async settle(): Promise<void> {
    for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate);
  }
}

const nothingHeld = { exports: 0, imports: 0, questions: 0 };

let ends: Ends;
let kept: unknown[];
let answering: Cell;
beforeEach(async () => {
  ends = new Ends();
  kept = [];
  answering = await ends.spawn('answering', (message: Message) => {
    if (message.type === 'answer') message.replyTo.reply('yes');
    if (message.type === 'keep') kept.push(message.ref);
  });
});

describe('the tables of a link', () => {
  test.each(['answer', 'ignore'] as const)('hold a question no longer than it is open (%s)', async (type) => {
    const outcomes: unknown[] = [];
    const ref = ends.toFar(answering);
    for (let number = 0; number < 100; number += 1)
      ask(ends.far, '/asker', ref, { type }, 1000, (outcome) => outcomes.push(outcome.ok));
    await ends.settle();
    ends.clock.advance(1000);
    await ends.settle();
    expect(outcomes).toEqual(Array(100).fill(type === 'answer'));
    expect([ends.nearLink.held.questions, ends.farLink.held.questions]).toEqual([0, 0]);
    expect(ends.letters).toEqual([]);
  });

  test('hold one entry per actor however often its ref crosses', async () => {
    const ref = ends.toFar(answering);
    for (let number = 0; number < 10; number += 1) ref.tell({ type: 'keep', ref });
    expect(ends.toFar(answering)).toBe(ref);
    await ends.settle();
    expect(new Set(kept)).toEqual(new Set([answering.ref]));
    expect([ends.nearLink.held, ends.farLink.held]).toEqual([
      { ...nothingHeld, exports: 1 },
      { ...nothingHeld, imports: 1 },
    ]);
  });

  test('let go of an actor that has ended; what is sent to it after that is a dead letter', async () => {
    for (let number = 0; number < 100; number += 1) {
      const cell = await ends.spawn(`short-${number}`, () => {});
      const ref = ends.toFar(cell);
      void cell.stop({ kind: 'normal' });
      ref.tell({ type: 'keep', ref: number });
      await ends.settle();
      expect(ref.offer({ type: 'keep', ref: number })).toBe(false);
    }
    expect([ends.nearLink.held, ends.farLink.held]).toEqual([nothingHeld, nothingHeld]);
    expect(ends.letters.map(({ why }) => why)).toEqual(Array(100).fill('stopped'));
  });

  test('are empty when the other side is gone, and every question is settled', async () => {
    const outcomes: unknown[] = [];
    const ref = ends.toFar(answering);
    ask(ends.far, '/asker', ref, { type: 'ignore' }, 1000, (outcome) => outcomes.push(outcome));
    await ends.settle();
    ends.farLink.close(new Error('gone'));
    ends.nearLink.close(new Error('gone'));
    expect(outcomes).toEqual([{ ok: false, error: 'stopped' }]);
    expect([ends.nearLink.held, ends.farLink.held]).toEqual([nothingHeld, nothingHeld]);
    expect(ref.offer({ type: 'keep', ref: 1 })).toBe(false);
  });
});

describe('a port that is sent as the other side goes', () => {
  test.each(['before', 'after'])('is closed, so that who holds its other end sees it (%s)', async (when) => {
    const { port1, port2 } = new MessageChannel();
    const closed = once(port1, 'close');
    const to = ends.toFar(answering);
    if (when === 'after') ends.nearLink.close(new Error('gone'));
    ends.nearLink.send({ type: 'connect', to, port: port2 });
    if (when === 'before') ends.nearLink.close(new Error('gone'));
    await closed;
    expect(ends.frames).toBe(0);
  });
});

describe('frames', () => {
  test('hold what was sent in one tick, and one actor’s tells in their order', async () => {
    const ref = ends.toFar(answering);
    for (let number = 0; number < 400; number += 1) ref.tell({ type: 'keep', ref: number });
    await ends.settle();
    expect(ends.frames).toBe(2);
    expect(kept).toEqual(Array.from({ length: 400 }, (_, number) => number));
  });

  test('are cut by count, and smaller when messages are large', async () => {
    const ref = ends.toFar(answering);
    for (let number = 0; number < 1000; number += 1) ref.tell({ type: 'keep', ref: number });
    await ends.settle();
    expect(ends.frames).toBeLessThan(10);
    ends.frames = 0;
    const large = 'x'.repeat(1024 * 1024);
    for (let round = 0; round < 2; round += 1) {
      for (let number = 0; number < 10; number += 1) ref.tell({ type: 'keep', ref: large });
      await ends.settle();
    }
    expect(ends.frames).toBeGreaterThan(10);
  });
});
