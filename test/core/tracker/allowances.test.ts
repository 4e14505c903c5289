import { describe, expect, test } from '@jest/globals';
import { Allowances } from '../../../src/core/tracker/allowances.ts';

describe('allowances of many', () => {
  test('each has its own, which comes back with time', () => {
    const allowances = new Allowances({ perSecond: 1, burst: 2 }, 10);
    expect([1, 2, 3].map(() => allowances.take('a', 0))).toEqual([true, true, false]);
    expect(allowances.take('b', 0)).toBe(true);
    expect(allowances.take('a', 1_000)).toBe(true);
    expect(allowances.take('a', 1_000)).toBe(false);
  });

  test('no more are remembered than may be, and those at their full allowance go first', () => {
    const allowances = new Allowances({ perSecond: 1, burst: 2 }, 2);
    expect([allowances.take('a', 0), allowances.take('b', 500)]).toEqual([true, true]);
    expect(allowances.take('c', 900)).toBe(false);
    expect(allowances.size).toBe(2);
    expect(allowances.take('c', 1_000)).toBe(true);
    expect(allowances.size).toBe(2);
    allowances.prune(60_000);
    expect(allowances.size).toBe(0);
  });
});
