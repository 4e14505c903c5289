/**
 * How fast bytes come, as one number that neither jumps nor lags: an exponentially decaying average whose start
 * is corrected, so that it is right from the first second on. Invariant: it forgets by time, never by calls.
 */
import { rateWindowMs } from './limits.ts';

/** Below this age a rate is reckoned as if this much time had passed: one burst is not a speed. */
const minAgeMs = 50;

export class RateMeter {
  readonly #windowMs: number;
  readonly #startMs: number;
  #weighted = 0;
  #atMs: number;

  constructor(nowMs: number, windowMs: number = rateWindowMs) {
    this.#windowMs = windowMs;
    this.#startMs = nowMs;
    this.#atMs = nowMs;
  }

  /** Counts bytes that came now. Time that runs backwards counts as none. */
  add(bytes: number, nowMs: number): void {
    this.#decayTo(nowMs);
    this.#weighted += bytes;
  }

  bytesPerSecond(nowMs: number): number {
    this.#decayTo(nowMs);
    const ageMs = Math.max(this.#atMs - this.#startMs, minAgeMs);
    return (this.#weighted * 1000) / (this.#windowMs * -Math.expm1(-ageMs / this.#windowMs));
  }

  #decayTo(nowMs: number): void {
    if (nowMs <= this.#atMs) return;
    this.#weighted *= Math.exp((this.#atMs - nowMs) / this.#windowMs);
    this.#atMs = nowMs;
  }
}
