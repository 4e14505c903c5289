import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { TransferBook } from '../../../../src/actors/peer/downloads/transfer-book.ts';
import type { PeerId } from '../../../../src/core/ids.ts';
import { maxDownloadActors, restMs, waitBeforeRestMs } from '../../../../src/core/limits/downloads.ts';
import { openDatabase } from '../../../../src/profile/database.ts';
import { TransferStore } from '../../../../src/profile/transfer-store.ts';
import { DownloadBench, idOf } from '../../../helpers/download-bench.ts';
import { tempDir } from '../../../helpers/temp-dir.ts';

let bench: DownloadBench;
beforeEach(() => {
  bench = new DownloadBench();
});
afterEach(async () => {
  await bench.test.close();
});

describe('the download queue', () => {
  test('runs as many at once as the limit says, in order, and the next when one ends', async () => {
    for (const seed of [1, 2, 3, 4]) await bench.add(seed);
    expect(bench.running()).toEqual([1, 2]);
    expect(bench.views.get(4)).toMatchObject({ state: 'queued', queueIndex: 4 });
    await bench.works(1, 'done', { path: '/out/f1' });
    bench.test.system.crash(`/peer/download-pool/download-1`);
    await bench.test.advance(1_000);
    expect(bench.running()).toEqual([2, 3]);
    expect(bench.views.get(1)).toMatchObject({
      state: 'done',
      queueIndex: undefined,
      endedMs: expect.any(Number),
    });
    expect(bench.views.get(4)).toMatchObject({ queueIndex: 3 });
  });

  test('takes the same request for the same thing once', async () => {
    const first = await bench.add(1);
    expect(await bench.add(1)).toBe(first);
    expect(await bench.add(1, { outDir: '/elsewhere' })).not.toBe(first);
  });

  test('gives what is finished the row that it has while its file is there, and takes it up again when not', async () => {
    const outDir = tempDir();
    const file = path.join(outDir, 'f1');
    writeFileSync(file, 'done');
    expect(await bench.ask(1, { outDir })).toEqual({ transfer: 1, was: 'new' });
    expect(await bench.ask(1, { outDir })).toEqual({ transfer: 1, was: 'open' });
    await bench.works(1, 'done', { path: file, sizeBytes: 4, doneBytes: 4 });
    await bench.test.advance(1_000);
    expect(await bench.ask(1, { outDir })).toEqual({ transfer: 1, was: 'done' });
    expect(bench.book.finishedPaths(new Set([idOf(1), idOf(2)]))).toEqual(new Map([[idOf(1), file]]));
    expect(bench.book.finishedPaths(new Set([idOf(2)]))).toEqual(new Map());
    expect(bench.views.get(1)).toMatchObject({ state: 'done', path: file });
    rmSync(file);
    expect(await bench.ask(1, { outDir, priority: 'high' })).toEqual({ transfer: 1, was: 'ended' });
    expect(bench.views.get(1)).toMatchObject({ priority: 'high', doneBytes: 0, path: undefined });
    expect([...bench.book.records()]).toHaveLength(1);
  });

  test('takes what was cancelled up again when it is asked for, with what there is of it', async () => {
    await bench.add(1);
    await bench.works(1, 'downloading', { doneBytes: 3 });
    await bench.tell('cancel', 1);
    expect(await bench.ask(1)).toEqual({ transfer: 1, was: 'ended' });
    expect(bench.views.get(1)).toMatchObject({ doneBytes: 3, endedMs: undefined });
    expect([...bench.book.records()]).toHaveLength(1);
  });

  test('leaves a finished file alone while another row has it', async () => {
    for (const seed of [1, 2]) {
      await bench.add(seed);
      await bench.works(seed, 'done', { path: '/out/same' });
    }
    await bench.test.advance(1_000);
    await bench.command({ type: 'remove', transfers: [1], deletesData: true });
    expect(bench.discarded).toEqual([]);
    await bench.command({ type: 'remove', transfers: [2], deletesData: true });
    expect(bench.discarded).toEqual([2]);
  });

  test('lets those that wait for a source keep nobody from running', async () => {
    for (const seed of [1, 2, 3]) await bench.add(seed);
    await bench.works(1, 'waiting');
    expect(bench.running()).toEqual([1, 2, 3]);
    await bench.works(1, 'downloading');
    // Three run now, and one too many: the last goes back.
    expect(bench.states(1, 2, 3)).toEqual(['downloading', 'finding', 'queued']);
    expect(bench.running()).toEqual([1, 2]);
  });

  test('follows the limit while it changes', async () => {
    for (const seed of [1, 2, 3, 4]) await bench.add(seed);
    bench.limits.downloadsAtOnce = 4;
    bench.pool.tell({ type: 'limits-changed' });
    await bench.test.settle();
    expect(bench.running()).toEqual([1, 2, 3, 4]);
    bench.limits.downloadsAtOnce = 1;
    bench.pool.tell({ type: 'limits-changed' });
    await bench.test.settle();
    expect(bench.running()).toEqual([1]);
    expect(bench.states(2, 3, 4)).toEqual(['queued', 'queued', 'queued']);
  });

  test('gives the slot of a lower priority to a higher one, and none among equals', async () => {
    for (const seed of [1, 2, 3]) await bench.add(seed);
    await bench.command({ type: 'prioritise', transfers: [2], priority: 'low' });
    // 3 is of higher priority than 2 now.
    expect(bench.running()).toEqual([1, 3]);
    expect(await bench.add(4, { priority: 'high' })).toBe(4);
    expect(bench.running()).toEqual([1, 4]);
    await bench.command({ type: 'move', transfers: [3], to: 'top' });
    expect(bench.running()).toEqual([1, 4]);
    await bench.command({ type: 'prioritise', transfers: [1], priority: 'high' });
    expect(bench.running()).toEqual([1, 4]);
  });

  test('displaces nothing that is being given its name', async () => {
    for (const seed of [1, 2]) await bench.add(seed);
    await bench.works(1, 'finishing');
    await bench.works(2, 'finishing');
    await bench.add(3, { priority: 'high' });
    expect(bench.running()).toEqual([1, 2]);
    await bench.tell('pause', 1);
    expect(bench.states(1)).toEqual(['finishing']);
  });

  test('has one at work on a content in a folder at a time', async () => {
    const target = { kind: 'content', id: idOf(1), folders: [], sources: [] } as const;
    for (const name of ['a', 'b'])
      bench.pool.tell({
        type: 'download',
        target: { ...target, name },
        outDir: '/out',
        bytesPerSecond: 0,
        replyTo: { reply: () => undefined },
      });
    await bench.test.settle();
    expect(bench.running()).toEqual([1]);
    const first = 'Another download of the same content into this folder comes first';
    // Nobody waits without a reason, however long the other has nothing but waiting before it.
    expect(bench.views.get(2)).toMatchObject({ state: 'queued', problem: { code: 'busy', message: first } });
    await bench.works(1, 'waiting');
    expect(bench.views.get(2)).toMatchObject({ state: 'queued', problem: { message: first } });
    await bench.tell('pause', 1);
    expect(bench.running()).toEqual([2]);
    expect(bench.views.get(2)).toMatchObject({ state: 'finding', problem: undefined });
    await bench.tell('resume', 1);
    expect(bench.views.get(1)).toMatchObject({ state: 'queued', problem: { message: first } });
    await bench.tell('pause', 1);
    expect(bench.views.get(1)).toMatchObject({ state: 'paused', problem: undefined });
  });

  test('tells whose place is free so, even where others have the slots', async () => {
    bench.limits.downloadsAtOnce = 1;
    const target = { kind: 'content', id: idOf(1), folders: [], sources: [] } as const;
    await bench.add(1, { outDir: '/out' });
    await bench.works(1, 'waiting');
    const { book } = bench;
    const same = { target: { ...target, name: 'b' }, outDir: '/out', bytesPerSecond: 0 };
    bench.pool.tell({ type: 'download', ...same, replyTo: { reply: () => undefined } });
    await bench.test.settle();
    expect(bench.views.get(2)).toMatchObject({ state: 'queued', problem: { code: 'busy' } });
    await bench.add(3, { priority: 'high' });
    await bench.tell('cancel', 1);
    expect([bench.running(), [...book.order()].length]).toEqual([[3], 2]);
    expect(bench.views.get(2)).toMatchObject({ state: 'queued', problem: undefined });
  });

  test('has nobody start where one works while what another had there is removed', async () => {
    const target = { kind: 'content', id: idOf(1), folders: [], sources: [] } as const;
    for (const name of ['a', 'b', 'c'])
      bench.pool.tell({
        type: 'download',
        target: { ...target, name },
        outDir: '/out',
        bytesPerSecond: 0,
        replyTo: { reply: () => undefined },
      });
    await bench.test.settle();
    await bench.command({ type: 'remove', transfers: [3], deletesData: true });
    expect([bench.discarded, bench.running()]).toEqual([[3], [1]]);
  });

  test('gives everybody a turn when more wait than can have a worker', async () => {
    bench.limits.downloadsAtOnce = 8;
    const count = maxDownloadActors + 3;
    for (let seed = 1; seed <= count; seed++) await bench.add(seed);
    const seen = new Set<number>();
    const waitAll = async (): Promise<void> => {
      for (let before = -1; seen.size > before;) {
        before = seen.size;
        for (const transfer of bench.running()) {
          if (!seen.has(transfer)) await bench.works(transfer, 'waiting', { retry: 'connection' });
          seen.add(transfer);
        }
      }
    };
    await waitAll();
    expect(seen.size).toBe(maxDownloadActors);
    for (let round = 1; round <= 3; round++) {
      await bench.test.advance(waitBeforeRestMs);
      await waitAll();
    }
    expect(seen.size).toBe(count);
    const resting = [...bench.views.values()].filter(({ transfer }) => !bench.workers.has(transfer));
    expect(resting).toHaveLength(3);
    for (const view of resting)
      expect(view).toMatchObject({
        state: 'waiting',
        retry: 'connection',
        nextAttemptMs: expect.any(Number),
      });
    const [rested] = resting;
    await bench.tell('retry', rested!.transfer);
    expect(bench.running()).toContain(rested!.transfer);
    for (const { transfer } of resting.slice(1)) expect(bench.running()).not.toContain(transfer);
    await bench.test.advance(restMs * 1.2);
    for (const { transfer } of resting) expect(bench.running()).toContain(transfer);
  });
});

