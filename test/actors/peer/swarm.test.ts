import { describe, expect, test } from '@jest/globals';
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import type { DownloadDetails } from '../../../src/core/engine/engine-api.ts';
import { maxStrikes } from '../../../src/core/limits/downloads.ts';
import { PartialFile } from '../../../src/profile/partial-file.ts';
import { FakePeer } from '../../helpers/fake-peer.ts';
import { TestPeer } from '../../helpers/peers.ts';
import { until } from '../../helpers/poll.ts';
import { tempDir } from '../../helpers/temp-dir.ts';
import { makeContent, type TestContent } from '../../helpers/transfer.ts';

const MiB = 1024 * 1024;
const KiB256 = 256 * 1024;

/** An output folder in which an earlier run left some pieces of a content. */
async function begun(content: TestContent, pieces: readonly number[]): Promise<string> {
  const outDir = tempDir();
  const partial = await PartialFile.open(outDir, content.id, content.manifest);
  if (!partial.ok) throw new Error(partial.problem.message);
  const file = openSync(partial.value.path, 'r+');
  for (const piece of pieces) {
    writeSync(
      file,
      content.bytes.subarray(piece * KiB256, (piece + 1) * KiB256),
      0,
      undefined,
      piece * KiB256,
    );
    partial.value.add(piece);
  }
  closeSync(file);
  await partial.value.close(true);
  return outDir;
}

async function details(peer: TestPeer, transfer: number): Promise<DownloadDetails> {
  const { downloads } = peer.refs;
  if (!downloads) throw new Error('The peer is not up');
  const answer = await peer.system.ask(downloads, { type: 'details', transfer }, 60_000);
  if (!answer.ok || !answer.value.ok) throw new Error('There are no details');
  return answer.value.value;
}

const every = (step: number, from: number, pieces: number): number[] =>
  Array.from({ length: Math.ceil((pieces - from) / step) }, (_, at) => from + at * step);

describe('peers that download the same', () => {
  test('complete each other: neither has it all, and in the end both have', async () => {
    const content = makeContent(tempDir(), 'a', 8 * MiB);
    await using alice = await TestPeer.start();
    await using bob = await TestPeer.start();
    // Slow until each has something of the other, and then as fast as it goes.
    const limited = { bytesPerSecond: MiB / 2 };
    const folders = [await begun(content, every(2, 0, 32)), await begun(content, every(2, 1, 32))] as const;
    const runs = [
      [alice, await alice.download(content, folders[0], [], limited)],
      [bob, await bob.download(content, folders[1], [], limited)],
    ] as const;
    await until('both have something to give', () => runs.every(([peer]) => peer.told.has(content.id)));
    alice.partial.push(bob.source);
    bob.partial.push(alice.source);
    for (const [peer] of runs) peer.tellOf(content.id);
    await until('each has something of the other', () =>
      runs.every(([peer, transfer]) => (peer.views.get(transfer)?.fetchedBytes ?? 0) > 0),
    );
    for (const [peer, transfer] of runs)
      peer.refs.downloads?.tell({ type: 'limit', transfers: [transfer], bytesPerSecond: 0 });
    for (const [peer, transfer] of runs) {
      const view = await peer.ended(transfer);
      expect(view).toMatchObject({ state: 'done', fetchedBytes: 4 * MiB, wastedBytes: 0, usedSources: 1 });
      expect(readFileSync(view.path!).equals(content.bytes)).toBe(true);
      expect(peer.failures).toEqual([]);
    }
    await until('it is told what was sent', () => alice.views.get(runs[0][1])!.sentBytes > 0);
  });

  test('tell each other what comes in while it comes', async () => {
    const content = makeContent(tempDir(), 'a', 16 * MiB);
    await using seeder = await TestPeer.start([content]);
    await using first = await TestPeer.start();
    await using second = await TestPeer.start();
    second.partial.push(first.source);
    const limited = { bytesPerSecond: 2 * MiB };
    const one = await first.download(content, tempDir(), [seeder.source], limited);
    await until('some is there', () => (first.views.get(one)?.doneBytes ?? 0) > MiB);
    const two = await second.download(content, tempDir(), []);
    await until('it comes', () => (second.views.get(two)?.doneBytes ?? 0) > MiB);
    // As its library would once it is whole: the first may be done long before the other.
    first.shared.set(content.id, content);
    first.refs.downloads?.tell({ type: 'limit', transfers: [one], bytesPerSecond: 0 });
    expect(await second.ended(two)).toMatchObject({ state: 'done', usedSources: 1 });
    expect(first.uploads.size).toBeGreaterThan(0);
    await until('it is told what was sent', () => (first.views.get(one)?.sentBytes ?? 0) > 0);
  });

  test('hear of sources that come while they download, and go on by themselves', async () => {
    const content = makeContent(tempDir(), 'a', 16 * MiB);
    await using leecher = await TestPeer.start();
    let transfer: number;
    {
      await using seeder = await TestPeer.start([content]);
      transfer = await leecher.download(content, tempDir(), [seeder.source], { bytesPerSecond: 2 * MiB });
      await until('some is there', () => (leecher.views.get(transfer)?.doneBytes ?? 0) > MiB);
      // However long the source takes to go, the rest does not come meanwhile.
      leecher.refs.downloads?.tell({ type: 'limit', transfers: [transfer], bytesPerSecond: 1 });
    }
    leecher.refs.downloads?.tell({ type: 'limit', transfers: [transfer], bytesPerSecond: 0 });
    await until('it waits', () => leecher.views.get(transfer)?.state === 'waiting');
    const waiting = leecher.views.get(transfer)!;
    expect(waiting.problem).toBeDefined();
    expect(waiting.nextAttemptMs).toBeGreaterThan(0);
    await using again = await TestPeer.start([content]);
    leecher.known.push(again.source);
    leecher.tellOf(content.id);
    expect(await leecher.ended(transfer)).toMatchObject({ state: 'done', usedSources: 2 });
  });
});

