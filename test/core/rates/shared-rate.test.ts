import { describe, expect, test } from '@jest/globals';
import { EngineRates } from '../../../src/core/engine/engine-rates.ts';
import {
  maxRateQuantumBytes,
  minRateQuantumBytes,
  rateBurstMs,
  rateCatchUpMs,
} from '../../../src/core/limits/pipelining.ts';
import { RateTurn } from '../../../src/core/rates/rate-turn.ts';
import { SharedRate, type Rate } from '../../../src/core/rates/shared-rate.ts';
import * as fc from '../../helpers/properties.ts';

interface Moved {
  readonly atMs: number;
  readonly mover: number;
  readonly bytes: number;
}

/** One connection of some thread: what it waits for next, and how late its timers are. */
interface Mover {
  readonly turn: RateTurn;
  readonly portionBytes: number | undefined;
  readonly lateMs: () => number;
  nextUs: number;
  bytes: number;
}

/** Movers that always have more to move, on a clock of their own, in whatever order their timers fire. */
class Movers {
  readonly moved: Moved[] = [];
  readonly #movers: Mover[] = [];

  add(rates: readonly Rate[], portionBytes?: number, lateMs = () => 0): void {
    const mover: Mover = { turn: new RateTurn(rates), portionBytes, lateMs, nextUs: 0, bytes: 0 };
    this.#begin(mover, 0);
    this.#movers.push(mover);
  }

