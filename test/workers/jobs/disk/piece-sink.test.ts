import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { closeSync, openSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { blake3 } from '../../../../src/content/hash.ts';
import {
  sinkFromBytes,
  sinkOwnSlots,
  sinkReserveSlots,
  sinkSlots,
} from '../../../../src/core/limits/tracker.ts';
import { minPieceLength } from '../../../../src/core/swarm/piece-length.ts';
import { PieceSink, useSink, type Stored } from '../../../../src/workers/jobs/disk/piece-sink.ts';
import { sinkReserve } from '../../../../src/workers/jobs/disk/sink-reserve.ts';
import { until } from '../../../helpers/poll.ts';
import { tempDir } from '../../../helpers/temp-dir.ts';
import { makeContent, makeIdentity, someBytes, TestFetch, TestServer } from '../../../helpers/transfer.ts';

describe('the sink for pieces', () => {
  let sink: PieceSink;
  let target: string;
  let fd: number;

  beforeEach(async () => {
    sink = new PieceSink();
    target = path.join(tempDir(), 'target');
    fd = openSync(target, 'w');
    const slot = await ready(sink);
    sink.give(slot);
  });

  afterEach(async () => {
    sink.stop();
    closeSync(fd);
    await until('it has ended', isReserveWhole);
  });

  /** Gives one order about bytes; resolves to what became of them. */
  function store(bytes: Uint8Array, position: number, leaf = blake3.hash(bytes), file = fd): Promise<Stored> {
    const slot = sink.take();
    if (!slot) throw new Error('No slot is free');
    slot.set(bytes);
    return new Promise((resolve) =>
      sink.store(slot, { lengthBytes: bytes.length, leaf, fd: file, position }, (stored) => {
        sink.give(slot);
        resolve(stored);
      }),
    );
  }

  test('writes each piece at its place, however many are given at once and one by one', async () => {
    const rounds = 40;
    const pieces = Array.from({ length: rounds * 10 }, (_, at) => someBytes(1 + ((at * 7919) % 5000), at));
    for (let round = 0; round < rounds; round++) {
      const some = pieces.slice(round * 10, round * 10 + 1 + (round % 10));
      const stored = await Promise.all(some.map((bytes, at) => store(bytes, (round * 10 + at) * 5000)));
      expect(new Set(stored)).toEqual(new Set(['written']));
      const file = readFileSync(target);
      for (const [at, bytes] of some.entries()) {
        const position = (round * 10 + at) * 5000;
        expect(file.subarray(position, position + bytes.length).equals(bytes)).toBe(true);
      }
    }
  });

  test('writes nothing that is wrong', async () => {
    expect(await store(someBytes(1000), 0, blake3.hash(someBytes(1000, 2)))).toBe('wrong');
    expect(readFileSync(target).length).toBe(0);
  });

  test('says what the disk says', async () => {
    const full = openSync('/dev/full', 'w');
    expect(await store(someBytes(1000), 0, undefined, full)).toMatchObject({ code: 'ENOSPC' });
    closeSync(full);
  });

  test('has no more slots than its bound', () => {
    const slots = Array.from({ length: sinkSlots + 1 }, () => sink.take());
    expect(slots.filter(Boolean).length).toBe(sinkSlots);
    expect(slots.at(-1)).toBeUndefined();
  });

  test('touches no slot while one that it touched before is free', async () => {
    const first = sink.take();
    if (!first) throw new Error('No slot is free');
    sink.give(first);
    for (let round = 0; round < sinkSlots; round++) {
      const slot = sink.take();
      expect(slot).toBe(first);
      sink.give(first);
    }
  });

  test('says whether it has room', () => {
    for (let at = 0; at < sinkSlots; at++) {
      expect(sink.hasRoom).toBe(true);
      sink.take();
    }
    expect(sink.hasRoom).toBe(false);
  });

  test('has room again once it has written, though nothing more is given to it', async () => {
    const slots = Array.from({ length: sinkSlots }, () => sink.take()).filter((slot) => slot !== undefined);
    const bytes = someBytes(1000);
    const leaf = blake3.hash(bytes);
    for (const slot of slots) {
      slot.set(bytes);
      sink.store(slot, { lengthBytes: bytes.length, leaf, fd, position: 0 }, () => sink.give(slot));
    }
    await until('all slots are back', () => hasAll(sink));
  });

  test('shares with others what it has beyond its own slots, until it has ended', async () => {
    const other = new PieceSink();
    other.give(await ready(other));
    const count = (of: PieceSink): number => {
      let taken = 0;
      while (of.take()) taken += 1;
      return taken;
    };
    expect(count(other)).toBe(sinkOwnSlots + sinkReserveSlots);
    expect(count(sink)).toBe(sinkOwnSlots);
    expect(sink.hasRoom).toBe(false);
    other.stop();
    await until('the other has ended', () => sink.hasRoom);
    expect(count(sink)).toBe(sinkReserveSlots);
  });

  test('hands out no slot that is being written, though its user has given it back', async () => {
    const bytes = someBytes(minPieceLength);
    const leaf = blake3.hash(bytes);
    const slots = Array.from({ length: sinkSlots }, () => sink.take()).filter((slot) => slot !== undefined);
    let told = 0;
    for (const [at, slot] of slots.entries()) {
      slot.set(bytes);
      const order = { lengthBytes: bytes.length, leaf, fd, position: at * bytes.length };
      sink.store(slot, order, () => (told += 1));
    }
    for (const slot of slots) sink.give(slot);
    const takeable = (): readonly Buffer[] =>
      Array.from({ length: sinkSlots }, () => sink.take()).filter((slot) => slot !== undefined);
    const taken = takeable();
    expect(taken.length).toBe(told);
    await until('all are written', () => told === sinkSlots);
    expect(new Set([...taken, ...takeable()])).toEqual(new Set(slots));
  });

  test('writes what it was given before it was stopped', async () => {
    const bytes = someBytes(minPieceLength);
    const stored = Array.from({ length: 4 }, (_, at) => store(bytes, at * bytes.length));
    sink.stop();
    expect(await Promise.all(stored)).toEqual(['written', 'written', 'written', 'written']);
    expect(readFileSync(target).length).toBe(4 * bytes.length);
  });

  test('tells of every order when its thread is ended, and takes none afterwards', async () => {
    const told: Promise<Stored>[] = [];
    for (let at = 0; at < sinkSlots; at++) told.push(store(someBytes(minPieceLength, at), at));
    sink.stop();
    const outcomes = await Promise.all(told);
    for (const stored of outcomes)
      expect(stored === 'written' || (stored instanceof Error && 'code' in stored)).toBe(true);
    expect(sink.take()).toBeUndefined();
  });
});

describe('a large content', () => {
  const size = sinkFromBytes + 1000;

  test('is proved and written by the sink, which ends with its last connection', async () => {
    const dir = tempDir();
    const content = makeContent(dir, 'a', size);
    const { sink, release } = useSink();
    const slot = await ready(sink);
    sink.give(slot);
    await using server = await TestServer.start([content]);
    const target = path.join(dir, 'partial');
    writeFileSync(target, '');
    truncateSync(target, size);
    {
      await using fetch = new TestFetch(server, await makeIdentity());
      await fetch.connected;
      await fetch.open(1, content, target);
      const pieces = Math.ceil(size / minPieceLength);
      await fetch.remote.want(1, [{ first: 0, count: pieces }]);
      await until('all came', () => fetch.pieces(1, 'verified') === pieces);
      expect(readFileSync(target).equals(content.bytes)).toBe(true);
    }
    await until('all slots are back', () => hasAll(sink));
    release();
    expect(sink.take()).toBeUndefined();
  });

  test('has the sink from when its manifest is known, other than a small one', async () => {
    const dir = tempDir();
    const [large, small] = [makeContent(dir, 'large', size), makeContent(dir, 'small', 1000)];
    await using server = await TestServer.start([large, small]);
    await using fetch = new TestFetch(server, await makeIdentity());
    await fetch.connected;
    expect(await fetch.remote.manifest(small.id)).toMatchObject({ ok: true });
    expect(await isInUse()).toBe(false);
    expect(await fetch.remote.manifest(large.id)).toMatchObject({ ok: true });
    expect(await isInUse()).toBe(true);
  });

  test('is taken no more from who sent a wrong piece of it', async () => {
    const dir = tempDir();
    const content = makeContent(dir, 'a', size);
    const { sink, release } = useSink();
    sink.give(await ready(sink));
    const leaves = Uint8Array.from(content.manifest.leaves);
    leaves[3 * 32] = (leaves[3 * 32] ?? 0) ^ 1;
    await using server = await TestServer.start([content]);
    await using fetch = new TestFetch(server, await makeIdentity());
    await fetch.connected;
    const target = path.join(dir, 'partial');
    writeFileSync(target, '');
    truncateSync(target, size);
    await fetch.open(1, { ...content, manifest: { ...content.manifest, leaves } }, target);
    await fetch.remote.want(1, [{ first: 0, count: 8 }]);
    await until('it ended', () => fetch.end(1) !== undefined);
    expect(fetch.end(1)).toMatchObject({ at: 'source', problem: { code: 'piece-mismatch' } });
    const at = 3 * minPieceLength;
    expect(
      readFileSync(target)
        .subarray(at, at + minPieceLength)
        .every((byte) => byte === 0),
    ).toBe(true);
    await until('the source was told', () => server.spoiled.length === 1);
    release();
  });
});

/** A slot, once the thread is up. */
async function ready(sink: PieceSink): Promise<NonNullable<ReturnType<PieceSink['take']>>> {
  let slot: ReturnType<PieceSink['take']>;
  await until('the thread is up', () => (slot ??= sink.take()) !== undefined);
  if (!slot) throw new Error('No slot is free');
  return slot;
}

/** Whether somebody else has the sink of this thread. */
async function isInUse(): Promise<boolean> {
  const { sink, release } = useSink();
  sink.give(await ready(sink));
  release();
  const slot = sink.take();
  if (slot) sink.give(slot);
  return slot !== undefined;
}

/** Whether every sink that used the reserve has ended. */
function isReserveWhole(): boolean {
  const reserve = sinkReserve();
  let taken = 0;
  while (reserve.take()) taken += 1;
  reserve.give(taken);
  return taken === sinkReserveSlots;
}

function hasAll(sink: PieceSink): boolean {
  const slots = Array.from({ length: sinkSlots }, () => sink.take()).filter((slot) => slot !== undefined);
  for (const slot of slots) sink.give(slot);
  return slots.length === sinkSlots;
}
