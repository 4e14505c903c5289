/** That uploads and downloads keep to what the user has set, between real peers. */
import { beforeEach, describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { UploadView } from '../../../src/core/engine/engine-api.ts';
import type { TestContent } from '../../helpers/transfer.ts';
import { makeContent } from '../../helpers/transfer.ts';
import { TestPeer } from '../../helpers/peers.ts';
import { until } from '../../helpers/poll.ts';
import { tempDir } from '../../helpers/temp-dir.ts';

const mib = 1024 * 1024;
let dir: string;
let content: TestContent;

beforeEach(() => {
  dir = tempDir();
  content = makeContent(dir, 'a', 8 * mib);
});

const limits = { uploadBytesPerSecond: 0, downloadBytesPerSecond: 0, limitsLan: false };
const reason = { code: 'closed', message: 'Away with you' } as const;

describe('a limit', () => {
  test.each(['uploadBytesPerSecond', 'downloadBytesPerSecond'] as const)(
    'on all (%s) holds transfers back until it is lifted',
    async (name) => {
      await using seeder = await TestPeer.start([content]);
      await using leecher = await TestPeer.start();
      (name === 'uploadBytesPerSecond' ? seeder : leecher).rates.set({ ...limits, [name]: 100_000 });
      const transfer = await leecher.download(content, path.join(dir, 'out'), [seeder.source]);
      await until('it begins', () => (leecher.views.get(transfer)?.fetchedBytes ?? 0) > 0);
      expect(leecher.views.get(transfer)?.doneBytes).toBeLessThan(mib);
      for (const peer of [seeder, leecher]) peer.rates.set(limits);
      expect((await leecher.ended(transfer)).state).toBe('done');
      expect(readFileSync(path.join(dir, 'out', 'got')).equals(content.bytes)).toBe(true);
    },
  );

  test('on one download holds back that one and no other over the same connection', async () => {
    const other = makeContent(dir, 'b', 8 * mib, 2);
    await using seeder = await TestPeer.start([content, other]);
    await using leecher = await TestPeer.start();
    const slow = await leecher.download(content, path.join(dir, 'out'), [seeder.source], {
      bytesPerSecond: 2_000,
    });
    await until('the slow one begins', () => (leecher.views.get(slow)?.fetchedBytes ?? 0) > 0);
    const fast = await leecher.download(other, path.join(dir, 'out'), [seeder.source], { name: 'fast' });
    expect((await leecher.ended(fast)).state).toBe('done');
    expect(leecher.views.get(slow)).toMatchObject({ state: 'downloading' });
    expect(leecher.views.get(slow)?.doneBytes).toBeLessThan(4 * mib);
    leecher.refs.downloads?.tell({ type: 'limit', transfers: [slow], bytesPerSecond: 0 });
    expect((await leecher.ended(slow)).state).toBe('done');
  });
});

describe('a blocked peer', () => {
  test('gets nothing of us, and is told so', async () => {
    await using seeder = await TestPeer.start([content]);
    await using leecher = await TestPeer.start();
    seeder.blocked.add(leecher.identity.id);
    const options = { giveUpAfterMs: 200 };
    const transfer = await leecher.download(content, path.join(dir, 'out'), [seeder.source], options);
    expect(await leecher.ended(transfer)).toMatchObject({ state: 'failed', fetchedBytes: 0 });
    expect([...seeder.uploads.values()].every(({ sentBytes }) => sentBytes === 0)).toBe(true);
  });

  test('is asked for nothing', async () => {
    await using seeder = await TestPeer.start([content]);
    await using leecher = await TestPeer.start();
    leecher.blocked.add(seeder.identity.id);
    const options = { giveUpAfterMs: 200 };
    const transfer = await leecher.download(content, path.join(dir, 'out'), [seeder.source], options);
    expect((await leecher.ended(transfer)).state).toBe('failed');
    expect(seeder.uploads.size).toBe(0);
  });

  test('that is connected is shown out by either side, and may come back unless it is blocked', async () => {
    await using seeder = await TestPeer.start([content]);
    await using leecher = await TestPeer.start();
    seeder.rates.set({ ...limits, uploadBytesPerSecond: 1_000 });
    const transfer = await leecher.download(content, path.join(dir, 'out'), [seeder.source]);
    const connections = (): number => seeder.uploads.size;
    const over = (): number => [...seeder.uploads.values()].filter(({ state }) => state === 'done').length;
    await until('it begins', () => [...seeder.uploads.values()].some(({ sentBytes }) => sentBytes > 0));
    seeder.refs.uploads?.tell({ type: 'disconnect', peer: leecher.identity.id, reason });
    await until('it is shown out', () => over() === 1);
    await until('it comes back', () => connections() === 2);
    leecher.refs.downloads?.tell({ type: 'disconnect', peer: seeder.identity.id });
    await until('it left', () => over() === 2);
    seeder.rates.set(limits);
    expect((await leecher.ended(transfer)).state).toBe('done');
  });
});

describe('upload slots', () => {
  test('that come to be while peers wait are given to them', async () => {
    await using seeder = await TestPeer.start([content], 0);
    await using leecher = await TestPeer.start();
    const transfer = await leecher.download(content, path.join(dir, 'out'), [seeder.source]);
    await until('it waits', () => leecher.views.get(transfer)?.queuePosition === 1);
    seeder.limits.uploadSlots = 1;
    seeder.refs.uploads?.tell({ type: 'limits-changed' });
    expect((await leecher.ended(transfer)).state).toBe('done');
  });

  test('are not needed for small files, which come while large ones wait', async () => {
    const small = makeContent(dir, 'small', 1_000, 3);
    await using seeder = await TestPeer.start([content, small], 0);
    await using leecher = await TestPeer.start();
    const large = await leecher.download(content, path.join(dir, 'out'), [seeder.source]);
    await until('it waits', () => leecher.views.get(large)?.queuePosition === 1);
    const options = { name: 'small' };
    const quick = await leecher.download(small, path.join(dir, 'out'), [seeder.source], options);
    expect((await leecher.ended(quick)).state).toBe('done');
    expect(leecher.views.get(large)).toMatchObject({ doneBytes: 0 });
  });
});

describe('an upload', () => {
  test('is shown with the name and size of what is sent, since when, and its end', async () => {
    await using seeder = await TestPeer.start([content]);
    await using leecher = await TestPeer.start();
    const before = Date.now();
    const transfer = await leecher.download(content, path.join(dir, 'out'), [seeder.source]);
    await leecher.ended(transfer);
    const [upload] = seeder.uploads.keys();
    const view = (): UploadView | undefined => seeder.uploads.get(upload ?? 0);
    await until('all is told', () => view()?.sentBytes === content.bytes.length);
    expect(view()).toMatchObject({
      id: content.id,
      name: 'a',
      sizeBytes: content.bytes.length,
      peer: leecher.identity.id,
    });
    expect(view()?.sinceMs).toBeGreaterThanOrEqual(before);
    leecher.refs.downloads?.tell({ type: 'disconnect', peer: seeder.identity.id });
    await until('it is over', () => view()?.state === 'done');
    expect(view()).toMatchObject({ sentBytes: content.bytes.length, queuePosition: undefined });
  });
});
