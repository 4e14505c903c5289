/**
 * Writes into the log what an operator should know without asking: that peers fall silent all at once, that requests
 * are put off, and that it is over. Invariant: a line when it begins and one when it ends, however long it lasts.
 */
import { overloadCalmLooks, threadMeterMs } from '../core/limits.ts';
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
  const watch = new TrackerWatch(counters, log);
  const timer = setInterval(() => watch.look(), threadMeterMs);
  timer.unref();
  return { close: () => clearInterval(timer) };
}

export class TrackerWatch {
  readonly #counters: TrackerCounters;
  readonly #log: Pick<Logger, 'info' | 'warn'>;
  readonly #on = new Set<GaugeName>();
  #busy = 0;
  #calmLooks = overloadCalmLooks;

  constructor(counters: TrackerCounters, log: Pick<Logger, 'info' | 'warn'>) {
    this.#counters = counters;
    this.#log = log;
  }

  look(): void {
    this.#measureOverload();
    for (const [gauge, begins, ends] of states) {
      const isOn = this.#counters.gauge(gauge) > 0;
      if (isOn === this.#on.has(gauge)) continue;
      const peers = this.#counters.gauge('peers');
      if (isOn) {
        this.#on.add(gauge);
        this.#log.warn({ peers }, begins);
      } else {
        this.#on.delete(gauge);
        this.#log.info({ peers }, ends);
      }
    }
  }

  /** It is overload while some are told that the tracker is busy, and for a moment more. */
  #measureOverload(): void {
    const busy = this.#counters.totalOf('refusals', 'busy');
    this.#calmLooks = busy > this.#busy ? 0 : this.#calmLooks + 1;
    this.#busy = busy;
    this.#counters.of('tracker').set('isOverloaded', this.#calmLooks < overloadCalmLooks ? 1 : 0);
  }
}
