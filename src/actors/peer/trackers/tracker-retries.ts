/**
 * How long to wait before a tracker is dialled again. Invariant: the waits of peers that lost the same tracker
 * spread, and none is longer than the cap; a refusal is never hammered.
 */
import { fullJitterMs, jitteredMs } from '../../../core/backoff.ts';
import * as limits from '../../../core/limits/tracker-link.ts';
import { heartbeatJitter } from '../../../core/limits/wire.ts';
import type { ProblemCode } from '../../../core/result.ts';

/** Refusals that last until a person, or the tracker's operator, changes something. */
const lastingCodes: ReadonlySet<ProblemCode> = new Set([
  'name-taken',
  'bad-name',
  'bad-request',
  'version',
  'unauthorised',
  'key-changed',
]);

export const isLasting = (code: ProblemCode): boolean => lastingCodes.has(code);

/** Before a tracker that was busy is asked again: never sooner than it said, and not all in one instant. */
export function afterBusyMs(retryAfterMs: number = limits.minDialGapMs, random: () => number): number {
  return Math.min(retryAfterMs, limits.maxRetryAfterMs) * (1 + random() / 2);
}

export class TrackerRetries {
  readonly #random: () => number;
  #failures = 0;
  /** Attempts left at a tracker that is to come back in a moment. */
  #comeBacks = 0;

  constructor(random: () => number) {
    this.#random = random;
  }

  /** After an attempt that failed (undefined), or a connection that was up for so long. */
  afterLossMs(lastedMs: number | undefined): number {
    // A good connection's end is most likely a restart: be there when the tracker is back.
    if (lastedMs !== undefined && lastedMs >= limits.stableConnectionMs) {
      this.#failures = 0;
      this.#comeBacks = 0;
      return this.#random() * limits.quickRetryMs;
    }
    this.#failures += 1;
    if (this.#comeBacks === 0) return fullJitterMs(limits.trackerBackoff, this.#failures, this.#random);
    this.#comeBacks -= 1;
    return fullJitterMs(limits.comeBackBackoff, this.#failures, this.#random);
  }

  /** After the end of a connection whose tracker said that it comes back, and that all should within so long. */
  beforeComingBackMs(withinMs: number): number {
    this.#failures = 0;
    this.#comeBacks = limits.maxComeBackAttempts;
    return this.#random() * Math.min(withinMs, limits.maxRedirectMs);
  }

  /** After the end of a connection where another tracker has the same catalogue. */
  beforeMovingMs(): number {
    this.#failures = 0;
    return this.#random() * limits.moveSpreadMs;
  }

  /** When to go where a tracker sends us; what that leads to is to prove itself first. */
  beforeRedirectMs(withinMs: number): number {
    return this.#random() * Math.min(withinMs, limits.maxRedirectMs);
  }

  afterRefusalMs(): number {
    return jitteredMs(limits.trackerRefusedRetryMs, heartbeatJitter, this.#random);
  }
}
