import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { TrackerCounters } from '../../../src/core/tracker/tracker-counters.ts';
import type { TrackerStats } from '../../../src/core/tracker/tracker-stats.ts';
import { warningsOf } from '../../../src/core/tracker/tracker-warnings.ts';
import { statsScreen } from '../../../src/tui/stats/stats-lines.ts';
import { ratesBetween } from '../../../src/tui/stats/stats-rates.ts';
import { lineText, lineWidth } from '../../../src/tui/text/segments.ts';
import { trackerStats } from '../../engine/admin-scene.ts';
import * as fc from '../../helpers/properties.ts';

/** Two looks at a busy tracker, five seconds apart. */
function busy(changes: Partial<TrackerStats> = {}): readonly [before: TrackerStats, now: TrackerStats] {
  const counters = new TrackerCounters(['tracker', 'registry', 'listener-0']);
  const before = trackerStats(counters, { atMs: 995_000 });
  const thread = counters.of('listener-0');
  thread.add('keepAlives', 5_210);
  thread.add('receivedBytes', 600_000);
  thread.add('filesAdded', 61_400);
  thread.addTo('syncs', 'in-sync', 12);
  thread.addTo('rejected', 'address', 4);
  thread.addTo('refusals', 'limit', 2);
  thread.addTo('filesRejected', 'denied', 3);
  for (let at = 0; at < 100; at++) thread.took('search', at < 98 ? 1.5 : 40);
  thread.set('connections', 1_250);
  thread.set('busy', 0.42);
  thread.set('lagP99Ms', 3.2);
  thread.set('heapUsedBytes', 40 * 1024 ** 2);
  thread.add('cpuMicros', 2_000_000);
  counters.of('tracker').set('peers', 1_234);
  counters.of('tracker').set('guests', 12);
  const now = trackerStats(counters, { atMs: 1_000_000, ...changes });
  return [before, { ...now, warnings: warningsOf(now) }];
}

const sizes = [
  { columns: 100, rows: 24 },
  { columns: 60, rows: 30 },
  { columns: 40, rows: 40 },
  { columns: 20, rows: 8 },
] as const;

const view = ([before, stats]: ReturnType<typeof busy>) => ({
  stats,
  rates: ratesBetween(before, stats),
  problem: undefined,
});

describe('the view of a tracker', () => {
  test.each(sizes)('is drawn for $columns by $rows', ({ columns, rows }) => {
    const lines = statsScreen(view(busy()), { columns, rows });
    const clock = /\d\d:\d\d:\d\d/;
    const text = lines.map((line) => lineText(line).trimEnd().replace(clock, '12:34:56')).join('\n');
    const file = new URL(`golden/${columns}x${rows}.txt`, import.meta.url);
    if (process.env['UPDATE_SCREENS'] === '1') writeFileSync(file, `${text}\n`);
    expect(`${text}\n`).toBe(readFileSync(file, 'utf8'));
  });

  test('has the size of its terminal, whatever that is', () => {
    const size = fc.integer({ min: 1, max: 200 });
    const all = view(busy({ store: null, actors: [] }));
    fc.assert(
      fc.property(size, size, fc.boolean(), (columns, rows, isKnown) => {
        const shown = isKnown ? all : { stats: undefined, rates: undefined, problem: 'No tracker runs here' };
        const lines = statsScreen(shown, { columns, rows });
        expect(lines).toHaveLength(rows);
        expect(lines.map(lineWidth)).toEqual(lines.map(() => columns));
      }),
    );
  });

  test('says what is the matter before all else, in harmless words', () => {
    const [, stats] = busy({ store: null });
    const odd = { ...stats, warnings: ['bad \u001b[2J thing'] };
    const text = statsScreen(
      { stats: odd, rates: undefined, problem: 'No answer' },
      { columns: 80, rows: 24 },
    ).map(lineText);
    expect(text[1]).toContain('No answer');
    expect(text[2]).toMatch(/^! +bad .*thing/);
    expect(text.join('')).not.toContain('\u001b');
  });
});

describe('rates', () => {
  test('are what two looks tell of the time between them', () => {
    const [before, now] = busy();
    const rates = ratesBetween(before, now);
    expect(rates).toMatchObject({
      seconds: 5,
      counters: { keepAlives: 1_042, filesAdded: 12_280 },
      cpuOfThreads: [0, 0, 0.4],
    });
    expect(rates?.durations.search.perSecond).toBe(20);
    expect(rates?.durations.search.p50Ms).toBeGreaterThan(1);
    expect(rates?.durations.search.p50Ms).toBeLessThan(2);
    expect(rates?.durations.search.p99Ms).toBeGreaterThan(20);
    expect(rates?.durations.holders.p50Ms).toBeUndefined();
  });

  test('are not made up of one look, of looks at another tracker, or of no time', () => {
    const [before, now] = busy();
    const restarted = { ...now, tracker: { ...now.tracker, startedMs: 999_000 } };
    expect([ratesBetween(undefined, now), ratesBetween(before, restarted), ratesBetween(now, now)]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });
});

describe('warnings', () => {
  const counters = new TrackerCounters(['tracker']);
  const actor = {
    path: '/tracker/registry',
    status: 'running',
    queued: 0,
    capacity: 100,
    restarts: 0,
    lastError: null,
  };
  const gauges = trackerStats(counters).gauges;
  test.each<[string, Partial<TrackerStats>, RegExp | undefined]>([
    ['an idle tracker', {}, undefined],
    ['a silent registry', { store: null }, /registry does not answer/],
    ['many connections', { gauges: { ...gauges, connections: 14_900 } }, /nearly full: 14900 of 16384/],
    ['a frozen reaper', { gauges: { ...gauges, isFrozen: 1 } }, /fell silent at once/],
    ['overload', { gauges: { ...gauges, isOverloaded: 1 } }, /overloaded/],
    ['a full disk', { gauges: { ...gauges, isUnwritable: 1 } }, /disk of the catalogue is full/],
    ['bytes that nobody reads', { gauges: { ...gauges, unsentBytes: 300 * 1024 ** 2 } }, /300 MiB wait/],
    [
      'few file descriptors',
      { process: { pid: 1, rssBytes: 0, cpuSeconds: 0, openFiles: 1_000, maxOpenFiles: 1_024 } },
      /file descriptors: 1000 of 1024/,
    ],
    ['an actor that is down', { actors: [{ ...actor, status: 'restarting' }] }, /registry is restarting/],
    ['a full mailbox', { actors: [{ ...actor, queued: 51 }] }, /51 of 100 messages/],
  ])('of %s', (_what, changes, warning) => {
    const warnings = warningsOf(trackerStats(counters, changes));
    if (warning === undefined) expect(warnings).toEqual([]);
    else expect(warnings).toEqual([expect.stringMatching(warning)]);
  });
});
