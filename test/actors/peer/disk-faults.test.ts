/** Downloads whose disk fails them: each stops with its reason and goes on by itself. */
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import type { DownloadView } from '../../../src/core/engine/engine-api.ts';
import { TestPeer } from '../../helpers/peers.ts';
import { until } from '../../helpers/poll.ts';
import { SmallDisk } from '../../helpers/small-disk.ts';
import { tempDir } from '../../helpers/temp-dir.ts';
import { makeContent, type TestContent } from '../../helpers/transfer.ts';

/** Each waits for a flush, and for a look at the disk or two. */
jest.setTimeout(180_000);

const MiB = 1024 * 1024;
/** Slow enough that something can go wrong on the way, however late that is. */
const limited = { bytesPerSecond: MiB };

/** The same two for all: what differs is the disk. */
let seeder: TestPeer;
let leecher: TestPeer;
beforeAll(async () => {
  [seeder, leecher] = await Promise.all([TestPeer.start(), TestPeer.start()]);
});
afterAll(async () => {
  await leecher[Symbol.asyncDispose]();
  await seeder[Symbol.asyncDispose]();
});

let contents = 0;
function sharedContent(size: number): TestContent {
  contents += 1;
  const content = makeContent(tempDir(), 'a', size, contents);
  seeder.share(content, `/s/${contents}`);
  return content;
}

async function underWay(peer: TestPeer, transfer: number, bytes: number): Promise<void> {
  await until('it is under way', () => (peer.views.get(transfer)?.doneBytes ?? 0) >= bytes);
}

async function waits(peer: TestPeer, transfer: number, code: string): Promise<DownloadView> {
  const { addedMs } = peer.views.get(transfer)!;
  await until(`it waits for the disk: ${code}`, () => {
    const { state, problem, retry } = peer.views.get(transfer) ?? {};
    return state === 'waiting' && problem?.code === code && retry === 'disk';
  });
  const view = peer.views.get(transfer)!;
  expect(view.nextAttemptMs).toBeGreaterThan(addedMs);
  expect(view.attempts).toBeGreaterThan(0);
  // What could go wrong has: the rest need not take long.
  peer.refs.downloads?.tell({ type: 'limit', transfers: [transfer], bytesPerSecond: 0 });
  return view;
}

function expectWhole(view: DownloadView, content: TestContent): void {
  expect(view.state).toBe('done');
  expect(readFileSync(view.path!).equals(content.bytes)).toBe(true);
}

const retry = (transfer: number) => ({ type: 'retry', transfers: [transfer] }) as const;

describe('a partial file that is meddled with', () => {
  for (const how of ['removed', 'replaced', 'cut short'] as const)
    test(`and ${how} is noticed, and made good`, async () => {
      const out = tempDir();
      const content = sharedContent(16 * MiB);
      const transfer = await leecher.download(content, out, [seeder.source], limited);
      await underWay(leecher, transfer, 1.5 * MiB);
      const part = path.join(out, '.shoal', `${content.id}.part`);
      if (how === 'removed') rmSync(part);
      else if (how === 'cut short') truncateSync(part, MiB);
      else {
        writeFileSync(`${part}.other`, Buffer.alloc(16 * MiB, 5));
        renameSync(`${part}.other`, part);
      }
      // One that was cut short may have its size again by the time it is looked at.
      if (how !== 'cut short') await waits(leecher, transfer, how === 'removed' ? 'not-found' : 'io');
      expectWhole(await leecher.ended(transfer), content);
    });
});

describe('a target folder that is gone', () => {
  test('is waited for, and not made anew', async () => {
    const out = path.join(tempDir(), 'out');
    const content = sharedContent(16 * MiB);
    const transfer = await leecher.download(content, out, [seeder.source], limited);
    await underWay(leecher, transfer, 1.5 * MiB);
    rmSync(out, { recursive: true });
    const gone = await waits(leecher, transfer, 'not-found');
    leecher.refs.downloads?.tell({ type: 'pause', transfers: [transfer] });
    leecher.refs.downloads?.tell({ type: 'resume', transfers: [transfer] });
    await until('it has looked again', () =>
      (leecher.views.get(transfer)?.problem?.message ?? '').includes('gone'),
    );
    expect(gone.problem?.message).toContain(out);
    expect(existsSync(out)).toBe(false);
    mkdirSync(out);
    expectWhole(await leecher.ended(transfer), content);
  });

  test('is made anew when the user says so', async () => {
    const out = path.join(tempDir(), 'out');
    const content = sharedContent(16 * MiB);
    const transfer = await leecher.download(content, out, [seeder.source], limited);
    await underWay(leecher, transfer, 1.5 * MiB);
    rmSync(out, { recursive: true });
    await waits(leecher, transfer, 'not-found');
    leecher.refs.downloads?.tell(retry(transfer));
    expectWhole(await leecher.ended(transfer), content);
  });
});

