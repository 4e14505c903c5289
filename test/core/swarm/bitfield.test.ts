import { describe, expect, test } from '@jest/globals';
import { Bitfield } from '../../../src/core/swarm/bitfield.ts';
import { piecesOf } from '../../../src/core/swarm/piece-ranges.ts';
import * as fc from '../../helpers/properties.ts';

const sets = fc.array(fc.boolean(), { maxLength: 200 });

function fieldOf(bits: readonly boolean[]): Bitfield {
  const field = new Bitfield(bits.length);
  for (const [index, bit] of bits.entries()) if (bit) field.set(index);
  return field;
}

describe('a bitfield', () => {
  test('has what was set and not cleared, and counts it', () => {
    fc.assert(
      fc.property(sets, sets, (set, clear) => {
        const field = fieldOf(set);
        const had = [...set];
        for (const index of clear.keys()) {
          if (!clear[index] || index >= had.length) continue;
          expect(field.clear(index)).toBe(had[index]);
          had[index] = false;
        }
        expect(had.map((_, index) => field.has(index))).toEqual(had);
        expect(field.count).toBe(had.filter(Boolean).length);
        expect(field.isFull).toBe(had.every(Boolean));
        const missing = had.indexOf(false);
        expect(field.firstMissing()).toBe(missing === -1 ? undefined : missing);
      }),
    );
  });

  test('comes back from its bytes', () => {
    fc.assert(
      fc.property(sets, (bits) => {
        const field = fieldOf(bits);
        const again = Bitfield.decode(field.encode(), bits.length);
        expect(again?.count).toBe(field.count);
        expect([...(again?.ranges() ?? [])]).toEqual([...field.ranges()]);
      }),
    );
  });

  test('gives its pieces as ranges', () => {
    expect([...fieldOf([true, true, false, true]).ranges()]).toEqual([
      { start: 0, end: 2 },
      { start: 3, end: 4 },
    ]);
    expect([...Bitfield.full(10).ranges()]).toEqual([{ start: 0, end: 10 }]);
  });

  test('finds the first missing piece from a given one on, past full bytes', () => {
    const field = Bitfield.full(40);
    field.clear(3);
    field.clear(33);
    expect(field.firstMissing()).toBe(3);
    expect(field.firstMissing(4)).toBe(33);
    expect(field.firstMissing(34)).toBeUndefined();
  });

  test('puts the first piece in the highest bit, and refuses other lengths and spare bits', () => {
    const field = fieldOf([true, false, false]);
    expect(field.encode()).toEqual(new Uint8Array([0x80]));
    expect(Bitfield.decode(new Uint8Array([0x90]), 3)).toBeUndefined();
    expect(Bitfield.decode(new Uint8Array(2), 3)).toBeUndefined();
    expect(Bitfield.decode(new Uint8Array([0xff]), 8)?.isFull).toBe(true);
  });

  test('throws for a piece that does not exist, and has none such', () => {
    const field = new Bitfield(9);
    expect(() => field.set(9)).toThrow(RangeError);
    expect(() => field.clear(-1)).toThrow(RangeError);
    expect(field.has(9)).toBe(false);
    expect(field.has(-1)).toBe(false);
    expect(new Bitfield(0).isFull).toBe(true);
  });
});

describe('two bitfields', () => {
  test('find what both have from a piece on', () => {
    fc.assert(
      fc.property(sets, sets, fc.nat(220), (mine, theirs, from) => {
        const length = Math.max(mine.length, theirs.length);
        const [a, b] = [mine, theirs].map((bits) =>
          fieldOf(Array.from({ length }, (_, at) => bits[at] ?? false)),
        );
        const both = Array.from({ length }, (_, at) => (mine[at] ?? false) && (theirs[at] ?? false));
        const expected = both.findIndex((isIn, at) => isIn && at >= from);
        expect(a!.firstHad(from, b)).toBe(expected === -1 ? undefined : expected);
      }),
    );
  });

  test('one takes what the other has more, so many runs at a time', () => {
    fc.assert(
      fc.property(sets, sets, fc.integer({ min: 1, max: 5 }), (mine, theirs, maxRanges) => {
        const length = Math.max(mine.length, theirs.length);
        const padded = (bits: boolean[]) => Array.from({ length }, (_, at) => bits[at] ?? false);
        const [a, b] = [fieldOf(padded(mine)), fieldOf(padded(theirs))];
        const news: number[] = [];
        for (let ranges = a.take(b, maxRanges); ranges.length > 0; ranges = a.take(b, maxRanges)) {
          expect(ranges.length).toBeLessThanOrEqual(maxRanges);
          news.push(...piecesOf(ranges));
        }
        expect(news).toEqual([...padded(theirs).keys()].filter((at) => theirs[at] && !mine[at]));
        expect(padded(theirs).every((had, at) => !had || a.has(at))).toBe(true);
      }),
    );
  });

  test('over the same memory are one', () => {
    const writer = Bitfield.shared(70);
    const reader = new Bitfield(70, writer.memory);
    writer.set(65);
    expect([...reader.ranges()]).toEqual([{ start: 65, end: 66 }]);
    expect(reader.count).toBe(1);
  });
});
