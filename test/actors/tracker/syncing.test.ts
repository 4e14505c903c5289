import { describe, expect, test } from '@jest/globals';
import { ManualClock } from '../../../src/actors/runtime/testing.ts';
import {
  heartbeatJitter,
  heartbeatMs,
  heartbeatsPerCompare,
  maxSyncPermits,
} from '../../../src/core/limits.ts';
import { atRest, until } from '../../helpers/poll.ts';
import { SharedCatalogue } from '../../helpers/shared-catalogue.ts';
import { tempDir } from '../../helpers/temp-dir.ts';
import { RawPeer, sharedFile, sharedFiles, TestLink, TestTracker, Wire } from '../../helpers/trackers.ts';

describe('a share that a tracker knows', () => {
  test('and that ten changes were made to meanwhile costs less than 2 KB more than an unchanged one', async () => {
    const home = tempDir();
    await using tracker = await TestTracker.start(home);
    await using wire = await Wire.to(() => tracker.address);
    await using alice = await TestLink.start(home, [wire.address], {
      name: 'alice',
      share: sharedFiles(614),
    });
    await alice.isRegistered();
    const comeBack = async (times: number): Promise<number> => {
      wire.sentBytes = 0;
      wire.cut();
      await alice.isRegistered(times);
      return wire.sentBytes;
    };
    const unchangedBytes = await comeBack(2);
    wire.refuse();
    alice.change(
      sharedFiles(6, 'invoice'),
      [0, 1, 2, 3].map((at) => sharedFile(`report ${at}.txt`)),
    );
    wire.accept();
    await alice.isRegistered(3);
    expect(wire.sentBytes - unchangedBytes).toBeLessThan(2_048);
    expect(await alice.search('report', 700)).toHaveLength(610);
    expect(await alice.names('invoice')).toHaveLength(6);
  });

  test('is there again within four heartbeats after the store has lost it without a word', async () => {
    const home = tempDir();
    const clock = new ManualClock();
    const catalogue = new SharedCatalogue();
    await using tracker = await TestTracker.start(home, { clock, openStore: catalogue.open });
    await using wire = await Wire.to(() => tracker.address);
    await using alice = await TestLink.start(home, [wire.address], {
      clock,
      name: 'alice',
      share: sharedFiles(50),
    });
    await alice.isRegistered();
    const { added } = catalogue;
    const some = Array.from({ length: 64 }, (_, bucket) => bucket);
    const lost = await catalogue.store.dropBuckets(alice.identity.id, some);
    expect(lost).toMatchObject({ ok: true });
    const lostFiles = lost.ok ? lost.value : 0;
    expect(lostFiles).toBeGreaterThan(0);
    const shares = async (): Promise<number> => (await catalogue.store.stats()).shares;
    expect(await shares()).toBe(50 - lostFiles);
    let elapsedMs = 0;
    const stepMs = 1_000;
    while ((await shares()) < 50) {
      clock.advance(stepMs);
      elapsedMs += stepMs;
      await atRest(() => wire.passedBytes);
      expect(elapsedMs).toBeLessThan(heartbeatMs * (1 + heartbeatJitter) * (heartbeatsPerCompare + 1));
    }
    expect(elapsedMs).toBeLessThanOrEqual(heartbeatMs * (1 + heartbeatJitter) * heartbeatsPerCompare + 5_000);
    // Only the buckets that differed.
    expect(catalogue.added - added).toBe(lostFiles);
    expect(alice.registered.every((files) => files === 50)).toBe(true);
  });
});

test('more peers than may send much at once are told when to ask again, and keep their connections', async () => {
  const home = tempDir();
  const limits = { maxPendingHandshakes: 1_000 };
  await using tracker = await TestTracker.start(home, { limits });
  const differs = { type: 'sync', generation: 1, count: 1, digest: Buffer.alloc(16, 1) } as const;
  const peers = await Promise.all(
    Array.from({ length: maxSyncPermits + 1 }, (_, at) => RawPeer.connect(tracker.address, `peer-${at}`)),
  );
  for (const peer of peers) await peer.greet();
  const sync = async (peer: RawPeer): Promise<string> => {
    const before = peer.heard.length;
    peer.send({ ...differs, requestId: peer.session.nextRequestId() });
    await until('an answer', () => peer.heard.length > before);
    return peer.heard.at(-1)?.type ?? '';
  };
  const [one, ...others] = peers;
  if (one === undefined) throw new Error('Expected a peer');
  for (const other of others) expect(await sync(other)).toBe('buckets');
  expect(await sync(one)).toBe('error');
  expect(one.heard.at(-1)).toMatchObject({ code: 'busy', retryAfterMs: expect.any(Number) });
  // Who holds one may go on.
  expect(await sync(others[0] ?? one)).toBe('buckets');
  others[1]?.[Symbol.dispose]();
  await until('there is one again', async () => (await sync(one)) === 'buckets');
  expect(one.isClosed).toBe(false);
  for (const peer of peers) peer[Symbol.dispose]();
});
