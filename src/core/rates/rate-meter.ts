/**
 * How fast bytes come, as one number that neither jumps nor lags: an exponentially decaying average whose start
 * is corrected, so that it is right from the first second on. What is added is taken to have come evenly since what
 * was added before: counted at the instant it is told of, a portion for each span T would be read T / 2 windows too
 * high. Invariant: it forgets by time, never by calls, and is nothing once nothing has come for long.
 */
import { rateSilenceMs, rateWindowMs } from '../limits/pipelining.ts';

/** Below this age a rate is reckoned as if this much time had passed: one burst is not a speed. */
const minAgeMs = 50;
/** The next portion is not late before this many times the span between the last two. */
const latenessSpans = 1.5;

export class RateMeter {
  readonly #windowMs: number;
  #startMs: number;
  /** As it was at `#toldMs`. */
  #weighted = 0;
  /** Up to when all is added that came. */
  #toldMs: number;
  /** When something last came, and over how long that was spread. */
  #cameMs: number;
  #spanMs = 0;

  constructor(nowMs: number, windowMs: number = rateWindowMs) {
    this.#windowMs = windowMs;
    this.#startMs = nowMs;
    this.#toldMs = nowMs;
    this.#cameMs = nowMs;
  }

  /** Counts bytes that came since the last time; 0 says that nothing did. Time that runs backwards counts as none. */
  add(bytes: number, nowMs: number): void {
    const spanMs = Math.max(0, nowMs - this.#toldMs);
    const windows = spanMs / this.#windowMs;
    const spread = windows > 0 ? -Math.expm1(-windows) / windows : 1;
    this.#weighted = this.#weighted * Math.exp(-windows) + bytes * spread;
    this.#toldMs += spanMs;
    if (bytes === 0) return;
    this.#cameMs = this.#toldMs;
    if (spanMs > 0) this.#spanMs = spanMs;
  }

  /** As it was told last until the next portion is late; nothing after `rateSilenceMs`, and then it starts anew. */
  bytesPerSecond(nowMs: number): number {
    if (nowMs - this.#cameMs >= rateSilenceMs) this.#restart(nowMs);
    const lateMs = Math.max(0, nowMs - this.#toldMs - latenessSpans * this.#spanMs);
    const ageMs = Math.max(this.#toldMs + lateMs - this.#startMs, minAgeMs);
    const weighted = this.#weighted * Math.exp(-lateMs / this.#windowMs);
    return (weighted * 1000) / (this.#windowMs * -Math.expm1(-ageMs / this.#windowMs));
  }

  /** An average never comes to nothing by itself, and how long there was nothing says nothing of what comes next. */
  #restart(nowMs: number): void {
    this.#weighted = 0;
    this.#startMs = nowMs;
    this.#toldMs = nowMs;
    this.#spanMs = 0;
  }
}
