import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { Bitfield } from '../../src/core/bitfield.ts';

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
