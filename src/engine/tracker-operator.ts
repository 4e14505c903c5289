/**
 * What a running tracker does for its operator: tells how it is, takes new settings, copies its catalogue. Invariant:
 * settings hold as a whole or not at all, and one reload or backup is under way at a time.
 */
import path from 'node:path';
import type { ActorRef, ActorSnapshot, ActorSystem } from '../actors/runtime/index.ts';
import { defaultTrackerLimits, type TrackerCommand } from '../actors/tracker/tracker.ts';
import {
  adminAskTimeoutMs,
  backupTimeoutMs,
  maxConnectionsGrowth,
  minTrackerRoomBytes,
  trackerStatsAgeMs,
} from '../core/limits/operations.ts';
import { fail, ok, type Result } from '../core/result.ts';
import type { TrackerConfig, TrackerEndpoint, TrackerLimits } from '../core/tracker/tracker-api.ts';
import type { TrackerCounters } from '../core/tracker/tracker-counters.ts';
import { checkLimits, type TrackerSettings } from '../core/tracker/tracker-settings.ts';
import {
  countedOf,
  threadsOf,
  trackerStatsFormat,
  type ActorStats,
  type StoreReport,
  type TrackerStats,
} from '../core/tracker/tracker-stats.ts';
import { warningsOf } from '../core/tracker/tracker-warnings.ts';
import type { AdminPorts, BackupReport, Health, ReloadReport } from './admin-requests.ts';
import { agentName } from './agent.ts';
import type { Logger } from './log.ts';
import { freeBytes, processStats, sizeOf } from './process-stats.ts';
import { placeBackup } from './tracker-backup.ts';
import { loadTrackerSettings, settingsFile } from './tracker-settings-file.ts';

export interface OperatedTracker {
  readonly config: TrackerConfig;
  readonly endpoint: TrackerEndpoint;
  readonly system: ActorSystem;
  readonly tracker: ActorRef<TrackerCommand>;
  readonly counters: TrackerCounters;
  /** Those it was started with. */
  readonly limits: TrackerLimits;
  readonly log: Logger;
}

/** The limits of a tracker with this configuration and these settings; what a configuration says outright wins. */
export function limitsOf({ limits }: TrackerConfig, settings: TrackerSettings): Result<TrackerLimits> {
  return checkLimits({ ...defaultTrackerLimits, ...settings.limits, ...limits });
}

export class TrackerOperator implements AdminPorts {
  readonly #operated: OperatedTracker;
  readonly #startedMs = Date.now();
  readonly #agent = agentName();
  #limits: TrackerLimits;
  /** The longest that a peer may have been told; it keeps to that until it connects again. */
  #slowestHeartbeatMs: number;
  #latest: { readonly atMs: number; readonly stats: Promise<TrackerStats> } | undefined;
  #last: Promise<unknown> = Promise.resolve();

  constructor(operated: OperatedTracker) {
    this.#operated = operated;
    this.#limits = operated.limits;
    this.#slowestHeartbeatMs = operated.limits.heartbeatMs;
  }