describe('a command', () => {
  test('pauses, resumes, cancels and retries many at once', async () => {
    for (const seed of [1, 2, 3]) await bench.add(seed);
    await bench.works(1, 'downloading', { sources: 3, doneBytes: 10 });
    await bench.tell('pause', 1, 3, 77);
    expect(bench.states(1, 2, 3)).toEqual(['paused', 'finding', 'paused']);
    expect(bench.views.get(1)).toMatchObject({ sources: 0, doneBytes: 10, queueIndex: 1 });
    expect(bench.running()).toEqual([2]);
    await bench.tell('resume', 1, 2, 3);
    expect(bench.running()).toEqual([1, 2]);
    await bench.tell('cancel', 1, 3);
    expect(bench.states(1, 2, 3)).toEqual(['cancelled', 'finding', 'cancelled']);
    expect(bench.discarded).toEqual([]);
    await bench.tell('resume', 1);
    expect(bench.states(1)).toEqual(['cancelled']);
    await bench.tell('retry', 1, 3);
    expect(bench.running()).toEqual([1, 2]);
    expect(bench.views.get(3)).toMatchObject({ state: 'queued', endedMs: undefined, queueIndex: 3 });
  });

  test('takes up what has failed, with a clean slate', async () => {
    await bench.add(1);
    const problem = { code: 'io', message: 'no' } as const;
    await bench.works(1, 'failed', { problem, retry: 'never', attempts: 3 });
    bench.test.system.crash('/peer/download-pool/download-1');
    await bench.test.advance(1_000);
    expect(bench.views.get(1)).toMatchObject({
      state: 'failed',
      retry: 'never',
      endedMs: expect.any(Number),
    });
    await bench.tell('retry', 1);
    expect(bench.views.get(1)).toMatchObject({ state: 'finding', problem: undefined, attempts: 0 });
  });

  test('gives no session with who is blocked, and names who that is', async () => {
    await bench.add(1);
    const peer = idOf(7) as string as PeerId;
    bench.blocked.add(peer);
    const host = bench.workers.get(1)?.host;
    if (host === undefined) throw new Error('Nobody works');
    const source = { peer, name: 'mallory', host: '192.0.2.7', port: 7 };
    const asked = bench.test.system.ask(host, { type: 'session', source }, 1_000);
    await bench.test.settle();
    expect(await asked).toEqual({
      ok: true,
      value: { ok: false, problem: { code: 'unauthorised', message: 'mallory is blocked here' } },
    });
  });

  test('reaches the worker where it is the one who knows', async () => {
    await bench.add(1);
    await bench.tell('retry', 1);
    await bench.tell('find-sources', 1);
    expect(bench.told).toEqual(['1 retry', '1 find-sources']);
    await bench.command({ type: 'limit', transfers: [1], bytesPerSecond: 5_000 });
    expect(bench.views.get(1)?.limitBytesPerSecond).toBe(5_000);
    expect(bench.workers.get(1)?.record.rate.bytesPerSecond).toBe(5_000);
  });

  test('removes, and takes the data along only when told, once nobody works on it', async () => {
    for (const seed of [1, 2, 3]) await bench.add(seed);
    await bench.command({ type: 'remove', transfers: [1, 2], deletesData: false });
    expect(bench.removed).toEqual([1, 2]);
    expect(bench.running()).toEqual([3]);
    expect(bench.discarded).toEqual([]);
    await bench.tell('cancel', 3);
    await bench.command({ type: 'remove', transfers: [3], deletesData: true });
    expect(bench.removed).toEqual([1, 2, 3]);
    expect(bench.discarded).toEqual([3]);
    expect(await bench.add(3)).toBe(4);
    await bench.command({ type: 'remove', transfers: [4], deletesData: true });
    expect(bench.discarded).toEqual([3, 4]);
    expect(bench.running()).toEqual([]);
  });

  test('is shown with the order it makes', async () => {
    for (const seed of [1, 2, 3, 4]) await bench.add(seed);
    await bench.command({ type: 'move', transfers: [4], to: 'top' });
    await bench.command({ type: 'prioritise', transfers: [1], priority: 'low' });
    await bench.test.advance(1_000);
    expect([1, 2, 3, 4].map((transfer) => bench.views.get(transfer)?.queueIndex)).toEqual([4, 2, 3, 1]);
  });

  test('is shown with its order to whoever asks right after a move', async () => {
    for (const seed of [1, 2, 3]) await bench.add(seed);
    await bench.command({ type: 'move', transfers: [3], to: 'top' });
    const asked = bench.test.system.ask(bench.pool, { type: 'snapshot' }, 1_000);
    await bench.test.settle();
    const answer = await asked;
    const indexes = answer.ok ? answer.value.map(({ queueIndex }) => queueIndex) : [];
    expect(indexes).toEqual([2, 3, 1]);
  });
});

