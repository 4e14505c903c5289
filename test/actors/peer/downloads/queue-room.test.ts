import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { DiskRoom } from '../../../../src/actors/peer/downloads/disk-room.ts';
import type { DownloadRequest } from '../../../../src/actors/peer/downloads/transfer-record.ts';
import type { DownloadState } from '../../../../src/core/engine/engine-api.ts';
import { diskProbeMaxMs, roomLookMs } from '../../../../src/core/limits/downloads.ts';
import type { Result } from '../../../../src/core/result.ts';
import { DownloadBench, idOf } from '../../../helpers/download-bench.ts';

const MiB = 1024 * 1024;
const size = 30 * MiB;

let freeBytes: number;
let fault: Error | undefined;
let bench: DownloadBench;
let room: WatchedRoom;

/** What is on the disk is really looked at, which takes its time whatever the clock says: it tells when that is over. */
class WatchedRoom extends DiskRoom {
  looks = 0;

  override async lookAhead(...args: Parameters<DiskRoom['lookAhead']>): ReturnType<DiskRoom['lookAhead']> {
    this.looks += 1;
    try {
      return await super.lookAhead(...args);
    } finally {
      this.looks -= 1;
    }
  }
}

beforeEach(() => {
  freeBytes = 100 * MiB;
  fault = undefined;
  const volumeOf = async () => {
    if (fault) throw fault;
    return { device: 'a', sizeBytes: 100 * MiB, freeBytes };
  };
  room = new WatchedRoom(volumeOf);
  bench = new DownloadBench(undefined, room);
  bench.limits.downloadsAtOnce = 1;
});
afterEach(() => bench.test.close());

/** One that will find somebody once it looks. */
async function sized(seed: number, more: Partial<DownloadRequest> = {}): Promise<number> {
  const transfer = await bench.add(seed, { sizeBytes: size, ...more });
  const record = bench.book.get(transfer);
  if (record) record.knownSources = 1;
  return transfer;
}

/** Moves time on, never while the disk is being looked at: who is to look meanwhile would put it off. */
async function pass(ms: number): Promise<void> {
  for (let leftMs = ms; leftMs > 0; leftMs -= roomLookMs) {
    await bench.test.advance(Math.min(leftMs, roomLookMs));
    while (room.looks > 0) await bench.test.settle();
    await bench.test.settle();
  }
}

async function become(
  expected: Readonly<Record<number, DownloadState>>,
  afterMs = 2 * roomLookMs,
): Promise<void> {
  await pass(afterMs);
  expect(bench.states(...Object.keys(expected).map(Number))).toEqual(Object.values(expected));
}

async function ask(transfer: number): Promise<Result<void>> {
  const answer = Promise.withResolvers<Result<void>>();
  const replyTo = { reply: answer.resolve };
  bench.pool.tell({ type: 'room', transfer, sizeBytes: size, replyTo } as never);
  return answer.promise;
}

test('of what is queued, those that will not fit are told at once, with the numbers, and the others run', async () => {
  for (const seed of [1, 2, 3, 4, 5]) await sized(seed);
  await become({ 1: 'finding', 2: 'queued', 3: 'queued', 4: 'waiting', 5: 'waiting' });
  expect(bench.views.get(4)).toMatchObject({
    retry: 'disk',
    nextAttemptMs: expect.any(Number),
    problem: {
      code: 'disk-full',
      message: 'Not enough space in /out: 30 MiB needed, 90 MiB for others that come first, 100 MiB free',
    },
  });
  await bench.works(1, 'done');
  bench.test.system.crash('/peer/download-pool/download-1');
  await bench.test.advance(1_000);
  expect(bench.running()).toEqual([2]);
});

test('a smaller one behind one that will not fit goes on', async () => {
  await sized(1);
  await sized(2, { sizeBytes: 90 * MiB });
  await sized(3);
  await become({ 1: 'finding', 2: 'waiting', 3: 'queued' });
});

test('they are queued again when there is room, or when one that had it is removed', async () => {
  for (const seed of [1, 2, 3, 4, 5]) await sized(seed);
  await become({ 3: 'queued', 4: 'waiting', 5: 'waiting' });
  freeBytes = 130 * MiB;
  await become({ 4: 'queued', 5: 'waiting' }, diskProbeMaxMs);
  expect(bench.views.get(4)).toMatchObject({ problem: undefined, retry: undefined });
  await bench.command({ type: 'remove', transfers: [2], deletesData: false });
  await become({ 4: 'queued', 5: 'queued' });
});

