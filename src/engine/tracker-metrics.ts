/**
 * A tracker's metrics as Prometheus reads them. Invariant: names and labels are stable: dashboards and alerts rely on
 * them; a series that is there once stays, at zero where nothing has happened.
 */
import type { Metric } from 'prom-client';
import { durationBoundsMs } from '../core/tracker/tracker-measures.ts';
import type { Durations } from '../core/tracker/tracker-counters.ts';
import type { ClusterStats, TrackerStats } from '../core/tracker/tracker-stats.ts';

type Labels = Readonly<Record<string, string>>;

interface Sample {
  readonly value: number;
  readonly labels?: Labels;
  /** Where it differs from the family's. */
  readonly metricName?: string;
}

/** One metric with all its series. */
interface Family {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly values: readonly Sample[];
}

/** The page of metrics, in Prometheus' text format 0.0.4. */
export async function metricsText(stats: TrackerStats): Promise<string> {
  // Loaded by the first who wants it: most trackers are never looked at so.
  const { Registry } = await import('prom-client');
  const registry = new Registry();
  for (const family of familiesOf(stats)) {
    // What the registry asks of a metric is to tell its values; ours are counted where things happen.
    const metric = { ...family, get: () => Promise.resolve(family) };
    registry.registerMetric(metric as unknown as Metric);
  }
  return registry.metrics();
}

export function familiesOf(stats: TrackerStats): readonly Family[] {
  const redis = stats.tracker.store === 'redis' ? redisFamilies(stats) : [];
  return [...serviceFamilies(stats), ...storeFamilies(stats), ...redis, ...processFamilies(stats)];
}

function serviceFamilies({ counters, kinds, gauges, durations, limits }: TrackerStats): readonly Family[] {
  const open = Math.max(0, gauges.connections - gauges.handshaking);
  return [
    gauge('tracker_connections', 'Connections, by whether their key is proved.', [
      ['state', 'open', open],
      ['state', 'handshaking', gauges.handshaking],
    ]),
    gauge('tracker_max_connections', 'Connections that are let in at most.', limits.maxConnections),
    counter('tracker_accept_total', 'Connections that came to the door.', counters.accepted),
    byKind('tracker_reject_total', 'Connections that were not let in or kept.', 'reason', kinds.rejected),
    counter('tracker_closed_total', 'Connections that ended.', counters.closed),
    byKind('tracker_ended_total', 'Connections that the tracker ended by itself.', 'reason', kinds.ended),
    byKind('tracker_tls_handshakes_total', 'TLS handshakes that were done.', 'kind', kinds.handshakes),
    histogram('tracker_handshake_seconds', 'From accept to the proof of the key.', durations.handshake),
    byKind('tracker_requests_total', 'Requests of peers.', 'type', kinds.requests),
    byKind('tracker_refusals_total', 'Refusals that were sent.', 'code', kinds.refusals),
    counter('tracker_keepalives_total', 'Pings of peers.', counters.keepAlives),
    counter('tracker_received_bytes_total', 'Bytes that peers sent.', counters.receivedBytes),
    counter('tracker_sent_bytes_total', 'Bytes that peers were sent.', counters.sentBytes),
    gauge('tracker_peers', 'Who is connected.', [
      ['state', 'listed', gauges.peers],
      ['state', 'guest', gauges.guests],
      ['state', 'spared', gauges.spared],
    ]),
    gauge('tracker_reaper_frozen', '1 while so many are silent that none is taken out.', gauges.isFrozen),
    gauge('tracker_overloaded', '1 while less important requests are refused.', gauges.isOverloaded),
    gauge('tracker_unwritable', '1 while the disk refuses changes of the catalogue.', gauges.isUnwritable),
    gauge('tracker_draining', '1 while the tracker sends its peers elsewhere.', gauges.isDraining),
    counter('tracker_redirected_total', 'Peers that were sent to another tracker.', counters.redirected),
    byKind('tracker_sync_total', 'How shares were brought into step.', 'kind', kinds.syncs),
    counter('tracker_sync_bytes_total', 'Bytes of messages of peers about their shares.', counters.syncBytes),
    counter('tracker_files_added_total', 'Files that peers added.', counters.filesAdded),
    counter('tracker_files_removed_total', 'Files that peers removed.', counters.filesRemoved),
    byKind('tracker_files_rejected_total', 'Files that were not listed.', 'reason', kinds.filesRejected),
    gauge('tracker_retry_after_seconds', 'How long who must wait is told to.', gauges.retryAfterMs / 1_000),
    histograms('tracker_search_seconds', 'Searches, from question to answer.', {
      search: durations.search,
      'find-name': durations.findName,
      'find-contents': durations.findContents,
    }),
    histogram('tracker_holders_seconds', 'Questions for who has contents.', durations.holders),
    counter('tracker_search_partial_total', 'Searches that were answered in part.', counters.partialSearches),
    histogram('tracker_registry_write_seconds', 'Changes of the catalogue.', durations.write),
    byKind('tracker_dial_backs_total', 'Looks whether a peer can be reached.', 'outcome', kinds.dialBacks),
    byKind('tracker_calls_total', 'Peers asked to dial another.', 'outcome', kinds.calls),
    gauge('tracker_send_queue_bytes', 'Bytes that wait for peers to read them.', gauges.unsentBytes),
  ];
}

