/**
 * How many peers may send much of their shares at a time, and when the others should ask again. The number follows
 * how long a write waits for those before it: fewer while it waits long, more again while it does not (additive
 * increase, multiplicative decrease, as TCP has it). Pure. Invariant: never more than the maximum have a permit, and
 * one that is not given back lapses.
 */
import * as limits from '../../core/limits/tracker.ts';

export type Permission =
  { readonly isGiven: true } | { readonly isGiven: false; readonly retryAfterMs: number };

export class SyncPermits {
  readonly #max: number;
  #allowed: number;
  /** When each was given; sessions, the oldest first. */
  readonly #given = new Map<number, number>();
  /** Who was sent away, and when. */
  readonly #waiting = new Map<number, number>();
  #meanHoldMs = limits.minSyncRetryMs;

  constructor(max: number = limits.maxSyncPermits) {
    this.#max = max;
    this.#allowed = max;
  }

  get given(): number {
    return this.#given.size;
  }

  get allowed(): number {
    return this.#allowed;
  }

  /** Whether anybody sends, or waits for it: only then the registry's pace is of interest. */
  get isIdle(): boolean {
    return this.#given.size === 0 && this.#waiting.size === 0;
  }

  ask(session: number, nowMs: number): Permission {
    this.#lapse(nowMs);
    if (this.#given.has(session) || this.#given.size < this.#allowed) {
      this.#waiting.delete(session);
      this.#given.delete(session);
      this.#given.set(session, nowMs);
      return { isGiven: true };
    }
    this.#waiting.delete(session);
    this.#waiting.set(session, nowMs);
    const rounds = Math.ceil(this.#waiting.size / this.#allowed);
    const waitMs = Math.max(limits.minSyncRetryMs, rounds * this.#meanHoldMs);
    return { isGiven: false, retryAfterMs: Math.round(Math.min(limits.maxSyncRetryMs, waitMs)) };
  }

  release(session: number, nowMs: number): void {
    const sinceMs = this.#given.get(session);
    this.#waiting.delete(session);
    if (!this.#given.delete(session) || sinceMs === undefined) return;
    this.#meanHoldMs += (nowMs - sinceMs - this.#meanHoldMs) / 8;
  }

  /** A write has waited so long for those before it; Infinity: it was refused. */
  waited(ms: number): void {
    if (ms > limits.registryWaitTargetMs)
      this.#allowed = Math.max(limits.minSyncPermits, Math.floor(this.#allowed * 0.7));
    else if (ms < limits.registryWaitTargetMs / 2)
      this.#allowed = Math.min(this.#max, this.#allowed + limits.minSyncPermits);
  }

  #lapse(nowMs: number): void {
    for (const [session, sinceMs] of this.#given) {
      if (nowMs - sinceMs < limits.syncPermitLeaseMs) break;
      this.#given.delete(session);
    }
    for (const [session, sinceMs] of this.#waiting) {
      if (nowMs - sinceMs < 2 * limits.maxSyncRetryMs) break;
      this.#waiting.delete(session);
    }
  }
}