describe('a worker that fails', () => {
  test('is followed by another a little later, and by none after too many', async () => {
    await bench.add(1);
    for (let crash = 1; crash <= 5; crash++) {
      await bench.command({ type: 'order-pieces', transfers: [1], order: 'sequential' });
      expect(bench.views.get(1)).toMatchObject({
        state: 'waiting',
        problem: { code: 'internal' },
        nextAttemptMs: expect.any(Number),
      });
      await bench.test.advance(5_000);
      expect(bench.running()).toEqual([1]);
    }
    await bench.command({ type: 'order-pieces', transfers: [1], order: 'rarest' });
    expect(bench.views.get(1)).toMatchObject({
      state: 'failed',
      retry: 'never',
      endedMs: expect.any(Number),
    });
    expect(bench.test.takeDeadLetters()).toHaveLength(6);
  });

  test('costs the queue nothing, nor does the failure of the pool', async () => {
    for (const seed of [1, 2, 3]) await bench.add(seed);
    await bench.tell('pause', 2);
    await bench.command({ type: 'prioritise', transfers: [3], priority: 'high' });
    expect(bench.test.system.crash('/peer/download-pool')).toBe(true);
    await bench.test.advance(10_000);
    expect(bench.running()).toEqual([1, 3]);
    expect(bench.states(2)).toEqual(['paused']);
  });

  test('of the pool leaves none shown as it no longer is', async () => {
    for (const seed of [1, 2, 3]) await bench.add(seed);
    // Two that wait keep the third from nothing; after the failure they are before it again.
    for (const transfer of [1, 2]) await bench.works(transfer, 'waiting');
    await bench.works(3, 'downloading');
    expect(bench.test.system.crash('/peer/download-pool')).toBe(true);
    await bench.test.advance(10_000);
    expect(bench.running()).toEqual([1, 2]);
    expect(bench.states(1, 2, 3)).toEqual(['finding', 'finding', 'queued']);
  });
});

