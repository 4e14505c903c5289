import { describe, expect, test } from '@jest/globals';
import { ManualClock } from '../../../src/actors/runtime/testing.ts';
import { compareMsPerPeer, maxSyncPermits } from '../../../src/core/limits/tracker.ts';
import { heartbeatsPerCompare } from '../../../src/core/limits/tracker-link.ts';
import { heartbeatJitter, heartbeatMs } from '../../../src/core/limits/wire.ts';
import { nameOf } from '../../../src/core/share/virtual-path.ts';
import { fail, ok, type Result } from '../../../src/core/result.ts';
import { createCodec } from '../../../src/protocol/codec.ts';
import { trackerMessages } from '../../../src/protocol/tracker-messages.ts';
import type { CatalogStore } from '../../../src/store/catalog-store.ts';
import { MemoryStore } from '../../../src/store/memory/memory-store.ts';
import { unprepare } from '../../../src/store/prepared-batch.ts';
import { atRest, until } from '../../helpers/poll.ts';
import { SharedCatalogue } from '../../helpers/shared-catalogue.ts';
import { tempDir } from '../../helpers/temp-dir.ts';
import { RawPeer, sharedFile, sharedFiles, TestLink, TestTracker, Wire } from '../../helpers/trackers.ts';
import { stateOf } from '../../store/files.ts';

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

describe('a tracker whose store says that it may have lost rows', () => {
  test('has every share compared at once, long before a heartbeat, and what was lost is sent again', async () => {
    const home = tempDir();
    const clock = new ManualClock();
    const catalogue = new SharedCatalogue();
    await using tracker = await TestTracker.start(home, { clock, openStore: catalogue.open });
    await using wire = await Wire.to(() => tracker.address);
    const links: TestLink[] = [];
    try {
      for (const name of ['alice', 'bob'])
        links.push(await TestLink.start(home, [wire.address], { clock, name, share: sharedFiles(20, name) }));
      for (const link of links) await link.isRegistered();
      const shares = async (): Promise<number> => (await catalogue.store.stats()).shares;
      const buckets = Array.from({ length: 256 }, (_, bucket) => bucket);
      for (const { identity } of links) await catalogue.store.dropBuckets(identity.id, buckets);
      expect(await shares()).toBe(0);
      const before = wire.passedBytes;
      for (const tell of catalogue.tellLoss) tell();
      await until('both have been told', () => wire.passedBytes > before);
      await atRest(() => wire.passedBytes);
      // What is sent may wait for the allowance of the host, in tenths of a second.
      for (let elapsedMs = 0; (await shares()) < 40; elapsedMs += 100) {
        clock.advance(elapsedMs === 0 ? links.length * compareMsPerPeer : 100);
        await atRest(() => wire.passedBytes);
        expect(elapsedMs).toBeLessThan(heartbeatMs / 10);
      }
    } finally {
      for (const link of links) await link.stop();
    }
  });

  test('tells those who understand it, and nobody else', async () => {
    const home = tempDir();
    const catalogue = new SharedCatalogue();
    await using tracker = await TestTracker.start(home, { openStore: catalogue.open });
    using peer = await RawPeer.connect(tracker.address, 'alice');
    using old = await RawPeer.connect(tracker.address, 'bert');
    await peer.greet();
    const hello = { minVersion: 1, maxVersion: 1, features: 7, name: 'bert', port: 4_000, agent: 'old' };
    old.socket.write(createCodec(trackerMessages).encode({ type: 'hello', ...hello }));
    await until('a welcome', () => old.heard.some(({ type }) => type === 'welcome'));
    for (const tell of catalogue.tellLoss) tell();
    await until('a word of it', () => peer.heard.some(({ type }) => type === 'compare'));
    expect(peer.heard.at(-1)).toEqual({ type: 'compare', withinMs: 2 * compareMsPerPeer });
    // What comes behind it would have come behind that too.
    old.send({ type: 'count-peers', requestId: old.session.nextRequestId() });
    await until('an answer', () => old.heard.some(({ type }) => type === 'peer-count'));
    expect(old.heard.map(({ type }) => type)).not.toContain('compare');
  });
});

test('files that a store had no time for are listed after those behind them, which makes no difference to the share', async () => {
  const store = new MemoryStore();
  const files = sharedFiles(12);
  const taken: string[] = [];
  let calls = 0;
  const apply: CatalogStore['apply'] = async (peer, batch) => {
    const [file] = unprepare(batch).adds;
    calls += 1;
    // Of each message one try is answered in vain, before it has been done or after.
    if (calls === 1 || calls === 5) return fail('busy', 'Later');
    const change = await store.apply(peer, batch);
    if (calls === 3) return fail('busy', 'Later');
    taken.push(nameOf(file?.path ?? ''));
    return change;
  };
  const openStore = async (): Promise<Result<CatalogStore>> =>
    ok(
      new Proxy<CatalogStore>(store, {
        get: (of, key) => (key === 'apply' ? apply : (Reflect.get(of, key) as () => unknown)?.bind?.(of)),
      }),
    );
  await using tracker = await TestTracker.start(tempDir(), { openStore });
  using peer = await RawPeer.connect(tracker.address, 'alice');
  await peer.greet();
  const messages = Array.from({ length: 4 }, (_, at) => files.slice(3 * at, 3 * at + 3));
  for (const some of messages) peer.send({ type: 'add', files: some });
  const requestId = peer.session.nextRequestId();
  peer.send({ type: 'commit', requestId, ...stateOf(files) });
  await until('an answer', () =>
    peer.heard.some((heard) => 'requestId' in heard && heard.requestId === requestId),
  );
  // It did not have to be compared: the commit has waited for all of them.
  expect(peer.heard.at(-1)).toMatchObject({ type: 'committed', count: 12, rejected: [] });
  const inOrder = messages.map(([first]) => nameOf(first?.path ?? ''));
  expect(taken.toSorted()).toEqual(inOrder.toSorted());
  expect(taken).not.toEqual(inOrder);
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
