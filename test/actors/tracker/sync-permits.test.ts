import { describe, expect, test } from '@jest/globals';
import { SyncPermits } from '../../../src/actors/tracker/sync-permits.ts';
import {
  maxSyncRetryMs,
  minSyncPermits,
  minSyncRetryMs,
  registryWaitTargetMs,
  syncPermitLeaseMs,
} from '../../../src/core/limits/tracker.ts';

/** Who of so many that ask at once is given one. */
function rush(permits: SyncPermits, count: number, nowMs = 0): number[] {
  return Array.from({ length: count }, (_, session) => session).filter(
    (session) => permits.ask(session, nowMs).isGiven,
  );
}

describe('permits', () => {
  test('are given to so many at once, and to the next when one is given back', () => {
    const permits = new SyncPermits(3);
    expect(rush(permits, 5)).toEqual([0, 1, 2]);
    expect(permits.ask(0, 10).isGiven).toBe(true);
    permits.release(1, 20);
    expect([permits.ask(4, 30).isGiven, permits.ask(3, 30).isGiven]).toEqual([true, false]);
    expect(permits.given).toBe(3);
  });

  test('that are not given back lapse', () => {
    const permits = new SyncPermits(2);
    rush(permits, 2);
    expect(permits.ask(9, syncPermitLeaseMs - 1).isGiven).toBe(false);
    expect(permits.ask(9, syncPermitLeaseMs).isGiven).toBe(true);
  });

  test('are fewer while writes wait long, never none, and more again step by step', () => {
    const permits = new SyncPermits(64);
    permits.waited(registryWaitTargetMs + 1);
    expect(permits.allowed).toBe(44);
    for (let probe = 0; probe < 50; probe++) permits.waited(Infinity);
    expect(permits.allowed).toBe(minSyncPermits);
    permits.waited(registryWaitTargetMs - 1);
    expect(permits.allowed).toBe(minSyncPermits);
    for (let probe = 0; probe < 50; probe++) permits.waited(1);
    expect(permits.allowed).toBe(64);
  });

  test('of a long line are promised for later the longer it is and the longer each takes, within bounds', () => {
    const waitOf = (waiting: number, holdMs: number): number => {
      const permits = new SyncPermits(1);
      for (let session = 1_000_000; session < 1_000_050; session++) {
        permits.ask(session, 0);
        permits.release(session, holdMs);
      }
      permits.ask(-1, 0);
      rush(permits, waiting);
      const last = permits.ask(waiting, 0);
      return last.isGiven ? 0 : last.retryAfterMs;
    };
    expect(waitOf(0, 10)).toBe(minSyncRetryMs);
    expect(waitOf(9, 4_000)).toBeGreaterThan(30_000);
    expect(waitOf(9, 4_000)).toBeGreaterThan(waitOf(4, 4_000));
    expect(waitOf(10_000, 4_000)).toBe(maxSyncRetryMs);
  });

  test('are of no interest to anybody once nobody has one or waits for one', () => {
    const permits = new SyncPermits(1);
    rush(permits, 2);
    permits.release(0, 1);
    expect(permits.isIdle).toBe(false);
    permits.release(1, 1);
    expect(permits.isIdle).toBe(true);
  });
});
