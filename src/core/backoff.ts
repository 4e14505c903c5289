/**
 * Owns how long to wait before trying again: full jitter, so that a thousand peers that lost the same tracker
 * do not come back in the same second. Invariant: a wait is never longer than `maxMs`, however many failures.
 */
import { changedRetryMs, diskProbeMaxMs, diskProbeMinMs, refusedRetryMs } from './limits/downloads.ts';
import type { Problem } from './result.ts';

export interface BackoffSpec {
  /** The first wait lies between 0 and this; it doubles with each failure. */
  readonly baseMs: number;
  readonly maxMs: number;
}

/**
 * The wait before attempt `failures` + 1: uniform in [0, min(maxMs, baseMs * 2^(failures - 1))], after Amazon's
 * "Exponential Backoff And Jitter". `random` gives [0, 1).
 */
export function fullJitterMs(spec: BackoffSpec, failures: number, random: () => number): number {
  const doublings = Math.min(Math.max(failures - 1, 0), 30);
  return Math.floor(random() * Math.min(spec.maxMs, spec.baseMs * 2 ** doublings));
}

/** The wait before a disk that has refused `failures` times in a row is looked at again. `random` gives [0, 1). */
export function diskProbeMs(failures: number, random: () => number): number {
  const doublings = Math.min(Math.max(failures - 1, 0), 30);
  return jitteredMs(Math.min(diskProbeMinMs * 2 ** doublings, diskProbeMaxMs), 0.2, random);
}

/**
 * The wait before a source is asked again that has said no `failures` times in a row: a file that was only touched is
 * soon shared again, anything else it has to change its mind about. `random` gives [0, 1).
 */
export function refusedWaitMs(
  { code }: Pick<Problem, 'code'>,
  failures: number,
  random: () => number,
): number {
  if (code !== 'stale' && code !== 'not-shared') return refusedRetryMs;
  const doublings = Math.min(Math.max(failures - 1, 0), 30);
  return Math.min(jitteredMs(changedRetryMs * 2 ** doublings, 0.2, random), refusedRetryMs);
}

/** `ms` moved by at most `fraction` of itself either way: spreads what would otherwise beat in step. */
export function jitteredMs(ms: number, fraction: number, random: () => number): number {
  return Math.round(ms * (1 + fraction * (2 * random() - 1)));
}
