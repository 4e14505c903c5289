/**
 * How a tracker is, at one moment: what its admin door tells, and all that metrics and the view in the terminal are
 * made of. Plain data that is JSON. Invariant: counters only grow while `tracker.startedMs` is the same.
 */
import type { TrackerCounters, Durations } from './tracker-counters.ts';
import {
  countersByKind,
  durations,
  gauges,
  plainCounters,
  type CounterFamily,
  type DurationName,
  type GaugeName,
  type PlainCounter,
} from './tracker-measures.ts';
import type { TrackerLimits } from './tracker-api.ts';

/** Goes up when what is told means something else: a program that reads it is then of another version. */
export const trackerStatsFormat = 1;

/** What can be asked of a running tracker by its operator. */
export type TrackerQuestion =
  | { readonly type: 'stats' }
  | { readonly type: 'reload' }
  /** `path` is absolute; `force` lets it replace a file. */
  | { readonly type: 'backup'; readonly path: string; readonly force: boolean };

/** What the threads have counted, summed up. */
export interface Counted {
  readonly counters: Readonly<Record<PlainCounter, number>>;
  readonly kinds: Readonly<Record<CounterFamily, Readonly<Record<string, number>>>>;
  readonly gauges: Readonly<Record<GaugeName, number>>;
  readonly durations: Readonly<Record<DurationName, Durations>>;
}

export interface ThreadStats {
  readonly name: string;
  readonly connections: number;
  /** From 0 to 1. */
  readonly busy: number;
  readonly lagP50Ms: number;
  readonly lagP99Ms: number;
  readonly lagMaxMs: number;
  readonly heapUsedBytes: number;
  readonly heapTotalBytes: number;
  readonly cpuSeconds: number;
}

/** One of the actors that are restarted when they fail. */
export interface ActorStats {
  readonly path: string;
  readonly status: string;
  readonly queued: number;
  readonly capacity: number;
  readonly restarts: number;
  readonly lastError: string | null;
}

/** Of a catalogue on several servers. */
export interface ClusterStats {
  /** Its parts, and those of them that answered just now. */
  readonly shards: number;
  readonly shardsUp: number;
  /** Changes that were sent to another server, and those that had to be repeated; since the start. */
  readonly redirects: number;
  readonly retries: number;
  /** Servers with a part of it that do not answer, by their addresses. */
  readonly lost: readonly string[];
}

export interface StoreReport {
  readonly peersOnline: number;
  readonly peersKnown: number;
  readonly files: number;
  readonly shares: number;
  /** On the disk; null for a store that has no file of its own here. */
  readonly bytes: number | null;
  /** What is written and not yet moved to its place. */
  readonly walBytes: number | null;
  readonly cluster?: ClusterStats;
}

export interface ProcessStats {
  readonly pid: number;
  readonly rssBytes: number;
  readonly cpuSeconds: number;
  /** Null where the system does not say. */
  readonly openFiles: number | null;
  readonly maxOpenFiles: number | null;
}

export interface TrackerStats extends Counted {
  readonly format: typeof trackerStatsFormat;
  /** Milliseconds since 1970. */
  readonly atMs: number;
  readonly tracker: {
    readonly id: string;
    readonly host: string;
    readonly port: number;
    /** Program and version. */
    readonly agent: string;
    /** `sqlite`, `memory` or `redis`. */
    readonly store: string;
    readonly startedMs: number;
  };
  readonly process: ProcessStats;
  readonly limits: TrackerLimits;
  readonly threads: readonly ThreadStats[];
  readonly actors: readonly ActorStats[];
  /** Null: the registry did not answer in time. */
  readonly store: StoreReport | null;
  /** What an operator should look at, in words. */
  readonly warnings: readonly string[];
}

/** Sums up what all threads have counted. */
export function countedOf(counters: TrackerCounters): Counted {
  return {
    counters: tableOf(plainCounters, (name) => counters.total(name)),
    kinds: tableOf(Object.keys(countersByKind) as CounterFamily[], (family) =>
      tableOf<string, number>(countersByKind[family], (kind) => counters.totalOf(family, kind as never)),
    ),
    gauges: tableOf(gauges, (name) => counters.gauge(name)),
    durations: tableOf(durations, (name) => counters.durations(name)),
  };
}

/** The same for each thread, as far as it is of interest there. */
export function threadsOf(counters: TrackerCounters): readonly ThreadStats[] {
  const columns = tableOf(threadMeasures, (name) => counters.byThread(name));
  const cell = (name: (typeof threadMeasures)[number], at: number): number => columns[name][at] ?? 0;
  return counters.threads.map((name, at) => ({
    name,
    connections: cell('connections', at),
    busy: cell('busy', at),
    lagP50Ms: cell('lagP50Ms', at),
    lagP99Ms: cell('lagP99Ms', at),
    lagMaxMs: cell('lagMaxMs', at),
    heapUsedBytes: cell('heapUsedBytes', at),
    heapTotalBytes: cell('heapTotalBytes', at),
    cpuSeconds: cell('cpuMicros', at) / 1e6,
  }));
}

const threadMeasures = [
  'connections',
  'busy',
  'lagP50Ms',
  'lagP99Ms',
  'lagMaxMs',
  'heapUsedBytes',
  'heapTotalBytes',
  'cpuMicros',
] as const;

/** Whether something that was told is of a form that we know. */
export function isTrackerStats(value: unknown): value is TrackerStats {
  return (
    typeof value === 'object' && value !== null && 'format' in value && value.format === trackerStatsFormat
  );
}

function tableOf<Name extends string, T>(
  names: readonly Name[],
  valueOf: (name: Name) => T,
): Record<Name, T> {
  return Object.fromEntries(names.map((name) => [name, valueOf(name)])) as Record<Name, T>;
}