function storeFamilies({ store }: TrackerStats): readonly Family[] {
  const up = gauge('tracker_store_up', '1 while the registry answers.', store === null ? 0 : 1);
  if (store === null) return [up];
  return [
    up,
    gauge('tracker_store_files', 'Distinct pairs of content and path.', store.files),
    gauge('tracker_store_holders', 'Files of all known shares.', store.shares),
    gauge('tracker_store_peers', 'Peers in the catalogue.', [
      ['state', 'online', store.peersOnline],
      ['state', 'known', store.peersKnown],
    ]),
    ...(store.bytes === null ? [] : [gauge('tracker_store_bytes', 'Size of the catalogue.', store.bytes)]),
    ...(store.walBytes === null ? [] : [gauge('tracker_wal_bytes', 'Size of its log.', store.walBytes)]),
    ...(store.cluster === undefined ? [] : clusterFamilies(store.cluster)),
  ];
}

/** What a tracker knows of itself as one that asks Redis. */
function redisFamilies({ counters, gauges, durations }: TrackerStats): readonly Family[] {
  return [
    histograms('tracker_redis_call_seconds', 'Calls of Redis, with all their tries.', {
      read: durations.redisRead,
      write: durations.redisWrite,
    }),
    counter('tracker_cache_hits_total', 'Look-ups answered from memory.', counters.cacheHits),
    counter('tracker_cache_misses_total', 'Look-ups for which Redis was asked.', counters.cacheMisses),
    counter('tracker_redis_servers_lost_total', 'Servers that stopped answering.', counters.serversLost),
    gauge(
      'tracker_redis_server_lost',
      '1 while a server with a part is lost.',
      Number(gauges.isServerLost > 0),
    ),
  ];
}

function clusterFamilies({ shards, shardsUp, redirects, retries }: ClusterStats): readonly Family[] {
  return [
    gauge('tracker_redis_shards', 'Parts of the catalogue.', shards),
    gauge('tracker_redis_shards_up', 'Those of them that answer.', shardsUp),
    counter('tracker_redis_redirects_total', 'Changes that Redis sent to another node.', redirects),
    counter('tracker_redis_retries_total', 'Changes that had to be repeated.', retries),
  ];
}