  stats(): Promise<TrackerStats> {
    const nowMs = performance.now();
    if (this.#latest === undefined || nowMs - this.#latest.atMs > trackerStatsAgeMs)
      this.#latest = { atMs: nowMs, stats: this.#look() };
    return this.#latest.stats;
  }

  async health(): Promise<Health> {
    const { config } = this.#operated;
    const { actors, gauges, store } = await this.stats();
    const reasons: string[] = [];
    const notes: string[] = [];
    const { shards = 0, shardsUp = 0 } = store?.cluster ?? {};
    if (store === null) reasons.push('the registry does not answer');
    else if (shardsUp < shards) notes.push(`${shardsUp} of ${shards} parts of the cluster answer`);
    else reasons.push(...(await this.#writeProblems()));
    for (const { path: actor, status } of actors)
      if (status !== 'running') reasons.push(`${actor} is ${status}`);
    if (gauges.isDraining > 0) reasons.push('the tracker is about to end: its peers are sent elsewhere');
    const free = config.store === 'sqlite' ? await freeBytes(config.dataDir) : null;
    if (free !== null && free < minTrackerRoomBytes)
      reasons.push(`the disk of ${config.dataDir} is full: ${free} bytes are free`);
    return { reasons, notes };
  }

  /** Why nothing can be written. Parts of a cluster that are away would each be waited for. */
  async #writeProblems(): Promise<readonly string[]> {
    const { tracker, system } = this.#operated;
    // It finds nothing to delete, behind all writes that wait.
    const swept = { leftBeforeMs: 0, maxRows: 1 };
    const checked = await system.ask(tracker, { type: 'sweep', limits: swept }, adminAskTimeoutMs);
    if (!checked.ok) return ['the registry does not answer'];
    return checked.value.ok ? [] : [`the catalogue cannot be written: ${checked.value.problem.message}`];
  }

  reload(): Promise<Result<ReloadReport>> {
    return this.#inTurn(() => this.#reload());
  }

  backup(file: string, force: boolean): Promise<Result<BackupReport>> {
    return this.#inTurn(async () => {
      const startMs = performance.now();
      const live = catalogueFiles(this.#operated.config);
      const size = await placeBackup(file, live, force, (partial) => this.#copy(partial));
      if (!size.ok) return size;
      const report = { path: file, sizeBytes: size.value, tookMs: Math.round(performance.now() - startMs) };
      this.#operated.log.info(report, 'the catalogue was backed up');
      return ok(report);
    });
  }

  async #reload(): Promise<Result<ReloadReport>> {
    const { config, system, tracker, log } = this.#operated;
    const outcome = await this.#newSettings();
    if (!outcome.ok) {
      log.error({ reason: outcome.problem.message }, 'the settings were not reloaded; the old ones hold');
      return outcome;
    }
    const { limits, deny } = outcome.value;
    const applied = await system.ask(tracker, { type: 'terms', limits, deny }, adminAskTimeoutMs);
    if (!applied.ok) return fail('busy', 'The tracker did not take the settings in time; try again');
    const names = Object.keys(limits) as (keyof TrackerLimits)[];
    const changed = names.filter((name) => limits[name] !== this.#limits[name]);
    this.#limits = limits;
    this.#slowestHeartbeatMs = Math.max(this.#slowestHeartbeatMs, limits.heartbeatMs);
    const denied = Object.values(deny).reduce((sum, list) => sum + list.length, 0);
    const report = { file: settingsFile(config.dataDir), changed, denied };
    log.info(report, 'the settings were reloaded');
    return ok(report);
  }

  async #newSettings(): Promise<Result<Pick<TrackerSettings, 'deny'> & { readonly limits: TrackerLimits }>> {
    const { config, limits: started } = this.#operated;
    const settings = await loadTrackerSettings(config.dataDir);
    if (!settings.ok) return settings;
    const limits = limitsOf(config, settings.value);
    const file = settingsFile(config.dataDir);
    if (!limits.ok) return fail(limits.problem.code, `${file}: ${limits.problem.message}`);
    const most = Math.floor(started.maxConnections * maxConnectionsGrowth);
    if (limits.value.maxConnections > most)
      return fail(
        'bad-request',
        `${file}: limits.maxConnections: more than ${most} takes a restart, as the tracker was started for ${started.maxConnections}`,
      );
    const leastMs = 2 * this.#slowestHeartbeatMs;
    if (limits.value.leaseMs < leastMs)
      return fail(
        'bad-request',
        `${file}: limits.leaseMs: less than ${leastMs} takes a restart, as peers were told to be heard from every ${this.#slowestHeartbeatMs} ms`,
      );
    return ok({ limits: limits.value, deny: settings.value.deny });
  }

  async #copy(partial: string): Promise<Result<void>> {
    const { system, tracker } = this.#operated;
    const copied = await system.ask(tracker, { type: 'backup', path: partial }, backupTimeoutMs);
    if (copied.ok) return copied.value;
    return fail(copied.error === 'timeout' ? 'timeout' : 'busy', 'The registry did not make the backup');
  }

  /** Runs `work` when what was asked for before has ended. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.then(work);
    this.#last = done.catch(() => undefined);
    return done;
  }

  async #look(): Promise<TrackerStats> {
    const { config, endpoint, system, counters } = this.#operated;
    const [actors, store, process] = await Promise.all([
      system.fullSnapshot('standing'),
      this.#storeReport(),
      processStats(),
    ]);
    const { id, host, port } = endpoint;
    const stats = {
      format: trackerStatsFormat,
      atMs: Date.now(),
      tracker: {
        id,
        host,
        port,
        agent: this.#agent,
        store: storeKind(config.store),
        startedMs: this.#startedMs,
      },
      process,
      limits: this.#limits,
      ...countedOf(counters),
      threads: threadsOf(counters),
      actors: actors.filter(isOfTracker).map(actorStats),
      store,
    } as const;
    return { ...stats, warnings: warningsOf(stats) };
  }

  async #storeReport(): Promise<StoreReport | null> {
    const { config, system, tracker } = this.#operated;
    const answer = await system.ask(tracker, { type: 'stats' }, adminAskTimeoutMs);
    if (!answer.ok || !answer.value.ok) return null;
    if (config.store !== 'sqlite') return { ...answer.value.value, bytes: null, walBytes: null };
    const [file] = catalogueFiles(config);
    return { ...answer.value.value, bytes: await sizeOf(file), walBytes: await sizeOf(`${file}-wal`) };
  }
}

/** The admin door's own actors are left out. */
const isOfTracker = ({ path: actor }: ActorSnapshot): boolean => /^\/tracker(?:\/|$)/.test(actor);

function actorStats({
  path: actor,
  status,
  queued,
  capacity,
  restarts,
  lastError,
}: ActorSnapshot): ActorStats {
  return { path: actor, status, queued, capacity, restarts, lastError: lastError ?? null };
}

/** The catalogue in the data folder, where it is one, and what belongs to it. */
function catalogueFiles({ dataDir }: TrackerConfig): readonly [string, ...string[]] {
  const file = path.join(dataDir, 'catalogue.sqlite');
  return [file, `${file}-wal`, `${file}-shm`];
}

/** A URL may hold a password. */
function storeKind(store: string): string {
  if (store === 'memory:') return 'memory';
  return /^rediss?:/.test(store) ? 'redis' : 'sqlite';
}
