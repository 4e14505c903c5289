/** How often and how soon: the sliding window of restarts and the wait before the next one. Pure. */
import type { Backoff } from './actor.ts';

/** Allows `max` restarts in any window of `withinMs`. */
export class RestartBudget {
  readonly #max: number;
  readonly #withinMs: number;
  #times: number[] = [];

  constructor(max: number, withinMs: number) {
    this.#max = max;
    this.#withinMs = withinMs;
  }

  /** Notes a restart at `now`; false when it is one too many. */
  spend(now: number): boolean {
    this.#times = this.#times.filter((time) => now - time < this.#withinMs);
    this.#times.push(now);
    return this.#times.length <= this.#max;
  }
}

/** The waits of one actor: they double with every failure and start over after a good while up. */
export class BackoffDelay {
  readonly #backoff: Backoff;
  readonly #random: () => number;
  #failures = 0;

  constructor(backoff: Backoff, random: () => number) {
    this.#backoff = backoff;
    this.#random = random;
  }

  /** Milliseconds to wait after a failure that came `upMs` after the last start. */
  next(upMs: number): number {
    const { minMs, maxMs, jitter, resetAfterMs } = this.#backoff;
    if (upMs >= resetAfterMs) this.#failures = 0;
    const delayMs = Math.min(maxMs, minMs * 2 ** this.#failures);
    if (delayMs < maxMs) this.#failures += 1;
    return delayMs * (1 + jitter * (2 * this.#random() - 1));
  }
}
