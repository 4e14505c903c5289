/**
 * How fast a tracker answers, from the questions it is asked anyway. Invariant: what is remembered is bounded by
 * the questions that may be outstanding, and news is told no oftener than people can read it.
 */
import { latencyShownEveryMs } from '../../../core/limits/tracker-link.ts';
import { maxTrackerRequests } from '../../../core/limits/wire.ts';

export class TrackerPulse {
  readonly #askedMs = new Map<number, number>();
  #shownMs = Number.NEGATIVE_INFINITY;

  asked(requestId: number, nowMs: number): void {
    this.#askedMs.set(requestId, nowMs);
    const [oldest] = this.#askedMs.keys();
    if (this.#askedMs.size > maxTrackerRequests && oldest !== undefined) this.#askedMs.delete(oldest);
  }

  /** How long the answer took, rounded up; undefined when it is not the first part, or that was told just now. */
  answered(requestId: number, nowMs: number): number | undefined {
    const askedMs = this.#askedMs.get(requestId);
    this.#askedMs.delete(requestId);
    if (askedMs === undefined || nowMs - this.#shownMs < latencyShownEveryMs) return undefined;
    this.#shownMs = nowMs;
    return Math.ceil(nowMs - askedMs);
  }

  /** The connection is gone, and with it what was asked. */
  stop(): void {
    this.#askedMs.clear();
    this.#shownMs = Number.NEGATIVE_INFINITY;
  }
}
