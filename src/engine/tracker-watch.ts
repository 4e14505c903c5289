/**
 * Writes into the log what an operator should know without asking: that peers fall silent all at once, that requests
 * are put off, and that it is over. Invariant: a line when it begins and one when it ends, however long it lasts.
 */
import { threadMeterMs } from '../core/limits.ts';
import type { TrackerCounters } from '../core/tracker-counters.ts';
import type { GaugeName } from '../core/tracker-measures.ts';
import type { Logger } from './log.ts';

const states: readonly (readonly [gauge: GaugeName, begins: string, ends: string])[] = [
  [
    'isFrozen',
    'most peers have fallen silent at once: none is taken out before it is clear why',
    'peers are heard again: who is silent is taken out again',
  ],
  ['isOverloaded', 'overloaded: searches and new shares are put off', 'not overloaded any more'],
];

/** Looks once a second until it is closed. */
export function watchTracker(counters: TrackerCounters, log: Logger): { close(): void } {
  const on = new Set<GaugeName>();
  const timer = setInterval(() => look(counters, log, on), threadMeterMs);
  timer.unref();
  return { close: () => clearInterval(timer) };
}

/** One look; `on` holds what had begun before. */
export function look(
  counters: TrackerCounters,
  log: Pick<Logger, 'info' | 'warn'>,
  on: Set<GaugeName>,
): void {
  for (const [gauge, begins, ends] of states) {
    const isOn = counters.gauge(gauge) > 0;
    if (isOn === on.has(gauge)) continue;
    if (isOn) {
      on.add(gauge);
      log.warn({ peers: counters.gauge('peers') }, begins);
    } else {
      on.delete(gauge);
      log.info({ peers: counters.gauge('peers') }, ends);
    }
  }
}