const { missing } = SmallDisk;
const disks = missing === undefined ? describe : describe.skip;
disks(`a small disk${missing === undefined ? '' : ` (cannot be had here: ${missing})`}`, () => {
  test('that has no room is not begun to be filled, and the download starts when it has', async () => {
    const out = tempDir();
    using disk = new SmallDisk(out, 8);
    const content = sharedContent(20 * MiB);
    const transfer = await leecher.download(content, out, [seeder.source]);
    const view = await waits(leecher, transfer, 'disk-full');
    expect(view.problem?.message).toMatch(/20 MiB needed, 8 MiB free/);
    expect(view.problem?.message).toContain(out);
    expect(view.fetchedBytes).toBe(0);
    disk.remount('size=40m');
    expectWhole(await leecher.ended(transfer), content);
  });

  test('has room for one of two: the other waits for its turn, and both get there', async () => {
    const out = tempDir();
    using disk = new SmallDisk(out, 7);
    const both = [1, 2].map(() => sharedContent(4 * MiB));
    const [first, second] = await Promise.all(
      both.map((content, at) =>
        leecher.download(content, out, [seeder.source], { ...limited, name: `n${at}` }),
      ),
    );
    await until('one waits', () =>
      [first!, second!].some((one) => leecher.views.get(one)?.problem?.code === 'disk-full'),
    );
    const waiting = [first!, second!].find((one) => leecher.views.get(one)?.problem?.code === 'disk-full')!;
    expect(leecher.views.get(waiting)?.problem?.message).toMatch(/for others that (run|come first)/);
    const other = waiting === first ? second! : first!;
    expect((await leecher.ended(other)).state).toBe('done');
    disk.remount('size=60m');
    leecher.refs.downloads?.tell(retry(waiting));
    expectWhole(await leecher.ended(waiting), both[waiting === first ? 0 : 1]!);
  });

  test('that fills up half way costs nothing that is there', async () => {
    const out = tempDir();
    using _disk = new SmallDisk(out, 40);
    const content = sharedContent(16 * MiB);
    const transfer = await leecher.download(content, out, [seeder.source], limited);
    await underWay(leecher, transfer, 1.5 * MiB);
    const other = path.join(out, 'other');
    try {
      writeFileSync(other, Buffer.alloc(40 * MiB, 1));
    } catch {
      // It takes what there is.
    }
    await waits(leecher, transfer, 'disk-full');
    rmSync(other);
    leecher.refs.downloads?.tell(retry(transfer));
    const view = await leecher.ended(transfer);
    expectWhole(view, content);
    expect(view.fetchedBytes).toBeLessThanOrEqual(32 * MiB);
  });

  test('too small for a folder keeps what came of it, which counts as done', async () => {
    const out = tempDir();
    using _disk = new SmallDisk(out, 4);
    for (let at = 0; at < 200; at++) seeder.share(sharedContent(32 * 1024), `/small/${at}`);
    const transfer = await leecher.downloadTree(seeder.source, '/small/', out, { giveUpAfterMs: 60_000 });
    const view = await leecher.ended(transfer);
    expect(view).toMatchObject({ state: 'failed', problem: { code: 'disk-full' }, files: { total: 200 } });
    await until('all are told', () => leecher.treeFiles.get(transfer)?.length === 200);
    const done = leecher.treeFiles.get(transfer)?.filter(({ outcome }) => outcome === 'done') ?? [];
    expect(done).toHaveLength(view.files?.done ?? -1);
    const there = existsSync(path.join(out, 'small')) ? readdirSync(path.join(out, 'small')) : [];
    expect(new Set(done.map(({ filePath }) => path.basename(filePath ?? '')))).toEqual(new Set(there));
    expect(readdirSync(out).filter((name) => name !== 'small')).toEqual([]);
  });

  test('that is full is not what a folder is fetched for over and over, and it comes once there is room', async () => {
    const out = tempDir();
    using _disk = new SmallDisk(out, 40);
    const files = Array.from({ length: 100 }, () => sharedContent(32 * 1024));
    // The last of them is there twice: one waits for the other, and may come first when the disk is open again.
    files.push(files[99]!);
    for (const [at, content] of files.entries()) seeder.share(content, `/patient/${at}`);
    const other = path.join(out, 'other');
    const fill = (): void => {
      for (let bytes = MiB; bytes >= 4096; bytes /= 2)
        try {
          for (;;) writeFileSync(other, Buffer.alloc(bytes, 1), { flag: 'a' });
        } catch {
          // So much does not fit any more.
        }
    };
    // The disk is full long before all of it has come, however late that is.
    const transfer = await leecher.downloadTree(seeder.source, '/patient/', out, {
      bytesPerSecond: MiB / 16,
    });
    const limit = (bytesPerSecond: number): void =>
      leecher.refs.downloads?.tell({ type: 'limit', transfers: [transfer], bytesPerSecond });
    const view = (): DownloadView | undefined => leecher.views.get(transfer);
    await until('something comes', () => (view()?.fetchedBytes ?? 0) > 0);
    fill();
    await until('it waits', () => view()?.state === 'waiting' && view()?.problem?.code === 'disk-full');
    limit(MiB);
    // What was on its way may have been in time to come again.
    const before = view()?.fetchedBytes ?? 0;
    for (let look = 0; look < 50; look++) {
      const attempts = view()?.attempts;
      leecher.refs.downloads?.tell(retry(transfer));
      await until('it has looked and waits again', () => view()?.attempts !== attempts);
    }
    expect(view()).toMatchObject({ state: 'waiting', retry: 'disk', problem: { code: 'disk-full' } });
    expect((view()?.fetchedBytes ?? 0) - before).toBeLessThan(2 * MiB);
    rmSync(other);
    limit(0);
    leecher.refs.downloads?.tell(retry(transfer));
    expect(await leecher.ended(transfer)).toMatchObject({ state: 'done', files: { done: 101, failed: 0 } });
    for (const [at, { bytes }] of files.entries())
      expect(readFileSync(path.join(out, 'patient', String(at))).equals(bytes)).toBe(true);
  });

  test('that is nearly full has room for a folder that is there already, large files and small ones', async () => {
    const out = tempDir();
    using _disk = new SmallDisk(out, 8);
    const files = [32 * 1024, 3 * MiB, 2 * MiB].map(sharedContent);
    for (const [at, content] of files.entries()) seeder.share(content, `/there/${at}`);
    const first = await leecher.downloadTree(seeder.source, '/there/', out);
    expect(await leecher.ended(first)).toMatchObject({ state: 'done' });
    writeFileSync(path.join(out, 'other'), Buffer.alloc(2 * MiB, 1));
    // One that does not wait for room: it fails where there is none.
    const again = await leecher.downloadTree(seeder.source, '/there/', out, { giveUpAfterMs: 60_000 });
    expect(await leecher.ended(again)).toMatchObject({ state: 'done', fetchedBytes: 0, files: { done: 3 } });
  });

  test('that is read-only is waited for', async () => {
    const out = tempDir();
    using disk = new SmallDisk(out, 40);
    disk.remount('ro');
    const content = sharedContent(4 * MiB);
    const transfer = await leecher.download(content, out, [seeder.source]);
    expect((await waits(leecher, transfer, 'io')).problem?.message).toMatch(/read-only/);
    disk.remount('rw');
    expectWhole(await leecher.ended(transfer), content);
  });

  test('that is pulled out is not mistaken for its mount point', async () => {
    const out = tempDir();
    using disk = new SmallDisk(out, 40);
    const content = sharedContent(16 * MiB);
    const transfer = await leecher.download(content, out, [seeder.source], limited);
    await underWay(leecher, transfer, 1.5 * MiB);
    disk.unmount();
    await waits(leecher, transfer, 'not-found');
    leecher.refs.downloads?.tell({ type: 'pause', transfers: [transfer] });
    leecher.refs.downloads?.tell({ type: 'resume', transfers: [transfer] });
    await until('it has looked again', () =>
      (leecher.views.get(transfer)?.problem?.message ?? '').includes('mounted'),
    );
    expect(existsSync(path.join(out, '.shoal'))).toBe(false);
    disk.mount(40);
    leecher.refs.downloads?.tell({ type: 'pause', transfers: [transfer] });
    leecher.refs.downloads?.tell({ type: 'resume', transfers: [transfer] });
    expectWhole(await leecher.ended(transfer), content);
  });
});