describe('a source that', () => {
  /** A download from one such source, and from an honest one that comes once the other was found out. */
  async function foundOut(behaviour: 'spoils' | 'denies' | 'cuts short', isPartial: boolean) {
    const content = makeContent(tempDir(), 'a', 8 * MiB);
    await using bad = await FakePeer.start(content, behaviour);
    await using honest = await TestPeer.start([content]);
    await using leecher = await TestPeer.start();
    (isPartial ? leecher.partial : leecher.known).push(bad.source);
    const transfer = await leecher.download(content, tempDir(), []);
    await until('it is banned', async () => {
      const { sources } = await details(leecher, transfer);
      return sources.some(({ peer, state }) => peer === bad.identity.id && state === 'banned');
    });
    const { visits } = bad;
    const { wastedBytes } = leecher.views.get(transfer)!;
    leecher.known.push(honest.source);
    leecher.tellOf(content.id);
    const view = await leecher.ended(transfer);
    expect(view).toMatchObject({ state: 'done', usedSources: 1 });
    expect(readFileSync(view.path!).equals(content.bytes)).toBe(true);
    expect(leecher.failures).toEqual([]);
    expect(bad.visits).toBe(visits);
    return { wastedBytes: Math.max(wastedBytes, view.wastedBytes) };
  }

  test('sends wrong pieces is banned, at the price of one piece each time', async () => {
    const { wastedBytes } = await foundOut('spoils', false);
    expect(wastedBytes).toBe(maxStrikes * KiB256);
  });

  test('sends pieces that are not whole is banned, at the price of one piece each time', async () => {
    const { wastedBytes } = await foundOut('cuts short', false);
    expect(wastedBytes).toBeLessThanOrEqual(maxStrikes * KiB256);
  });

  test('refuses what it said it has is banned', async () => {
    const { wastedBytes } = await foundOut('denies', true);
    expect(wastedBytes).toBe(0);
  });

  test('stalls loses its work to one that delivers', async () => {
    const content = makeContent(tempDir(), 'a', 8 * MiB);
    await using idler = await FakePeer.start(content, 'stalls');
    await using honest = await TestPeer.start([content]);
    await using leecher = await TestPeer.start();
    const transfer = await leecher.download(content, tempDir(), [idler.source]);
    await until('it was asked', () => idler.askedFor.length > 0);
    leecher.known.push(honest.source);
    leecher.tellOf(content.id);
    expect(await leecher.ended(transfer)).toMatchObject({ state: 'done', usedSources: 1, wastedBytes: 0 });
  });
});

describe('a download', () => {
  test('fetches from the front when told to, while it runs', async () => {
    const content = makeContent(tempDir(), 'a', 16 * MiB);
    await using seeder = await TestPeer.start([content]);
    await using leecher = await TestPeer.start();
    const { downloads } = leecher.refs;
    const options = { bytesPerSecond: 2 * MiB };
    const transfer = await leecher.download(content, tempDir(), [], options);
    await until('it waits', () => leecher.views.get(transfer)?.state === 'waiting');
    downloads?.tell({ type: 'order-pieces', transfers: [transfer], order: 'sequential' });
    leecher.known.push(seeder.source);
    leecher.tellOf(content.id);
    await until('some is there', () => (leecher.views.get(transfer)?.doneBytes ?? 0) > 2 * MiB);
    const { pieceMap = new Uint8Array(), download } = await details(leecher, transfer);
    expect(download.order).toBe('sequential');
    const had = [...pieceMap].map((state) => state === 2);
    expect(had.indexOf(false)).toBeGreaterThanOrEqual(had.filter(Boolean).length - 1);
    downloads?.tell({ type: 'limit', transfers: [transfer], bytesPerSecond: 0 });
    expect(await leecher.ended(transfer)).toMatchObject({ state: 'done' });
  });
});
