import { describe, expect, test } from '@jest/globals';
import { peerId } from '../../../src/core/ids.ts';
import { reprobeMs, reprobeUnreachableMs } from '../../../src/core/limits/reach.ts';
import { ReachBook } from '../../../src/core/tracker/reach-book.ts';

const door = (fill: number, host = '192.0.2.7', port = 40_001) => ({
  peer: peerId(new Uint8Array(32).fill(fill)),
  host,
  port,
});

describe('what is known of who can be reached', () => {
  test('holds for the very address alone', () => {
    const book = new ReachBook();
    book.note(door(1), true, 0, 0);
    expect(book.isReachable(door(1))).toBe(true);
    expect(book.isReachable(door(1, '192.0.2.8'))).toBeUndefined();
    expect(book.isReachable(door(1, '192.0.2.7', 40_002))).toBeUndefined();
    expect(book.isReachable(door(2))).toBeUndefined();
  });

  test('who was reached is due again rarely; who was not sooner, and later and later', () => {
    const book = new ReachBook();
    book.note(door(1), true, 1_000, 0);
    expect(book.dueMs(door(1))).toBe(1_000 + reprobeMs);
    const waits = Array.from({ length: 8 }, () => {
      book.note(door(2), false, 0, 0);
      return book.dueMs(door(2));
    });
    expect(waits.slice(0, 3)).toEqual([1, 2, 4].map((times) => times * reprobeUnreachableMs));
    expect(waits.at(-1)).toBe(reprobeMs);
    book.note(door(2), true, 0, 0);
    book.note(door(2), false, 0, 0);
    expect(book.dueMs(door(2))).toBe(reprobeUnreachableMs);
  });

  test('is bounded: who was looked at longest ago is forgotten', () => {
    const book = new ReachBook(2);
    for (const fill of [1, 2, 1, 3]) book.note(door(fill), true, 0, 0);
    expect([1, 2, 3].map((fill) => book.isReachable(door(fill)))).toEqual([true, undefined, true]);
    expect(book.size).toBe(2);
  });
});