function processFamilies({ threads, actors, process, tracker }: TrackerStats): readonly Family[] {
  const ofThreads = (
    name: string,
    help: string,
    value: (thread: TrackerStats['threads'][number]) => number,
  ): Family =>
    gauge(
      name,
      help,
      threads.map((thread) => ['thread', thread.name, value(thread)]),
    );
  return [
    {
      ...ofThreads('tracker_cpu_seconds_total', 'Processor time.', (one) => one.cpuSeconds),
      type: 'counter',
    },
    ofThreads('tracker_elu', 'The part of the last second that the thread was busy.', (one) => one.busy),
    family(
      'gauge',
      'tracker_event_loop_lag_seconds',
      'How late the thread came to what was due in the last second.',
      threads.flatMap(({ name, lagP50Ms, lagP99Ms, lagMaxMs }) => [
        { labels: { thread: name, quantile: '0.5' }, value: lagP50Ms / 1_000 },
        { labels: { thread: name, quantile: '0.99' }, value: lagP99Ms / 1_000 },
        { labels: { thread: name, quantile: '1' }, value: lagMaxMs / 1_000 },
      ]),
    ),
    ofThreads('tracker_heap_bytes', 'JavaScript heap in use.', (one) => one.heapUsedBytes),
    ofThreads('tracker_thread_connections', 'Connections of each thread.', (one) => one.connections),
    {
      ...gauge(
        'tracker_actor_restarts_total',
        'Restarts.',
        actors.map((one) => ['actor', one.path, one.restarts]),
      ),
      type: 'counter',
    },
    gauge(
      'tracker_actor_queue_depth',
      'Messages that wait.',
      actors.map((one) => ['actor', one.path, one.queued]),
    ),
    gauge(
      'tracker_actor_queue_capacity',
      'Messages that may wait.',
      actors.map((one) => ['actor', one.path, one.capacity]),
    ),
    gauge('tracker_rss_bytes', 'Memory of the process.', process.rssBytes),
    counter('process_cpu_seconds_total', 'Processor time of all threads.', process.cpuSeconds),
    gauge('process_resident_memory_bytes', 'Memory of the process.', process.rssBytes),
    gauge('process_start_time_seconds', 'When it started, since 1970.', tracker.startedMs / 1_000),
    ...(process.openFiles === null
      ? []
      : [gauge('process_open_fds', 'Open file descriptors.', process.openFiles)]),
    ...(process.maxOpenFiles === null
      ? []
      : [gauge('process_max_fds', 'Most of them.', process.maxOpenFiles)]),
    family('gauge', 'tracker_build_info', 'Always 1; its labels say what runs.', [
      {
        labels: { agent: tracker.agent, store: tracker.store, node: globalThis.process.versions.node },
        value: 1,
      },
    ]),
  ];
}

function family(type: Family['type'], name: string, help: string, values: readonly Sample[]): Family {
  return { type, name, help, values };
}

function counter(name: string, help: string, value: number): Family {
  return family('counter', name, help, [{ value }]);
}

type Series = readonly [label: string, labelled: string, value: number];

function gauge(name: string, help: string, value: number | readonly Series[]): Family {
  if (typeof value === 'number') return family('gauge', name, help, [{ value }]);
  const series = value.map(([label, labelled, one]) => ({ labels: { [label]: labelled }, value: one }));
  return family('gauge', name, help, series);
}

function byKind(name: string, help: string, label: string, kinds: Readonly<Record<string, number>>): Family {
  const series = Object.entries(kinds).map(([kind, value]) => ({ labels: { [label]: kind }, value }));
  return family('counter', name, help, series);
}

function histogram(name: string, help: string, durations: Durations): Family {
  return family('histogram', name, help, bucketsOf(name, {}, durations));
}

function histograms(name: string, help: string, kinds: Readonly<Record<string, Durations>>): Family {
  const series = Object.entries(kinds).flatMap(([kind, durations]) => bucketsOf(name, { kind }, durations));
  return family('histogram', name, help, series);
}

/** As Prometheus has them: each bucket counts those of the smaller ones too. */
function bucketsOf(name: string, labels: Labels, { counts, sumMs }: Durations): readonly Sample[] {
  let total = 0;
  const buckets = counts.map((count, at) => {
    total += count;
    const bound = durationBoundsMs[at];
    const le = bound === undefined ? '+Inf' : String(bound / 1_000);
    return { metricName: `${name}_bucket`, labels: { ...labels, le }, value: total };
  });
  return [
    ...buckets,
    { metricName: `${name}_sum`, labels, value: sumMs / 1_000 },
    { metricName: `${name}_count`, labels, value: total },
  ];
}
