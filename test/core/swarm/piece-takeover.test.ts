import { describe, expect, test } from '@jest/globals';
import { raceFromMs, raceMargin, stealFromMs, stealMargin } from '../../../src/core/limits/downloads.ts';
import { toRaceFor, toTakeOver } from '../../../src/core/swarm/piece-takeover.ts';
import * as fc from '../../helpers/properties.ts';

const pieces = [10, 11, 12, 13, 14, 15, 16, 17];
/** So long that none is here soon. */
const pieceMs = 60_000;
const free = (): boolean => true;

describe('taking over', () => {
  test('takes as much of the end as comes clearly sooner', () => {
    expect(toTakeOver({ pieces, ratio: 1, pieceMs, hasOther: false }, 99, free)).toEqual([15, 16, 17]);
    expect(toTakeOver({ pieces, ratio: 3, pieceMs, hasOther: false }, 99, free)).toEqual([17]);
    expect(toTakeOver({ pieces, ratio: 9, pieceMs, hasOther: false }, 99, free)).toEqual([]);
  });

  test('takes all but the first when its owner has something else to do', () => {
    expect(toTakeOver({ pieces, ratio: 9, pieceMs, hasOther: true }, 99, free)).toEqual(pieces.slice(1));
  });

  test('takes everything from who stands still, and from nobody else the piece that may be half here', () => {
    expect(toTakeOver({ pieces, ratio: 0, pieceMs, hasOther: false }, 99, free)).toEqual(pieces);
    expect(toTakeOver({ pieces: [1], ratio: 0.01, pieceMs, hasOther: true }, 99, free)).toEqual([]);
  });

  test('leaves what is here in a moment, but not from who stands still', () => {
    const soon = { pieces, ratio: 0.01, pieceMs: stealFromMs / 3, hasOther: true };
    expect(toTakeOver(soon, 99, free)).toEqual(pieces.slice(2));
    expect(toTakeOver({ ...soon, pieces: pieces.slice(0, 2) }, 99, free)).toEqual([]);
    expect(toTakeOver({ ...soon, ratio: 0, pieceMs: Infinity }, 99, free)).toEqual(pieces);
  });

  test('takes what is free for it, and no more than it may', () => {
    const isEven = (piece: number): boolean => piece % 2 === 0;
    expect(toTakeOver({ pieces, ratio: 0, pieceMs, hasOther: false }, 3, isEven)).toEqual([12, 14, 16]);
  });

  test('never takes what would come later than where it was', () => {
    const ratios = fc.double({ min: 0.01, max: 100, noNaN: true });
    fc.assert(
      fc.property(fc.nat(60), ratios, (count, ratio) => {
        const all = Array.from({ length: count }, (_, at) => at);
        const taken = toTakeOver({ pieces: all, ratio, pieceMs, hasOther: false }, 99, free);
        expect(taken).toEqual(all.slice(count - taken.length));
        // The last one of the taker comes no later than the first of them would have with its owner.
        if (taken.length > 0)
          expect(taken.length).toBeLessThan((count - taken.length + 1) / ratio / stealMargin);
      }),
    );
  });
});

describe('racing', () => {
  test('is for the first piece that comes much sooner', () => {
    expect(toRaceFor({ pieces, ratio: 1, pieceMs, hasOther: false }, free)).toBe(pieces[raceMargin]);
    expect(toRaceFor({ pieces, ratio: 0.4, pieceMs, hasOther: false }, free)).toBe(10);
    expect(toRaceFor({ pieces, ratio: 9, pieceMs, hasOther: false }, free)).toBeUndefined();
    expect(toRaceFor({ pieces, ratio: 0.4, pieceMs, hasOther: false }, (piece) => piece > 12)).toBe(13);
  });

  test('is for no piece that is here in a moment', () => {
    const soon = { pieces, ratio: 0.1, pieceMs: raceFromMs / 3, hasOther: false };
    expect(toRaceFor(soon, free)).toBe(12);
    expect(toRaceFor({ ...soon, pieces: [1, 2] }, free)).toBeUndefined();
  });
});
