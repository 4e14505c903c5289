/**
 * What to refuse when there is more to do than can be done, and in which order: searches for beginnings of words first,
 * then all searches, then other look-ups. Who is here already and says so, comes back or tells of its share is never
 * refused. Invariant: what is refused at some pressure is refused at any higher one, and so is all that goes before it.
 */
import { overloadLagMs, overloadRetryMs, overloadShares } from '../limits/tracker.ts';

/** In the order in which they are refused. */
export const sheddable = ['wide-search', 'search', 'look-up'] as const;

export type Sheddable = (typeof sheddable)[number];

export class Overload {
  readonly #random: () => number;
  #lagMs = 0;
  #lastMs = 0;

  /** `random`: from 0 up to 1. */
  constructor(random: () => number) {
    this.#random = random;
  }

  /** How late this thread's events are. One bad moment is none: only what was so before as well counts. */
  late(lagMs: number): void {
    this.#lagMs = Math.min(lagMs, this.#lastMs);
    this.#lastMs = lagMs;
  }

  /**
   * Undefined: do it. Otherwise refuse it, and when it may be tried again, in milliseconds: at another time for each,
   * so that they do not all come at once. `queued`: how full the queue is that it would go to, 0 to 1.
   */
  retryAfterMs(work: Sheddable, queued: number): number | undefined {
    const pressure = Math.max(queued / overloadShares[work], this.#lagMs / overloadLagMs[work]);
    if (pressure < 1) return undefined;
    const { minMs, maxMs } = overloadRetryMs;
    return Math.round(Math.min(maxMs, minMs * pressure) * (1 + this.#random()));
  }
}
