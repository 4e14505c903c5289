/**
 * How fast bytes come, as one number that neither jumps nor lags: an exponentially decaying average whose start
 * is corrected, so that it is right from the first second on. What is added is taken to have come evenly since what
 * was added before: counted at the instant it is told of, a portion for each span T would be read T / 2 windows too
 * high. Invariant: it forgets by time, never by calls, and is nothing once nothing has come for long.
 */
import { rateSilenceMs, rateWindowMs } from './limits.ts';

/** Below this age a rate is reckoned as if this much time had passed: one burst is not a speed. */
const minAgeMs = 50;

export class RateMeter {
  readonly #windowMs: number;
  #startMs: number;
  #weighted = 0;
  #atMs: number;
  /** Up to when all is added that came. */
  #toldMs: number;
  /** When something last came. */
  #cameMs: number;

  constructor(nowMs: number, windowMs: number = rateWindowMs) {
    this.#windowMs = windowMs;
    this.#startMs = nowMs;
    this.#atMs = nowMs;
    this.#toldMs = nowMs;
    this.#cameMs = nowMs;
  }

  /** Counts bytes that came since the last time; 0 says that nothing did. Time that runs backwards counts as none. */
  add(bytes: number, nowMs: number): void {
    this.#decayTo(nowMs);
    const windows = (this.#atMs - this.#toldMs) / this.#windowMs;
    this.#weighted += windows > 0 ? (bytes * -Math.expm1(-windows)) / windows : bytes;
    this.#toldMs = this.#atMs;
    if (bytes > 0) this.#cameMs = this.#atMs;
  }

  /** Nothing after a silence of `rateSilenceMs`: what comes then starts anew. */
  bytesPerSecond(nowMs: number): number {
    this.#decayTo(nowMs);
    if (this.#atMs - this.#cameMs >= rateSilenceMs) this.#restart();
    const ageMs = Math.max(this.#atMs - this.#startMs, minAgeMs);
    return (this.#weighted * 1000) / (this.#windowMs * -Math.expm1(-ageMs / this.#windowMs));
  }

  /** An average never comes to nothing by itself, and how long there was nothing says nothing of what comes next. */
  #restart(): void {
    this.#weighted = 0;
    this.#startMs = this.#atMs;
    this.#toldMs = this.#atMs;
  }

  #decayTo(nowMs: number): void {
    if (nowMs <= this.#atMs) return;
    this.#weighted *= Math.exp((this.#atMs - nowMs) / this.#windowMs);
    this.#atMs = nowMs;
  }
}
