import { describe, expect, test } from '@jest/globals';
import {
  expiryWindowSeconds,
  maxExpiredFraction,
  maxFreezeLeases,
  smallFleet,
} from '../../../src/core/limits/presence.ts';
import { LeaseKeeper, PresenceTable } from '../../../src/core/tracker/presence.ts';
import * as fc from '../../helpers/properties.ts';

const leaseSeconds = 90;

function fleet(
  peers: number,
  slots = peers,
  graceSeconds = 0,
): { table: PresenceTable; keeper: LeaseKeeper } {
  const table = new PresenceTable(new Uint32Array(new SharedArrayBuffer(slots * 4)));
  for (let slot = 0; slot < peers; slot++) table.open(slot, 0);
  const keeper = new LeaseKeeper(table, {
    leaseSeconds,
    maxScanGapSeconds: 5,
    graceSeconds,
    random: () => 0.5,
  });
  return { table, keeper };
}

describe('the presence table', () => {
  test('a slot is free until opened and after it is closed', () => {
    const { table } = fleet(0, 2);
    expect([table.heardSeconds(1), table.beat(1, 5)]).toEqual([undefined, false]);
    table.open(1, 0);
    expect([table.heardSeconds(1), table.beat(1, 5), table.heardSeconds(1)]).toEqual([0, true, 5]);
    table.close(1);
    expect([table.heardSeconds(1), table.beat(1, 6), table.heardSeconds(1)]).toEqual([
      undefined,
      false,
      undefined,
    ]);
  });

  test('a peer heard just before its expiry stays, one expired just before its beat is told', () => {
    const { table } = fleet(2);
    table.beat(0, 90);
    expect([table.expire(0, 0), table.heardSeconds(0)]).toEqual([false, 90]);
    expect([table.expire(1, 0), table.beat(1, 90)]).toEqual([true, false]);
  });

  test('a beat that is told late does not make a peer look silent', () => {
    const { table } = fleet(1);
    table.beat(0, 500);
    expect([table.beat(0, 3), table.heardSeconds(0)]).toEqual([true, 500]);
  });

  test('two views of shared memory are one table', () => {
    const shared = new SharedArrayBuffer(8);
    const [one, other] = [
      new PresenceTable(new Uint32Array(shared)),
      new PresenceTable(new Uint32Array(shared)),
    ];
    one.open(1, 7);
    expect(other.heardSeconds(1)).toBe(7);
  });
});

