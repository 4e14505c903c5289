import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { ActorSystem, type ActorRef, type Answer, type Question } from '../../../src/actors/runtime/index.ts';
import { registryActor, type RegistryCommand, type Stay } from '../../../src/actors/tracker/registry.ts';
import { storeProblem } from '../../../src/actors/tracker/store-problem.ts';
import { peerId } from '../../../src/core/ids.ts';
import { MemoryStore } from '../../../src/store/memory/memory-store.ts';
import { until } from '../../helpers/poll.ts';
import { tempDir } from '../../helpers/temp-dir.ts';
import { sharedFiles } from '../../helpers/trackers.ts';

const peer = peerId(new Uint8Array(32).fill(7));
const alice = { peer, name: 'alice', host: '10.0.0.1', port: 99 };
const nowMs = 1_800_000_000_000;
const emptyState = { generation: 1, count: 0, digest: new Uint8Array(16) };

describe.each([
  ['here', 'memory:'],
  ['thread', 'catalogue.sqlite'],
] as const)('the registry (%s, %s)', (placement, store) => {
  let system: ActorSystem;
  let registry: ActorRef<RegistryCommand>;

  beforeEach(async () => {
    system = new ActorSystem();
    const url = store === 'memory:' ? store : path.join(tempDir(), store);
    const found: ActorRef<RegistryCommand>[] = [];
    const root = system.start(
      {
        name: 'root',
        options: {},
        setup(ctx) {
          found.push(ctx.spawn(registryActor, { store: url }, { placement }));
          return { receive: () => undefined };
        },
      },
      undefined,
    );
    await root.ready;
    [registry] = found as [ActorRef<RegistryCommand>];
  });
  afterEach(() => system.stop());

  async function ask<const Q extends Question<RegistryCommand>>(
    question: Q,
  ): Promise<Answer<RegistryCommand, Q>> {
    const outcome = await system.ask(registry, question, 60_000);
    if (!outcome.ok) throw new Error(outcome.error);
    return outcome.value;
  }
  const attach = (session: number) => ask({ type: 'attach', arrival: alice, session, nowMs });
  const stay = (session: number): Stay => ({ peer, session });
  const batch = { adds: sharedFiles(3), removes: [] };
  const found = async (): Promise<number> => {
    const page = await ask({ type: 'search', query: 'report', limit: 10 });
    return page.ok ? page.value.results.length : -1;
  };

  test('suggests what else to search for where there is nothing, and only there', async () => {
    await attach(1);
    await ask({ type: 'apply', stay: stay(1), batch });
    const search = async (query: string) => {
      const page = await ask({ type: 'search', query, limit: 10 });
      return page.ok ? [page.value.results.length, page.value.suggestion] : page.problem.code;
    };
    // On a busy machine the time for a suggestion may be over before there is one.
    await until('a suggestion', async () => (await search('reprot'))[1] === 'report');
    expect(await search('zzzzzz')).toEqual([0, undefined]);
    expect(await search('report')).toEqual([3, undefined]);
  });

  test('suggests nothing that is denied', async () => {
    await attach(1);
    await ask({ type: 'apply', stay: stay(1), batch });
    const denied = await ask({ type: 'search', query: 'reprot', limit: 10, without: ['report'] });
    expect(denied).toMatchObject({ ok: true, value: { results: [], suggestion: undefined } });
  });

  test('lists who is attached, with what was applied', async () => {
    expect(await attach(1)).toMatchObject({ ok: true, value: { generation: 0, count: 0 } });
    expect(await ask({ type: 'apply', stay: stay(1), batch })).toMatchObject({
      value: { added: 3, count: 3 },
    });
    expect(await found()).toBe(3);
    expect(await ask({ type: 'find-peer', peer: 'alice' })).toEqual({
      ok: true,
      value: { ...alice, files: 3, bytes: 3_000 },
    });
  });

  test('takes nothing from a stay that has been replaced, and does not end the new one with it', async () => {
    await attach(1);
    await attach(2);
    expect(await ask({ type: 'apply', stay: stay(1), batch })).toMatchObject({ problem: { code: 'closed' } });
    expect(await ask({ type: 'apply', stay: stay(2), batch })).toMatchObject({ ok: true });
    expect(await ask({ type: 'detach', stays: [stay(1)], nowMs })).toEqual({ ok: true, value: 0 });
    expect(await found()).toBe(3);
    expect(await ask({ type: 'detach', stays: [stay(2)], nowMs })).toEqual({ ok: true, value: 1 });
    expect(await found()).toBe(0);
  });

  test('does what it is told in that order, however fast it comes', async () => {
    const answers = await Promise.all([
      attach(1),
      ask({ type: 'apply', stay: stay(1), batch }),
      ask({ type: 'detach', stays: [stay(1)], nowMs }),
      ask({ type: 'apply', stay: stay(1), batch: { adds: [], removes: sharedFiles(3) } }),
      attach(2),
    ]);
    expect(answers.map(({ ok }) => ok)).toEqual([true, true, true, false, true]);
    expect(await found()).toBe(3);
  });

  test('that has begun anew has who wants to write wait until it was told who is here', async () => {
    const life = await ask({ type: 'life', known: undefined });
    expect(life).toEqual(expect.any(String));
    const write = () => ask({ type: 'apply', stay: stay(1), batch });
    expect(await write()).toMatchObject({ problem: { code: 'busy' } });
    const bob = { ...alice, peer: peerId(new Uint8Array(32).fill(2)), name: 'bob' };
    await ask({ type: 'attach', arrival: bob, session: 9, nowMs });
    const stays = [
      { ...stay(1), arrival: alice },
      { peer: bob.peer, session: 2, arrival: bob },
    ];
    expect(await ask({ type: 'restore', stays, isAll: false, nowMs })).toEqual({
      ok: true,
      value: [stay(1)],
    });
    expect(await write()).toMatchObject({ ok: true });
    // Whoever has come meanwhile is the later one.
    const old = { type: 'apply', stay: { peer: bob.peer, session: 2 }, batch } as const;
    expect(await ask(old)).toMatchObject({ problem: { code: 'closed' } });
    const other = { ...stay(1), peer: peerId(new Uint8Array(32).fill(3)) };
    expect(await ask({ type: 'commit', stay: other, state: emptyState })).toMatchObject({
      problem: { code: 'busy' },
    });
    await ask({ type: 'restore', stays: [], isAll: true, nowMs });
    expect(await ask({ type: 'commit', stay: other, state: emptyState })).toMatchObject({
      problem: { code: 'closed' },
    });
  });

  test('says what is wrong with a query', async () => {
    expect(await ask({ type: 'search', query: 'size:>huge', limit: 10 })).toMatchObject({
      problem: { code: 'bad-request' },
    });
  });
});

