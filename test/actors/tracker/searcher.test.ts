import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  actor,
  ActorSystem,
  type ActorContext,
  type ActorRef,
  type Answer,
  type Question,
} from '../../../src/actors/runtime/index.ts';
import { askDesk, deskOf, type LookUpDesk } from '../../../src/actors/tracker/look-up-desk.ts';
import type { LookUp } from '../../../src/actors/tracker/look-ups.ts';
import { registryActor, type RegistryCommand } from '../../../src/actors/tracker/registry.ts';
import { searcherActor } from '../../../src/actors/tracker/searcher.ts';
import { peerId } from '../../../src/core/ids.ts';
import { maxWaitingLookUps } from '../../../src/core/limits/tracker.ts';
import { TrackerCounters } from '../../../src/core/tracker/tracker-counters.ts';
import { until } from '../../helpers/poll.ts';
import { tempDir } from '../../helpers/temp-dir.ts';
import { sharedFiles } from '../../helpers/trackers.ts';

type Told = { readonly type: 'told'; readonly run: () => void };

/** Asks as connections do: an actor of this thread. */
class Asker {
  readonly #system: ActorSystem;
  #ctx: ActorContext<Told> | undefined;

  constructor(system: ActorSystem) {
    this.#system = system;
  }

  async start(): Promise<void> {
    const asker = actor<Told>('asker', (ctx) => {
      this.#ctx = ctx;
      return { receive: ({ run }) => run() };
    });
    await this.#system.start(asker, undefined).ready;
  }

  ask<const Q extends Question<LookUp>>(desk: LookUpDesk, question: Q): Promise<Answer<LookUp, Q>> {
    const ctx = this.#ctx;
    if (ctx === undefined) throw new Error('Not started');
    return new Promise((resolve) => {
      askDesk(ctx, desk, question, (answer) => ({ type: 'told' as const, run: () => resolve(answer) }));
    });
  }
}

let system: ActorSystem;
let asker: Asker;
beforeEach(async () => {
  system = new ActorSystem();
  asker = new Asker(system);
  await asker.start();
});
afterEach(() => system.stop());

