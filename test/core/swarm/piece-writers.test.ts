import { describe, expect, test } from '@jest/globals';
import { PieceWriters } from '../../../src/core/swarm/piece-writers.ts';

describe('those that write to a partial file', () => {
  test('are waited for until the last has gone, and each counts once', async () => {
    const writers = PieceWriters.of(8);
    const elsewhere = new PieceWriters(writers.shared);
    const [first, second] = [writers.begin(), elsewhere.begin()];
    first();
    first();
    expect(await writers.areGone(1)).toBe(false);
    const gone = writers.areGone(60_000);
    second();
    expect(await gone).toBe(true);
    expect(await writers.areGone(0)).toBe(true);
  });

  test('leave word of each piece, whichever thread wrote it', () => {
    const writers = PieceWriters.of(100);
    const elsewhere = new PieceWriters(writers.shared);
    for (const piece of [0, 31, 32, 63, 99]) (piece % 2 === 0 ? writers : elsewhere).wrote(piece);
    expect([...writers.written()].toSorted((a, b) => a - b)).toEqual([0, 31, 32, 63, 99]);
    expect([31, 64].map((piece) => writers.forget(piece))).toEqual([true, false]);
    expect([...elsewhere.written()].toSorted((a, b) => a - b)).toEqual([0, 32, 63, 99]);
  });

  test('see in every thread that they are to write no more', () => {
    const writers = PieceWriters.of(40);
    const elsewhere = new PieceWriters(writers.shared);
    expect(elsewhere.haveEnded).toBe(false);
    writers.end();
    expect([elsewhere.haveEnded, ...elsewhere.written()]).toEqual([true]);
  });
});