describe('a queue that the profile keeps', () => {
  test('goes on after a restart where it was, ended ones and all', async () => {
    const opened = openDatabase(path.join(tempDir(), 'db'));
    if (!opened.ok) throw new Error(opened.problem.message);
    using database = opened.value;
    const before = new DownloadBench(new TransferStore(database));
    for (const seed of [1, 2, 3, 4, 5]) await before.add(seed);
    await before.command({ type: 'move', transfers: [5], to: 'top' });
    await before.command({ type: 'prioritise', transfers: [4], priority: 'high' });
    await before.command({ type: 'limit', transfers: [4], bytesPerSecond: 1_000 });
    await before.tell('pause', 3);
    await before.works(4, 'done', { path: '/out/f4', doneBytes: 7, sizeBytes: 7 });
    await before.works(1, 'downloading', { doneBytes: 100, keptBytes: 60, sizeBytes: 200 });
    await before.tell('cancel', 2);
    // As after kill -9: only what the beat has written is there.
    await before.test.advance(1_000);
    const after = new DownloadBench(new TransferStore(database));
    await after.test.settle();
    expect(after.running()).toEqual([1, 5]);
    const shown = Array.from(after.book.records(), ({ transfer, state, doneBytes, path: at, queueIndex }) => [
      transfer,
      state,
      doneBytes,
      at,
      queueIndex,
    ]);
    expect(shown).toEqual([
      [1, 'finding', 60, undefined, 2],
      [2, 'cancelled', 0, undefined, undefined],
      [3, 'paused', 0, undefined, 3],
      [4, 'done', 7, '/out/f4', undefined],
      [5, 'finding', 0, undefined, 1],
    ]);
    expect(after.book.get(4)?.rate.bytesPerSecond).toBe(1_000);
    expect(await after.add(6)).toBe(6);
    await after.command({ type: 'remove', transfers: [1, 4], deletesData: false });
    await after.test.close();
    const last = new TransferBook(new TransferStore(database));
    expect(Array.from(last.records(), ({ transfer }) => transfer)).toEqual([2, 3, 5, 6]);
    await before.test.close();
  });

  test('is tried again when it could not be written, and complains once', async () => {
    const opened = openDatabase(path.join(tempDir(), 'db'));
    if (!opened.ok) throw new Error(opened.problem.message);
    using database = opened.value;
    const kept = new DownloadBench(new TransferStore(database));
    database.exec('PRAGMA query_only = ON');
    await kept.add(1);
    await kept.test.advance(20_000);
    expect(kept.running()).toEqual([1]);
    expect(kept.log).toEqual([expect.stringContaining('cannot be used')]);
    database.exec('PRAGMA query_only = OFF');
    await kept.test.advance(10_000);
    expect(new TransferStore(database).load()).toMatchObject([{ transfer: 1, state: 'open' }]);
    await kept.test.close();
  });
});
