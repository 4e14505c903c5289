/**
 * What of a tracker its operator should look at: the thresholds of the alerts in docs/operations.md, for those who
 * look at it without a collector of metrics. Pure; each warning says what is the matter and how much.
 */
import {
  warnConnectionsPart,
  warnFilesPart,
  warnLagMs,
  warnQueuePart,
  warnUnsentBytes,
  warnWalBytes,
} from '../limits/operations.ts';
import type { TrackerStats } from './tracker-stats.ts';

export function warningsOf(stats: Omit<TrackerStats, 'warnings'>): readonly string[] {
  const { gauges, limits, process, store, threads, actors } = stats;
  const { openFiles, maxOpenFiles } = process;
  const of = (part: number, whole: number): string => `${part} of ${whole}`;
  const warnings: string[] = [];
  if (store === null) warnings.push('the registry does not answer');
  if (gauges.isFrozen > 0)
    warnings.push('most peers fell silent at once, so none is taken out: look at the network');
  if (gauges.isOverloaded > 0) warnings.push('overloaded: searches and new shares are put off');
  if (gauges.isUnwritable > 0)
    warnings.push(
      'changes are refused: the disk of the catalogue is full or fails, or was within the last minute',
    );
  if (gauges.connections > limits.maxConnections * warnConnectionsPart)
    warnings.push(`nearly full: ${of(gauges.connections, limits.maxConnections)} connections`);
  if (openFiles !== null && maxOpenFiles !== null && openFiles > maxOpenFiles * warnFilesPart)
    warnings.push(`nearly out of file descriptors: ${of(openFiles, maxOpenFiles)}`);
  for (const { name, lagP99Ms } of threads)
    if (lagP99Ms > warnLagMs) warnings.push(`thread ${name} is late by ${Math.round(lagP99Ms)} ms`);
  for (const { path, status, queued, capacity } of actors) {
    if (status !== 'running') warnings.push(`${path} is ${status}`);
    if (queued > capacity * warnQueuePart)
      warnings.push(`${path} has ${of(queued, capacity)} messages waiting`);
  }
  if (gauges.unsentBytes > warnUnsentBytes)
    warnings.push(`${Math.round(gauges.unsentBytes / 1024 ** 2)} MiB wait for peers that do not read`);
  if (store?.cluster !== undefined && store.cluster.shardsUp < store.cluster.shards)
    warnings.push(`${of(store.cluster.shardsUp, store.cluster.shards)} parts of the catalogue answer`);
  for (const server of store?.cluster?.lost ?? []) warnings.push(`server ${server} of the catalogue is lost`);
  if (store !== null && (store.walBytes ?? 0) > warnWalBytes)
    warnings.push(`the catalogue's log has grown to ${Math.round((store.walBytes ?? 0) / 1024 ** 2)} MiB`);
  return warnings;
}
