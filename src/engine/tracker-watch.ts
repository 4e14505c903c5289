/**
 * Writes into the log what an operator should know without asking: that peers fall silent all at once, that requests
 * are put off, that the disk refuses changes, that a server of the catalogue is lost, and that it is over. Invariant: a line when it begins and one when it
 * ends, however long it lasts.
 */
import { overloadCalmLooks, threadMeterMs, unwritableCalmLooks } from '../core/limits/operations.ts';
import type { TrackerCounters } from '../core/tracker/tracker-counters.ts';
import type { GaugeName } from '../core/tracker/tracker-measures.ts';
import type { Logger } from './log.ts';

const states: readonly (readonly [gauge: GaugeName, begins: string, ends: string])[] = [
  [
    'isFrozen',
    'most peers have fallen silent at once: none is taken out before it is clear why',
    'peers are heard again: who is silent is taken out again',
  ],
  ['isOverloaded', 'overloaded: searches and new shares are put off', 'not overloaded any more'],
  [
    'isUnwritable',
    'changes of the catalogue are refused, as its disk is full or fails: make room, and they are taken again',
    'the disk has refused no change for a while',
  ],
  [
    'isServerLost',
    'a server of the catalogue does not answer: its part is missing until another has its place',
    'all parts of the catalogue have a server that answers',
  ],
];

/** What lasts while such refusals come, and for so many looks more. */
const refused: readonly {
  readonly gauge: GaugeName;
  readonly codes: readonly ('busy' | 'disk-full' | 'io')[];
  readonly calmLooks: number;
}[] = [
  { gauge: 'isOverloaded', codes: ['busy'], calmLooks: overloadCalmLooks },
  { gauge: 'isUnwritable', codes: ['disk-full', 'io'], calmLooks: unwritableCalmLooks },
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
  #lost = 0;
  readonly #refusals = refused.map(({ calmLooks }) => ({ total: 0, calmLooks }));

  constructor(counters: TrackerCounters, log: Pick<Logger, 'info' | 'warn'>) {
    this.#counters = counters;
    this.#log = log;
  }

  look(): void {
    this.#measureRefusals();
    const lost = this.#counters.total('serversLost');
    // One that is back before anybody looks is told of all the same.
    const hasLost = lost > this.#lost;
    this.#lost = lost;
    for (const [gauge, begins, ends] of states) {
      const isOn = this.#counters.gauge(gauge) > 0 || (gauge === 'isServerLost' && hasLost);
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

  #measureRefusals(): void {
    for (const [at, { gauge, codes, calmLooks }] of refused.entries()) {
      const total = codes.reduce((sum, code) => sum + this.#counters.totalOf('refusals', code), 0);
      const seen = this.#refusals[at] ?? { total: 0, calmLooks };
      const calm = total > seen.total ? 0 : seen.calmLooks + 1;
      this.#refusals[at] = { total, calmLooks: calm };
      this.#counters.of('tracker').set(gauge, calm < calmLooks ? 1 : 0);
    }
  }
}
