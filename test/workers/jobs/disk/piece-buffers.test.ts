import { describe, expect, test } from '@jest/globals';
import { PieceBuffers, type Slots } from '../../../../src/workers/jobs/disk/piece-buffers.ts';

const KiB = 1024;

/** So many slots of one KiB. */
function someSlots(count: number): Slots {
  const free: Buffer[] = Array.from({ length: count }, () => Buffer.alloc(KiB));
  return {
    take: () => free.pop(),
    give: (slot) => void free.push(slot),
    get hasRoom() {
      return free.length > 0;
    },
  };
}

/** One that waits for the disk. */
function full(buffers: PieceBuffers, bytes = KiB, slots?: Slots): Buffer {
  const buffer = buffers.take(bytes, slots);
  if (!buffer) throw new Error('There is no room');
  buffers.filled(buffer);
  return buffer;
}

describe('piece buffers', () => {
  test('are used again, the one used last first', () => {
    const buffers = new PieceBuffers(8 * KiB, 64 * KiB);
    const [one, two] = [buffers.take(KiB), buffers.take(KiB)];
    buffers.give(one!);
    buffers.give(two!);
    expect(buffers.take(KiB)).toBe(two);
    expect(buffers.take(KiB)).toBe(one);
  });

  test('say when the disk is behind, and give no more than their bound', () => {
    const buffers = new PieceBuffers(2 * KiB, 16 * KiB);
    const taken = [full(buffers), full(buffers)];
    expect(buffers.isShort).toBe(false);
    taken.push(buffers.take(KiB)!);
    expect(buffers.isShort).toBe(true);
    buffers.give(taken[0]!);
    expect(buffers.isShort).toBe(false);
    for (let at = 0; at < 14; at++) expect(buffers.take(KiB)).toBeDefined();
    expect(buffers.take(KiB)).toBeUndefined();
  });

  test('let one piece be filled while another is written, however large they are', () => {
    const buffers = new PieceBuffers(2 * KiB, 16 * KiB);
    full(buffers, 64 * KiB);
    expect(buffers.isShort).toBe(false);
    expect(buffers.take(64 * KiB)).toBeDefined();
    expect(buffers.isShort).toBe(true);
    expect(buffers.take(64 * KiB)).toBeUndefined();
  });

  test('do not say that the disk is behind while there are slots, which count towards no bound', () => {
    const buffers = new PieceBuffers(2 * KiB, 4 * KiB);
    const slots = someSlots(8);
    const taken = Array.from({ length: 7 }, () => full(buffers, KiB, slots));
    expect(buffers.isShort).toBe(false);
    taken.push(buffers.take(KiB, slots)!);
    expect(buffers.isShort).toBe(true);
    for (let at = 0; at < 4; at++) expect(buffers.take(KiB, slots)).toBeDefined();
    expect(buffers.take(KiB, slots)).toBeUndefined();
    buffers.give(taken[0]!);
    expect(buffers.take(KiB, slots)).toBe(taken[0]);
  });

  test('say that the disk is behind with what is in no slot, whatever slots there are', () => {
    const buffers = new PieceBuffers(2 * KiB, 16 * KiB);
    const slots = someSlots(8);
    for (let at = 0; at < 3; at++) full(buffers);
    expect(buffers.take(KiB, slots)).toBeDefined();
    expect(buffers.isShort).toBe(true);
  });

  test('do not take pieces of which more is to come for a disk that is behind', () => {
    const buffers = new PieceBuffers(2 * KiB, 64 * KiB);
    const large = buffers.take(8 * KiB)!;
    const small = Array.from({ length: 6 }, () => buffers.take(KiB)!);
    expect(buffers.isShort).toBe(false);
    buffers.filled(large);
    expect(buffers.isShort).toBe(true);
    buffers.give(large);
    for (const buffer of small.slice(0, 2)) buffers.filled(buffer);
    expect(buffers.isShort).toBe(true);
    buffers.give(small[0]!);
    expect(buffers.isShort).toBe(false);
    for (const buffer of small.slice(1)) buffers.give(buffer);
    expect(buffers.isShort).toBe(false);
  });

  test('go on while the disk is not behind, though no slot is left', () => {
    const buffers = new PieceBuffers(2 * KiB, 16 * KiB);
    const slots = someSlots(1);
    buffers.take(KiB, slots);
    buffers.take(KiB, slots);
    expect(buffers.isShort).toBe(false);
  });

  test('are not given to another while the network may still write to them', () => {
    const buffers = new PieceBuffers(8 * KiB, 64 * KiB);
    const held = buffers.take(KiB);
    buffers.hold(held);
    buffers.give(held!);
    expect(buffers.take(KiB)).not.toBe(held);
    buffers.hold(undefined);
    expect(buffers.take(KiB)).toBe(held);
  });
});
