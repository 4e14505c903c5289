import { Worker } from 'node:worker_threads';
import { describe, expect, test } from '@jest/globals';
import { quantileMs, ThreadCounters, TrackerCounters } from '../../../src/core/tracker/tracker-counters.ts';
import { countersByKind, durationBoundsMs, gauges } from '../../../src/core/tracker/tracker-measures.ts';
import * as fc from '../../helpers/properties.ts';

const make = (): TrackerCounters => new TrackerCounters(['tracker', 'listener-1', 'listener-2']);

describe('counters', () => {
  test('of all threads are summed up, and told apart by thread', () => {
    const counters = make();
    counters.of('listener-1').add('keepAlives', 3);
    counters.of('listener-2').add('keepAlives');
    expect([counters.total('keepAlives'), counters.byThread('keepAlives')]).toEqual([4, [0, 3, 1]]);
    expect(counters.total('accepted')).toBe(0);
  });

  test('by kind are kept apart, and kinds nobody foresaw are one', () => {
    const counters = make();
    const thread = counters.of('tracker');
    thread.addTo('rejected', 'address', 2);
    thread.addToOr('refusals', 'busy');
    thread.addToOr('refusals', 'constructor');
    expect(countersByKind.rejected.map((kind) => counters.totalOf('rejected', kind))).toEqual(
      countersByKind.rejected.map((kind) => (kind === 'address' ? 2 : 0)),
    );
    expect([counters.totalOf('refusals', 'busy'), counters.totalOf('refusals', 'other')]).toEqual([1, 1]);
  });

  test('of no tracker may be counted too', () => {
    const alone = new ThreadCounters();
    alone.add('accepted');
    alone.took('search', 3);
    expect(make().total('accepted')).toBe(0);
  });

  test('are asked for by the names of threads that there are', () => {
    expect(() => make().of('listener-9')).toThrow('listener-9');
  });

  test('written by another thread are seen here', async () => {
    const counters = make();
    const from = new URL('../../../src/core/tracker/tracker-counters.ts', import.meta.url).href;
    const code = `
      const { workerData } = require('node:worker_threads');
      import(${JSON.stringify(from)}).then(({ TrackerCounters }) => {
        new TrackerCounters(workerData.threads, workerData.memory).of('listener-2').add('keepAlives', 7);
      });`;
    const { threads, memory } = counters;
    const worker = new Worker(code, { eval: true, workerData: { threads, memory } });
    await new Promise((resolve) => worker.once('exit', resolve));
    expect(counters.byThread('keepAlives')).toEqual([0, 0, 7]);
  });
});

describe('gauges', () => {
  test('are set and shifted, and all of them begin anew with a thread', () => {
    const counters = make();
    const thread = counters.of('listener-1');
    thread.set('connections', 5);
    thread.shift('connections', -2);
    counters.of('listener-2').set('connections', 4);
    expect(counters.gauge('connections')).toBe(7);
    thread.add('accepted');
    thread.resetGauges();
    expect(gauges.map((gauge) => counters.byThread(gauge)[1])).toEqual(gauges.map(() => 0));
    expect([counters.gauge('connections'), counters.total('accepted')]).toEqual([4, 1]);
  });
});

describe('durations', () => {
  test.each([
    [0, 0],
    [0.1, 0],
    [0.11, 1],
    [10_000, durationBoundsMs.length - 1],
    [10_001, durationBoundsMs.length],
  ])('of %d ms are in bucket %d', (ms, bucket) => {
    const counters = make();
    counters.of('tracker').took('search', ms);
    const { counts, sumMs } = counters.durations('search');
    expect([counts.indexOf(1), counts.reduce((sum, count) => sum + count, 0), sumMs]).toEqual([
      bucket,
      1,
      ms,
    ]);
    expect(counters.durations('write').sumMs).toBe(0);
  });

  test('tell below what a part of them stayed, as closely as their buckets are', () => {
    const times = fc.array(fc.double({ min: 0, max: 9_999, noNaN: true }), { minLength: 1 });
    fc.assert(
      fc.property(times, fc.double({ min: 0, max: 1, noNaN: true }), (all, part) => {
        const counters = make();
        for (const [at, ms] of all.entries())
          counters.of(at % 2 === 0 ? 'listener-1' : 'listener-2').took('search', ms);
        const { counts } = counters.durations('search');
        const found = quantileMs(counts, part) ?? Number.NaN;
        const sorted = all.toSorted((a, b) => a - b);
        const exact = sorted[Math.max(0, Math.ceil(part * all.length) - 1)] ?? Number.NaN;
        const bucketOf = (ms: number): number => durationBoundsMs.findIndex((bound) => ms <= bound);
        const edge = durationBoundsMs[bucketOf(exact) - 1] ?? 0;
        expect(found).toBeGreaterThanOrEqual(edge);
        expect(found).toBeLessThanOrEqual((durationBoundsMs[bucketOf(exact)] ?? Infinity) * (1 + 1e-9));
      }),
    );
  });

  test('that there were none of tell nothing; those beyond all bounds tell the last bound', () => {
    expect(quantileMs([0, 0, 0], 0.5)).toBeUndefined();
    expect(quantileMs([...durationBoundsMs.map(() => 0), 2], 0.5)).toBe(10_000);
  });
});
