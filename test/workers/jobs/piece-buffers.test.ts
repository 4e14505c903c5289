import { describe, expect, test } from '@jest/globals';
import { PieceBuffers } from '../../../src/workers/jobs/piece-buffers.ts';

const KiB = 1024;

describe('piece buffers', () => {
  test('are used again, the one used last first', () => {
    const buffers = new PieceBuffers(64 * KiB);
    const [one, two] = [buffers.take(KiB), buffers.take(KiB)];
    buffers.give(one!);
    buffers.give(two!);
    expect(buffers.take(KiB)).toBe(two);
    expect(buffers.take(KiB)).toBe(one);
  });

  test('say when the disk is behind, and give no more than their bound', () => {
    const buffers = new PieceBuffers(16 * KiB);
    const taken = [buffers.take(KiB), buffers.take(KiB)];
    expect(buffers.isShort).toBe(false);
    taken.push(buffers.take(KiB));
    expect(buffers.isShort).toBe(true);
    buffers.give(taken[0]!);
    expect(buffers.isShort).toBe(false);
    for (let at = 0; at < 14; at++) expect(buffers.take(KiB)).toBeDefined();
    expect(buffers.take(KiB)).toBeUndefined();
  });

  test('let one piece be filled while another is written, however large they are', () => {
    const buffers = new PieceBuffers(16 * KiB);
    expect(buffers.take(64 * KiB)).toBeDefined();
    expect(buffers.isShort).toBe(false);
    expect(buffers.take(64 * KiB)).toBeDefined();
    expect(buffers.isShort).toBe(true);
    expect(buffers.take(64 * KiB)).toBeUndefined();
  });

  test('are not given to another while the network may still write to them', () => {
    const buffers = new PieceBuffers(64 * KiB);
    const held = buffers.take(KiB);
    buffers.hold(held);
    buffers.give(held!);
    expect(buffers.take(KiB)).not.toBe(held);
    buffers.hold(undefined);
    expect(buffers.take(KiB)).toBe(held);
  });
});
