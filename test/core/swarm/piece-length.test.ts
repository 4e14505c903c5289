import { describe, expect, test } from '@jest/globals';
import {
  maxPieces,
  minPieceLength,
  pieceCount,
  pieceLengthFor,
  pieceSize,
} from '../../../src/core/swarm/piece-length.ts';
import * as fc from '../../helpers/properties.ts';

const GiB = 2 ** 30;

describe('piece length', () => {
  test.each([
    [0, 256],
    [1, 256],
    [16 * GiB, 256],
    [16 * GiB + 1, 512],
    [32 * GiB, 512],
    [32 * GiB + 1, 1024],
    [1024 * GiB, 16 * 1024],
  ])('of %d bytes is %d KiB', (sizeBytes, kib) => {
    expect(pieceLengthFor(sizeBytes)).toBe(kib * 1024);
  });

  const sizes = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });

  test('is a power of two that makes at most 65 536 pieces, and the smallest such', () => {
    fc.assert(
      fc.property(sizes, (sizeBytes) => {
        const length = pieceLengthFor(sizeBytes);
        expect(Number.isInteger(Math.log2(length))).toBe(true);
        expect(pieceCount(sizeBytes)).toBeLessThanOrEqual(maxPieces);
        if (length > minPieceLength) expect((length / 2) * maxPieces).toBeLessThan(sizeBytes);
      }),
    );
  });

  test('cuts into pieces that cover the content exactly', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 * GiB }), (sizeBytes) => {
        const count = pieceCount(sizeBytes);
        const whole = (count - 1) * pieceLengthFor(sizeBytes);
        expect(whole + pieceSize(sizeBytes, count - 1)).toBe(sizeBytes);
        expect(() => pieceSize(sizeBytes, count)).toThrow(RangeError);
      }),
    );
  });

  test('an empty content has no pieces', () => {
    expect(pieceCount(0)).toBe(0);
    expect(() => pieceSize(0, 0)).toThrow(RangeError);
  });
});
