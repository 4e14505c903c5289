import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { PiecePicker, type Swarm } from '../../src/core/piece-picker.ts';
import { countPieces, piecesOf } from '../../src/core/piece-ranges.ts';

const everything: Swarm<string> = { has: () => true, speed: () => 1 };

function take(picker: PiecePicker<string>, source: string, max: number): number[] {
  const acquired = picker.acquire(source, max);
  return acquired.kind === 'none' ? [] : [...piecesOf(acquired.ranges)];
}

describe('a piece picker', () => {
  test('hands out missing pieces from the lowest up, each once', () => {
    const picker = new PiecePicker(5, everything, (piece) => piece === 1);
    picker.join('a');
    picker.join('b');
    expect(take(picker, 'a', 2)).toEqual([0, 2]);
    expect(take(picker, 'b', 9)).toEqual([3, 4]);
    expect(picker.progress).toEqual({ missing: 0, reserved: 4, verified: 1 });
  });

  test('gives nothing to a source that has not joined or has left', () => {
    const picker = new PiecePicker(2, everything);
    expect(picker.acquire('a', 1).kind).toBe('none');
    picker.join('a');
    picker.leave('a');
    expect(picker.acquire('a', 1).kind).toBe('none');
  });

  test('takes back what a leaving source had reserved', () => {
    const picker = new PiecePicker(4, everything);
    picker.join('a');
    picker.join('b');
    take(picker, 'a', 3);
    picker.verified(0, 'a');
    picker.leave('a');
    expect(take(picker, 'b', 9)).toEqual([1, 2, 3]);
  });

  test('asks only what the source has', () => {
    const picker = new PiecePicker<string>(4, { has: (_source, piece) => piece % 2 === 0, speed: () => 1 });
    picker.join('a');
    expect(take(picker, 'a', 9)).toEqual([0, 2]);
  });

  test('gives a spoiled piece to another source while there is one, and to the same one when there is none', () => {
    const picker = new PiecePicker(1, everything);
    picker.join('a');
    picker.join('b');
    take(picker, 'a', 1);
    picker.spoiled(0, 'a');
    expect(take(picker, 'a', 1)).toEqual([]);
    picker.leave('b');
    expect(take(picker, 'a', 1)).toEqual([0]);
  });

  test('lets an idle source take over the tail of a slow one in proportion to their speeds', () => {
    const picker = new PiecePicker<string>(8, {
      has: () => true,
      speed: (source) => (source === 'fast' ? 3 : 1),
    });
    picker.join('slow');
    picker.join('fast');
    take(picker, 'slow', 8);
    expect(picker.acquire('fast', 99)).toEqual({
      kind: 'stolen',
      ranges: [{ first: 2, count: 6 }],
      from: 'slow',
    });
    expect(picker.backlog('slow')).toBe(2);
    expect(picker.acquire('slow', 99).kind).toBe('none');
  });

  test('takes the last piece from a source that stands still, and never passes it back and forth', () => {
    const picker = new PiecePicker<string>(1, {
      has: () => true,
      speed: (source) => (source === 'a' ? 0 : 5),
    });
    picker.join('a');
    picker.join('b');
    take(picker, 'a', 1);
    expect(picker.acquire('b', 1).kind).toBe('stolen');
    expect(picker.acquire('a', 1).kind).toBe('none');
  });

  test('says who else was to deliver a piece that came', () => {
    const picker = new PiecePicker(2, everything);
    picker.join('a');
    picker.join('b');
    take(picker, 'a', 2);
    expect(picker.verified(0, 'a')).toBeUndefined();
    expect(picker.verified(1, 'b')).toBe('a');
    expect(picker.verified(1, 'b')).toBeUndefined();
    expect(picker.complete).toBe(true);
  });

  test('is complete from the start when there is nothing to get', () => {
    expect(new PiecePicker(0, everything).complete).toBe(true);
  });

  test('keeps every piece in exactly one state, whatever happens', () => {
    const source = fc.constantFrom('a', 'b', 'c');
    const step = fc.oneof(
      fc.record({ kind: fc.constant('join' as const), source }),
      fc.record({ kind: fc.constant('leave' as const), source }),
      fc.record({ kind: fc.constant('acquire' as const), source, max: fc.integer({ min: 0, max: 6 }) }),
      fc.record({
        kind: fc.constantFrom('verified' as const, 'spoiled' as const, 'returned' as const),
        source,
        piece: fc.integer({ min: 0, max: 11 }),
      }),
    );
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 80 }),
        fc.array(fc.integer({ min: 0, max: 9 })),
        (steps, speeds) => {
          const pieces = 12;
          const speed = (name: string): number => speeds[name.charCodeAt(0) % (speeds.length || 1)] ?? 1;
          const picker = new PiecePicker<string>(pieces, { has: () => true, speed });
          const verified = new Set<number>();
          const owner = new Map<number, string>();
          for (const done of steps) {
            switch (done.kind) {
              case 'join':
                picker.join(done.source);
                break;
              case 'leave':
                picker.leave(done.source);
                for (const [piece, held] of owner) if (held === done.source) owner.delete(piece);
                break;
              case 'acquire': {
                const acquired = picker.acquire(done.source, done.max);
                if (acquired.kind === 'none') break;
                for (const piece of piecesOf(acquired.ranges)) {
                  expect(owner.get(piece)).toBe(acquired.kind === 'stolen' ? acquired.from : undefined);
                  expect(verified.has(piece)).toBe(false);
                  owner.set(piece, done.source);
                }
                expect(countPieces(acquired.ranges)).toBeLessThanOrEqual(done.max);
                break;
              }
              case 'verified':
                picker.verified(done.piece, done.source);
                verified.add(done.piece);
                owner.delete(done.piece);
                break;
              case 'spoiled':
              case 'returned':
                picker[done.kind](done.piece, done.source);
                if (owner.get(done.piece) === done.source) owner.delete(done.piece);
                break;
            }
            const expected = {
              missing: pieces - verified.size - owner.size,
              reserved: owner.size,
              verified: verified.size,
            };
            expect(picker.progress).toEqual(expected);
            for (const name of ['a', 'b', 'c'])
              expect(picker.backlog(name)).toBe([...owner.values()].filter((held) => held === name).length);
          }
        },
      ),
    );
  });
});
