import { describe, expect, test } from '@jest/globals';
import { BackoffDelay, RestartBudget } from '../../../src/actors/runtime/restarts.ts';
import * as fc from '../../helpers/properties.ts';

describe('a restart budget', () => {
  test('refuses exactly when more than the allowed number fall into one window', () => {
    const gaps = fc.array(fc.integer({ min: 0, max: 50 }), { maxLength: 100 });
    fc.assert(
      fc.property(
        gaps,
        fc.integer({ min: 0, max: 5 }),
        fc.integer({ min: 1, max: 100 }),
        (waits, max, withinMs) => {
          const budget = new RestartBudget(max, withinMs);
          const times: number[] = [];
          let now = 0;
          for (const wait of waits) {
            now += wait;
            times.push(now);
            const inWindow = times.filter((time) => now - time < withinMs).length;
            expect(budget.spend(now)).toBe(inWindow <= max);
          }
        },
      ),
    );
  });
});

describe('backoff', () => {
  const backoff = { minMs: 100, maxMs: 1000, jitter: 0.2, resetAfterMs: 5000 };

  test('doubles up to its bound and starts over after a good while', () => {
    const delay = new BackoffDelay(backoff, () => 0.5);
    const upMs = [0, 0, 0, 0, 0, 0, 5000, 0];
    expect(upMs.map((ms) => delay.next(ms))).toEqual([100, 200, 400, 800, 1000, 1000, 100, 200]);
  });

  test('varies by its jitter and no more', () => {
    const next = (random: number): number => new BackoffDelay(backoff, () => random).next(0);
    expect([next(0), next(0.5), next(1)]).toEqual([80, 100, 120]);
  });
});