test('a peer that could not be taken out for want of disk space is taken out by the next attempt', async () => {
  const diskFull = Object.assign(new Error('database or disk is full'), { errcode: 13 });
  const failing = jest.spyOn(MemoryStore.prototype, 'detach').mockRejectedValueOnce(diskFull);
  const system = new ActorSystem();
  const { ref } = system.start(registryActor, { store: 'memory:' });
  await system.ask(ref, { type: 'attach', arrival: alice, session: 1, nowMs }, 60_000);
  const detach = { type: 'detach', stays: [{ peer, session: 1 }], nowMs } as const;
  expect(await system.ask(ref, detach, 60_000)).toMatchObject({ value: { problem: { code: 'disk-full' } } });
  expect(await system.ask(ref, detach, 60_000)).toMatchObject({ value: { ok: true, value: 1 } });
  expect(await system.ask(ref, { type: 'find-peer', peer: 'alice' }, 60_000)).toEqual({
    ok: true,
    value: { ok: true, value: undefined },
  });
  failing.mockRestore();
  await system.stop();
});

test('a full disk is a problem, an error of our own SQL is a fault', () => {
  const database = new DatabaseSync(':memory:');
  database.exec('CREATE TABLE t (x); PRAGMA max_page_count = 3');
  const failureOf = (sql: string): Error => {
    try {
      database.exec(sql);
    } catch (error) {
      return error as Error;
    }
    throw new Error('Expected it to fail');
  };
  expect(storeProblem(failureOf('INSERT INTO t VALUES (zeroblob(100000))'))).toMatchObject({
    code: 'disk-full',
  });
  expect(storeProblem(failureOf('SELECT nothing FROM t'))).toBeUndefined();
  expect(storeProblem(new TypeError('ours'))).toBeUndefined();
});
