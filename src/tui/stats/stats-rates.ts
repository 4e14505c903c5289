/**
 * What two looks at a tracker tell of the time between them. Invariant: where that says nothing (one look, a restart
 * between them), rates are undefined, never made up.
 */
import { quantileMs, type Durations } from '../../core/tracker/tracker-counters.ts';
import { plainCounters, type DurationName, type PlainCounter } from '../../core/tracker/tracker-measures.ts';
import type { TrackerStats } from '../../core/tracker/tracker-stats.ts';

/** How often something took place, and how long it took. */
export interface Pace {
  readonly perSecond: number;
  /** Milliseconds; undefined when there were none. */
  readonly p50Ms: number | undefined;
  readonly p99Ms: number | undefined;
}

export interface StatsRates {
  readonly seconds: number;
  /** Per second. */
  readonly counters: Readonly<Record<PlainCounter, number>>;
  readonly durations: Readonly<Record<DurationName, Pace>>;
  /** Processor time of each thread and of the process, as a part of one processor. */
  readonly cpuOfThreads: readonly number[];
  readonly cpu: number;
  /** Of one family of counters by kind, per second. */
  readonly syncs: Readonly<Record<string, number>>;
}

export function ratesBetween(before: TrackerStats | undefined, now: TrackerStats): StatsRates | undefined {
  if (before === undefined || before.tracker.startedMs !== now.tracker.startedMs) return undefined;
  const seconds = (now.atMs - before.atMs) / 1_000;
  if (seconds <= 0) return undefined;
  const rate = (after: number, earlier: number): number => Math.max(0, after - earlier) / seconds;
  return {
    seconds,
    counters: Object.fromEntries(
      plainCounters.map((name) => [name, rate(now.counters[name], before.counters[name])]),
    ) as StatsRates['counters'],
    durations: Object.fromEntries(
      Object.entries(now.durations).map(([name, after]) => [
        name,
        paceOf(before.durations[name as DurationName], after, seconds),
      ]),
    ) as StatsRates['durations'],
    cpuOfThreads: now.threads.map(({ cpuSeconds }, at) =>
      rate(cpuSeconds, before.threads[at]?.cpuSeconds ?? 0),
    ),
    cpu: rate(now.process.cpuSeconds, before.process.cpuSeconds),
    syncs: Object.fromEntries(
      Object.entries(now.kinds.syncs).map(([kind, count]) => [
        kind,
        rate(count, before.kinds.syncs[kind] ?? 0),
      ]),
    ),
  };
}

function paceOf(before: Durations, after: Durations, seconds: number): Pace {
  const counts = after.counts.map((count, at) => Math.max(0, count - (before.counts[at] ?? 0)));
  return {
    perSecond: counts.reduce((sum, count) => sum + count, 0) / seconds,
    p50Ms: quantileMs(counts, 0.5),
    p99Ms: quantileMs(counts, 0.99),
  };
}
