import { expect, test } from '@jest/globals';
import { VisitorRates } from '../../../src/actors/peer/uploads/visitor-rates.ts';
import type { UploadView } from '../../../src/core/engine/engine-api.ts';
import type { PeerId } from '../../../src/core/ids.ts';
import { until } from '../../helpers/poll.ts';
import { TestPeer } from '../../helpers/peers.ts';
import { tempDir } from '../../helpers/temp-dir.ts';
import { makeContent } from '../../helpers/transfer.ts';

const MiB = 1024 * 1024;
const [ann, bob] = ['ann', 'bob'] as PeerId[] as [PeerId, PeerId];

test('all connections of a peer keep one limit, as long as any of them is there', () => {
  const rates = new VisitorRates();
  const first = rates.join(1, ann);
  expect(rates.join(2, ann).shared).toBe(first.shared);
  const other = rates.join(3, bob);
  expect(rates.limit([2, 99], 500)).toEqual(new Set([ann]));
  expect([first.bytesPerSecond, other.bytesPerSecond]).toEqual([500, 0]);
  rates.leave(1);
  rates.leave(1);
  expect(rates.join(4, ann).bytesPerSecond).toBe(500);
  rates.leave(2);
  rates.leave(4);
  expect(rates.join(5, ann).bytesPerSecond).toBe(0);
  expect(rates.limit([1, 2, 4], 700)).toEqual(new Set());
});

test('what one peer gets is limited while it comes, and what others get is not', async () => {
  const dir = tempDir();
  const content = makeContent(dir, 'a', 12 * MiB);
  await using seeder = await TestPeer.start([content]);
  // Slow enough to be met on the way, however late that is.
  seeder.rates.set({ uploadBytesPerSecond: 1_000, downloadBytesPerSecond: 0, limitsLan: true });
  await using slow = await TestPeer.start();
  await using free = await TestPeer.start();
  const viewOf = (peer: TestPeer): UploadView | undefined =>
    [...seeder.uploads.values()].find((view) => view.peer === peer.identity.id);
  const held = await slow.download(content, tempDir(), [seeder.source]);
  await until('it is sent to', () => viewOf(slow)?.state === 'uploading');
  const uploads = [viewOf(slow)?.upload ?? 0];
  seeder.refs.uploads?.tell({ type: 'limit-uploads', uploads, bytesPerSecond: 1_000 });
  await until('it is limited', () => viewOf(slow)?.limitBytesPerSecond === 1_000);
  seeder.rates.set({ uploadBytesPerSecond: 0, downloadBytesPerSecond: 0, limitsLan: true });
  const whole = await free.download(content, tempDir(), [seeder.source]);
  expect(await free.ended(whole)).toMatchObject({ state: 'done' });
  expect(viewOf(free)).toMatchObject({ limitBytesPerSecond: 0 });
  expect(slow.views.get(held)).toMatchObject({ state: 'downloading' });
  seeder.refs.uploads?.tell({ type: 'limit-uploads', uploads, bytesPerSecond: 0 });
  expect(await slow.ended(held)).toMatchObject({ state: 'done' });
});
