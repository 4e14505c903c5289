/**
 * How long to wait before a tracker is dialled again. Invariant: the waits of peers that lost the same tracker
 * spread, and none is longer than the cap; a refusal is never hammered.
 */
import { fullJitterMs, jitteredMs } from '../../core/backoff.ts';
import * as limits from '../../core/limits.ts';
import type { ProblemCode } from '../../core/result.ts';

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

export class TrackerRetries {
  readonly #random: () => number;
  #failures = 0;

  constructor(random: () => number) {
    this.#random = random;
  }

  /** After an attempt that failed (undefined), or a connection that was up for so long. */
  afterLossMs(lastedMs: number | undefined): number {
    // A good connection's end is most likely a restart: be there when the tracker is back.
    if (lastedMs !== undefined && lastedMs >= limits.stableConnectionMs) {
      this.#failures = 0;
      return this.#random() * limits.quickRetryMs;
    }
    this.#failures += 1;
    return fullJitterMs(limits.trackerBackoff, this.#failures, this.#random);
  }

  afterRefusalMs(): number {
    return jitteredMs(limits.trackerRefusedRetryMs, limits.heartbeatJitter, this.#random);
  }
}