describe('leases', () => {
  test('a silent peer expires when its lease is over, not a second before', () => {
    const { table, keeper } = fleet(3);
    const expired = Array.from({ length: leaseSeconds + 2 }, (_, now) => {
      table.beat(0, now);
      if (now === 10) table.beat(1, now);
      return keeper.scan(now).expired;
    });
    expect(expired[leaseSeconds - 1]).toEqual([]);
    expect(expired[leaseSeconds]).toEqual([2]);
    for (let now = leaseSeconds + 2; now < leaseSeconds + 10; now++) table.beat(0, now);
    expect(keeper.scan(leaseSeconds + 6).expired).toEqual([]);
    expect(keeper.scan(leaseSeconds + 10).expired).toEqual([1]);
    expect(keeper.scan(leaseSeconds + 11)).toMatchObject({ here: 1, spared: 0 });
  });

  test('nobody expires in the time of grace after the first scan, and whoever is silent does after it', () => {
    const { keeper } = fleet(3, 3, 2 * leaseSeconds);
    for (let now = 0; now < 2 * leaseSeconds; now++) expect(keeper.scan(now).expired).toEqual([]);
    expect(keeper.scan(2 * leaseSeconds).expired).toHaveLength(3);
  });

  test('a small fleet may die at once', () => {
    const { keeper } = fleet(smallFleet);
    for (let now = 0; now < leaseSeconds; now++) keeper.scan(now);
    expect(keeper.scan(leaseSeconds).expired.length).toBe(smallFleet);
  });

  test('of a large fleet, no more than its part expires in a window, whoever is chosen', () => {
    const { table, keeper } = fleet(1_000);
    const lost = new Map<number, number>();
    for (let now = 0; now < 600; now++) {
      for (let slot = 0; slot < 600; slot++) table.beat(slot, now);
      lost.set(now, keeper.scan(now).expired.length);
    }
    const inWindow = (from: number): number =>
      Array.from({ length: expiryWindowSeconds }, (_, at) => lost.get(from + at) ?? 0).reduce(
        (a, b) => a + b,
      );
    expect(inWindow(leaseSeconds)).toBe(1_000 * maxExpiredFraction);
    expect([...lost.values()].reduce((a, b) => a + b)).toBe(400);
    expect(lost.get(leaseSeconds + 1)).toBe(0);
  });

  test('when most fall silent at once nobody expires, and all is well when they are heard again', () => {
    const { table, keeper } = fleet(100);
    for (let now = 0; now <= leaseSeconds + 50; now++) {
      const scan = keeper.scan(now);
      expect([now, scan.expired]).toEqual([now, []]);
      expect([now, scan.isFrozen]).toEqual([now, now >= leaseSeconds]);
    }
    for (let slot = 0; slot < 100; slot++) expect(table.beat(slot, leaseSeconds + 51)).toBe(true);
    expect(keeper.scan(leaseSeconds + 51)).toEqual({ expired: [], here: 100, spared: 0, isFrozen: false });
  });

  test('a large fleet that stays silent is gone in the end', () => {
    const { keeper } = fleet(100);
    const most = leaseSeconds * (1 + maxFreezeLeases);
    let here = 100;
    for (let now = 0; now < most; now++) ({ here } = keeper.scan(now));
    expect(here).toBe(100);
    for (let now = most; now < most + 40 * expiryWindowSeconds; now++) ({ here } = keeper.scan(now));
    expect(here).toBe(0);
  });

  test('a pause of this process is forgiven to everybody', () => {
    const { table, keeper } = fleet(10);
    keeper.scan(0);
    expect(keeper.scan(500).expired).toEqual([]);
    for (let slot = 0; slot < 9; slot++) table.beat(slot, 501);
    for (let now = 501; now < 500 + leaseSeconds; now++) expect(keeper.scan(now).expired).toEqual([]);
    expect(keeper.scan(500 + leaseSeconds).expired).toEqual([9]);
  });

  test('time that runs backwards expires nobody', () => {
    const { keeper } = fleet(3);
    for (let now = 0; now < 50; now++) keeper.scan(now);
    expect(keeper.scan(10).expired).toEqual([]);
    expect(keeper.scan(0).expired).toEqual([]);
  });

  test('whoever beats within every lease never expires, and never do more than their part', () => {
    const beats = fc.array(fc.tuple(fc.nat({ max: 59 }), fc.nat({ max: 299 })), { maxLength: 300 });
    fc.assert(
      fc.property(beats, fc.integer({ min: 1, max: 60 }), (moments, faithful) => {
        const { table, keeper } = fleet(60);
        const alive = new Set(Array.from({ length: 60 }, (_, slot) => slot));
        const wrong: string[] = [];
        for (let now = 0; now < 300; now++) {
          for (let slot = 0; slot < faithful; slot++) if (now % 30 === slot % 30) table.beat(slot, now);
          for (const [slot, at] of moments)
            if (at === now && table.beat(slot, now) !== alive.has(slot))
              wrong.push(`beat of ${slot} at ${now}`);
          const before = alive.size;
          const { expired, here } = keeper.scan(now);
          if (before > smallFleet && expired.length > before * maxExpiredFraction)
            wrong.push(`too many at ${now}`);
          for (const slot of expired)
            if (slot < faithful || !alive.delete(slot)) wrong.push(`${slot} expired at ${now}`);
          if (here !== alive.size) wrong.push(`${here} here at ${now}`);
        }
        expect(wrong).toEqual([]);
      }),
      { numRuns: 50 },
    );
  });
});