test('who has its room is counted once, and not before those ahead of it', async () => {
  bench.limits.downloadsAtOnce = 2;
  for (const seed of [1, 2, 3, 4]) await sized(seed);
  expect(await ask(1)).toMatchObject({ ok: true });
  await become({ 3: 'queued', 4: 'waiting' });
  freeBytes = 50 * MiB;
  expect(await ask(2)).toMatchObject({
    problem: { message: expect.stringContaining('30 MiB for others that run, 50 MiB free') },
  });
});

test('one of high priority comes before those that were queued earlier', async () => {
  for (const seed of [1, 2, 3]) await sized(seed);
  await sized(4, { priority: 'high' });
  await become({ 3: 'waiting', 4: 'finding' });
});

test('one that is not to wait fails instead, and one that was paused is looked at again', async () => {
  for (const seed of [1, 2, 3]) await sized(seed);
  await sized(4, { giveUpAfterMs: 1_000 });
  await sized(5);
  await become({ 4: 'failed', 5: 'waiting' });
  expect(bench.views.get(4)).toMatchObject({ retry: 'never', problem: { code: 'disk-full' } });
  await bench.tell('pause', 5);
  await become({ 5: 'paused' }, diskProbeMaxMs);
  await bench.tell('resume', 5);
  await become({ 5: 'waiting' });
});

test('those that wait for room are told how it stands now and then, not with every change', async () => {
  for (const seed of [1, 2, 3, 4]) await sized(seed);
  await become({ 4: 'waiting' });
  const message = (): string | undefined => bench.views.get(4)?.problem?.message;
  freeBytes = 99 * MiB;
  await sized(5);
  await become({ 5: 'waiting' });
  expect(message()).toContain('100 MiB free');
  await sized(6);
  await become({ 6: 'waiting' }, 2 * diskProbeMaxMs);
  expect(message()).toContain('99 MiB free');
});

test('one that comes first but waits for the end of another takes none of its room', async () => {
  freeBytes = 50 * MiB;
  const running = await sized(1);
  const target = { kind: 'content', id: idOf(1), name: 'second', folders: [], sources: [] } as const;
  const following = await bench.add(1, { target, sizeBytes: size });
  expect(following).not.toBe(running);
  await bench.command({ type: 'move', transfers: [following], to: 'top' });
  expect(bench.running()).toEqual([running]);
  expect(await ask(running)).toEqual({ ok: true, value: undefined });
});

test('one that finds nobody takes no room from those after it', async () => {
  bench.limits.downloadsAtOnce = 2;
  const lonely = await bench.add(1, { sizeBytes: 90 * MiB });
  const small = await sized(2, { giveUpAfterMs: 1_000 });
  const queued = await sized(3, { giveUpAfterMs: 1_000 });
  expect(await ask(small)).toEqual({ ok: true, value: undefined });
  await become({ [lonely]: 'finding', [small]: 'finding', [queued]: 'queued' });
});

test('one that was kept from its turn and paused is not taken for one later, when it waits for something else', async () => {
  freeBytes = 20 * MiB;
  await sized(1);
  await sized(2);
  await become({ 2: 'waiting' });
  await bench.command({ type: 'remove', transfers: [1], deletesData: false });
  await bench.tell('pause', 2);
  await become({ 2: 'paused' });
  freeBytes = 100 * MiB;
  await bench.tell('resume', 2);
  expect(bench.running()).toEqual([2]);
  // It is left alone for longer than the disk is.
  Object.assign(bench.book.get(2) ?? {}, { crashes: 4 });
  bench.test.system.crash('/peer/download-pool/download-2');
  await bench.test.settle();
  await sized(3);
  await sized(4, { sizeBytes: 99 * MiB });
  await become({ 4: 'waiting' });
  expect(bench.views.get(2)).toMatchObject({ state: 'waiting', problem: { code: 'internal' } });
});

test('a fault of ours while the disk is looked at is told of as one', async () => {
  fault = new TypeError('as told');
  await sized(1);
  await bench.test.advance(2 * roomLookMs);
  const end = performance.now() + 60_000;
  while (bench.test.failures.length === 0 && performance.now() < end) await bench.test.settle();
  expect(bench.test.failures[0]).toEqual({ path: '/peer/download-pool', error: fault });
  await bench.test.settle();
  expect(bench.test.takeDeadLetters()).toMatchObject([{ to: '/peer/download-pool', why: 'crashed' }]);
});