describe('searchers', () => {
  const alice = { peer: peerId(new Uint8Array(32).fill(7)), name: 'alice', host: '10.0.0.1', port: 99 };
  const stay = { peer: alice.peer, session: 1 };
  let registry: ActorRef<RegistryCommand>;
  let desk: LookUpDesk;

  beforeEach(async () => {
    const store = path.join(tempDir(), 'catalogue.sqlite');
    const waiting = new SharedArrayBuffer(8);
    const counters = new TrackerCounters(['searcher-0', 'searcher-1']);
    const home = actor('home', (ctx) => {
      registry = ctx.spawn(registryActor, { store }, { placement: 'thread' });
      const searchers = [0, 1].map((at) =>
        ctx.spawn(
          searcherActor,
          { store, waiting, at, counters: counters.block(`searcher-${at}`) },
          { name: `searcher-${at}`, placement: 'thread' },
        ),
      );
      desk = { searchers, waiting };
      return { receive: () => undefined };
    });
    await system.start(home, undefined).ready;
  });

  async function tell<const Q extends Question<RegistryCommand>>(
    question: Q,
  ): Promise<Answer<RegistryCommand, Q>> {
    const outcome = await system.ask(registry, question, 60_000);
    if (!outcome.ok) throw new Error(outcome.error);
    return outcome.value;
  }
  async function found(): Promise<number | string> {
    const answer = await asker.ask(desk, { type: 'search', query: 'report', limit: 10 });
    return answer.ok ? answer.value.results.length : answer.problem.code;
  }
  async function share(): Promise<void> {
    await tell({ type: 'attach', arrival: alice, session: 1, nowMs: 1 });
    await tell({ type: 'apply', stay, batch: { adds: sharedFiles(3), removes: [] } });
  }

  test('see what the registry has answered, at once', async () => {
    expect(await found()).toBe(0);
    await share();
    expect(await found()).toBe(3);
    expect(await asker.ask(desk, { type: 'find-peer', peer: 'alice' })).toMatchObject({
      value: { files: 3 },
    });
    await tell({ type: 'set-reachable', stay, reachable: true });
    expect(await asker.ask(desk, { type: 'peers', cursor: undefined, limit: 9 })).toMatchObject({
      value: { peers: [{ ...alice, reachable: true }] },
    });
    await tell({ type: 'detach', stays: [stay], nowMs: 2 });
    expect(await found()).toBe(0);
  });

  test('answer what others answer: a query that is wrong is refused, a page leads to the next', async () => {
    await share();
    expect(await asker.ask(desk, { type: 'search', query: 'size:x', limit: 9 })).toMatchObject({
      problem: { code: 'bad-request' },
    });
    const first = await asker.ask(desk, { type: 'search', query: 'report', limit: 2 });
    const cursor = first.ok ? first.value.cursor : undefined;
    expect(cursor).toBeDefined();
    expect(await asker.ask(desk, { type: 'search', query: 'report', limit: 2, cursor })).toMatchObject({
      value: { results: [expect.anything()] },
    });
  });

  test('share the questions, and none is counted as waiting when all are answered', async () => {
    await share();
    const answers = await Promise.all(Array.from({ length: 100 }, () => found()));
    expect(new Set(answers)).toEqual(new Set([3]));
    await until('nothing waits', () => new Int32Array(desk.waiting).every((waiting) => waiting === 0));
    const handled = (await system.fullSnapshot()).filter(({ path: at }) => /searcher-\d$/.test(at));
    expect(handled.map(({ handled: count }) => count > 10)).toEqual([true, true]);
  });

  test('that die fail what they had as busy, and are replaced; the others go on', async () => {
    await share();
    const asked = Array.from({ length: 60 }, () => found());
    expect(system.kill('/home/searcher-0')).toBe(true);
    const answers = await Promise.all(asked);
    expect(answers.every((answer) => answer === 3 || answer === 'busy')).toBe(true);
    expect(await found()).not.toBe('unreachable');
    await until('the first searcher answers again', async () => {
      const alone = { ...desk, searchers: desk.searchers.slice(0, 1) };
      const answer = await asker.ask(alone, { type: 'search', query: 'report', limit: 10 });
      return answer.ok && answer.value.results.length === 3;
    });
    expect(await found()).toBe(3);
  });
});

describe('the desk', () => {
  const silent = actor<LookUp>('silent', () => ({ receive: () => undefined }));
  const question = { type: 'find-peer', peer: 'alice' } as const;

  test('gives a question to who has the fewest waiting', async () => {
    const desk = {
      searchers: [0, 1, 2].map(() => system.start(silent, undefined).ref),
      waiting: new SharedArrayBuffer(12),
    };
    const waiting = new Int32Array(desk.waiting);
    waiting.set([5, 2, 4]);
    for (let at = 0; at < 4; at++) void asker.ask(desk, question);
    expect([...waiting]).toEqual([5, 5, 5]);
  });

  test('says busy at once when all have too much', async () => {
    const desk = { searchers: [system.start(silent, undefined).ref], waiting: new SharedArrayBuffer(4) };
    new Int32Array(desk.waiting).fill(maxWaitingLookUps);
    expect(await asker.ask(desk, question)).toMatchObject({ problem: { code: 'busy' } });
    expect([...new Int32Array(desk.waiting)]).toEqual([maxWaitingLookUps]);
  });

  test('says busy of a searcher that is gone', async () => {
    const gone = system.start(silent, undefined);
    await gone.ready;
    await gone.stop();
    expect(await asker.ask(deskOf(gone.ref), question)).toMatchObject({ problem: { code: 'busy' } });
  });
});
