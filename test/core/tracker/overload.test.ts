import { describe, expect, test } from '@jest/globals';
import { overloadLagMs, overloadRetryMs, overloadShares } from '../../../src/core/limits/tracker.ts';
import { Overload, sheddable } from '../../../src/core/tracker/overload.ts';
import * as fc from '../../helpers/properties.ts';

describe('an overloaded tracker', () => {
  test('refuses nothing while there is room and time', () => {
    const overload = new Overload(() => 0);
    overload.late(10);
    expect(sheddable.map((work) => overload.retryAfterMs(work, 0.4))).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  test('refuses in order as queues fill, whatever the pressure and whoever is late', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(5_000), (queued, lagMs) => {
        const overload = new Overload(() => 0.5);
        overload.late(lagMs);
        overload.late(lagMs);
        const refused = sheddable.map((work) => overload.retryAfterMs(work, queued) !== undefined);
        const firstDone = refused.indexOf(false);
        if (firstDone >= 0) expect(refused.slice(firstDone)).not.toContain(true);
        expect(refused).toEqual(
          sheddable.map((work) => queued >= overloadShares[work] || lagMs >= overloadLagMs[work]),
        );
      }),
    );
  });

  test('does not mind one bad moment, and forgets a bad time at once', () => {
    const overload = new Overload(() => 0);
    overload.late(10_000);
    expect(overload.retryAfterMs('wide-search', 0)).toBeUndefined();
    overload.late(10_000);
    expect(overload.retryAfterMs('look-up', 0)).toBeGreaterThan(0);
    overload.late(0);
    expect(overload.retryAfterMs('wide-search', 0)).toBeUndefined();
  });

  test('has those that are refused come again later the worse it is, and not all at once', () => {
    const at = (queued: number, random: number) =>
      new Overload(() => random).retryAfterMs('wide-search', queued);
    expect([at(0.5, 0), at(1, 0), at(1, 0.5)]).toEqual([
      overloadRetryMs.minMs,
      2 * overloadRetryMs.minMs,
      3 * overloadRetryMs.minMs,
    ]);
  });
});