  run(untilMs: number): void {
    for (;;) {
      const next = this.#movers.toSorted((a, b) => a.nextUs - b.nextUs)[0];
      if (!next || next.nextUs >= untilMs * 1000) return;
      const nowUs = next.nextUs;
      const waitMs = next.turn.waitMs(nowUs);
      if (waitMs > 0) {
        next.nextUs = nowUs + (waitMs + next.lateMs()) * 1000;
        continue;
      }
      this.moved.push({ atMs: nowUs / 1000, mover: this.#movers.indexOf(next), bytes: next.bytes });
      this.#begin(next, nowUs);
    }
  }

  /** What was moved in a span, by all of them or by one. */
  bytes(fromMs: number, toMs: number, mover?: number): number {
    let sum = 0;
    for (const { atMs, bytes, mover: by } of this.moved)
      if (atMs >= fromMs && atMs < toMs && (mover === undefined || by === mover)) sum += bytes;
    return sum;
  }

  #begin(mover: Mover, nowUs: number): void {
    mover.bytes = mover.portionBytes ?? Math.min(mover.turn.quantumBytes, maxRateQuantumBytes);
    mover.turn.begin(mover.bytes, nowUs);
    // Moving takes a moment itself.
    mover.nextUs = nowUs + 50;
  }
}

function limited(bytesPerSecond: number): SharedRate {
  const rate = new SharedRate();
  rate.setRate(bytesPerSecond);
  return rate;
}

/** Another thread's view of the same limit. */
const elsewhere = (rate: SharedRate): SharedRate => new SharedRate(rate.shared);

describe('a shared rate', () => {
  test('is kept to 5 % and smooth, by any number of connections with late timers', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 20_000, max: 200_000_000 }),
        fc.integer({ min: 1, max: 12 }),
        fc.array(fc.integer({ min: 0, max: 15 }), { minLength: 1, maxLength: 20 }),
        (bytesPerSecond, connections, latenesses) => {
          const rate = limited(bytesPerSecond);
          const movers = new Movers();
          let at = 0;
          const lateMs = (): number => latenesses[at++ % latenesses.length] ?? 0;
          for (let n = 0; n < connections; n++) movers.add([elsewhere(rate)], undefined, lateMs);
          movers.run(4_000);
          const quantum = new RateTurn([rate]).quantumBytes;
          const share = (movers.bytes(1_000, 4_000) - quantum) / (3 * bytesPerSecond);
          expect(share).toBeGreaterThan(0.95 - quantum / (3 * bytesPerSecond));
          expect(share).toBeLessThan(1.05);
          // Five times a second it is looked whether it comes evenly.
          for (let ms = 1_000; ms < 4_000; ms += 200) {
            const bytes = movers.bytes(ms, ms + 200);
            expect(Math.abs(bytes - bytesPerSecond / 5)).toBeLessThan(bytesPerSecond * 0.05 + 2 * quantum);
          }
        },
      ),
      { numRuns: 40 },
    );
  });

  test('is kept to 5 % on a machine so busy that timers are a fifth of a second late', () => {
    for (const connections of [1, 4]) {
      const rate = limited(20_000_000);
      const movers = new Movers();
      let at = 0;
      for (let n = 0; n < connections; n++)
        movers.add([elsewhere(rate)], undefined, () => [230, 10, 0, 300, 90][at++ % 5] ?? 0);
      movers.run(11_000);
      expect(movers.bytes(1_000, 11_000) / 200_000_000).toBeGreaterThan(0.95);
      expect(movers.bytes(1_000, 11_000) / 200_000_000).toBeLessThan(1.05);
    }
  });

  test('lets who paused begin anew, with no more than a burst', () => {
    const rate = limited(1_000_000);
    expect(rate.book(1_000_000, 10_000_000)).toBe(10_000_000 - rateBurstMs * 1000);
    const later = 11_000_000 + rateCatchUpMs * 1000;
    expect(rate.book(1, later)).toBe(later - rateBurstMs * 1000);
  });

  test('gives every connection the same, however large their portions are asked to be', () => {
    const rate = limited(1_000_000);
    const movers = new Movers();
    for (let n = 0; n < 5; n++) movers.add([elsewhere(rate)], undefined, () => n);
    movers.run(10_000);
    for (let n = 0; n < 5; n++) expect(movers.bytes(0, 10_000, n) / 2_000_000).toBeCloseTo(1, 1);
  });

  test('never lets through more than rate times span, its burst and one portion each', () => {
    const rate = limited(100_000);
    const movers = new Movers();
    for (let n = 0; n < 4; n++) movers.add([elsewhere(rate)], 10_000);
    movers.run(5_000);
    for (let ms = 0; ms < 4_000; ms += 100)
      expect(movers.bytes(ms, ms + 1_000)).toBeLessThanOrEqual(100_000 + rateCatchUpMs * 100 + 4 * 10_000);
  });

  test('is changed for those who wait, at once and without a debt', () => {
    const rate = limited(1_000);
    const movers = new Movers();
    for (let n = 0; n < 3; n++) movers.add([elsewhere(rate)], 50_000);
    movers.run(1_000);
    const before = movers.bytes(0, 1_000);
    rate.setRate(1_000_000);
    movers.run(3_000);
    expect(movers.bytes(1_250, 3_000)).toBeGreaterThan(1_600_000);
    expect(before).toBeLessThanOrEqual(3 * 50_000);
    rate.setRate(0);
    const turn = new RateTurn([rate]);
    turn.begin(1e12, 3_000_000);
    expect([turn.waitMs(3_000_000), turn.quantumBytes, rate.aheadMs(0)]).toEqual([0, Infinity, 0]);
  });

  test('holds together with one for all: the narrow one takes nothing from those who wait for the wide one', () => {
    const all = limited(1_000_000);
    const narrow = limited(100_000);
    const movers = new Movers();
    movers.add([narrow, elsewhere(all)]);
    movers.add([new SharedRate(), elsewhere(all)]);
    movers.run(10_000);
    expect(movers.bytes(0, 10_000, 0) / 1_000_000).toBeCloseTo(1, 1);
    expect(movers.bytes(0, 10_000, 1) / 9_000_000).toBeCloseTo(1, 1);
  });

  test('says how far ahead it is booked', () => {
    const rate = limited(1_000);
    rate.book(1_000, 10_000_000);
    expect(rate.aheadMs(10_000_000)).toBe(1_000 - rateBurstMs);
  });

  test.each([1, 1_000, 250_000, 10_000_000, 4e9, 1e12])(
    'has portions of a size to move at %d B/s',
    (rate) => {
      const { quantumBytes } = new RateTurn([limited(rate)]);
      expect(quantumBytes).toBeGreaterThanOrEqual(minRateQuantumBytes);
      expect(quantumBytes).toBeLessThanOrEqual(maxRateQuantumBytes);
    },
  );
});

describe('the limits of an engine', () => {
  const limits = { uploadBytesPerSecond: 1_000, downloadBytesPerSecond: 2_000, limitsLan: false };

  test('hold for hosts elsewhere and for this machine, and for private networks by option', () => {
    const rates = new EngineRates();
    rates.set(limits);
    const seen = new EngineRates(rates.shared);
    const [far, here, near] = ['203.0.113.9', '127.0.0.1', '192.168.1.2'].map((host) => seen.uploadTo(host));
    expect([far, here, near].map((rate) => rate?.bytesPerSecond)).toEqual([1_000, 1_000, 0]);
    expect(near?.book(1e9, 5)).toBe(5);
    expect(seen.downloadFrom('203.0.113.9').bytesPerSecond).toBe(2_000);
    rates.set({ ...limits, limitsLan: true });
    expect(near?.bytesPerSecond).toBe(1_000);
    near?.book(1_000, 0);
    expect(near?.book(1, 0)).toBeGreaterThan(0);
  });
});
