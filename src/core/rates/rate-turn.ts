/**
 * The wait of one connection for its turn under several limits, one after the other: first the narrow one, of its
 * transfer, then that of all. Invariant: at most one booking is open, so a connection that waits at one limit
 * takes nothing from those who wait at the next.
 */
import {
  fastRateBytesPerSecond,
  fastRateQuantumMs,
  maxRateQuantumBytes,
  minRateQuantumBytes,
  rateLookMs,
  rateQuantumMs,
} from '../limits/pipelining.ts';
import type { Rate } from './shared-rate.ts';

export class RateTurn {
  readonly #rates: readonly Rate[];
  #bytes = 0;
  /** Which of the limits it waits at. */
  #at = 0;
  #bookedAt = 0;
  #dueUs = 0;

  constructor(rates: readonly Rate[]) {
    this.#rates = rates;
  }

  /** The most that should be moved in one turn, for it to be smooth; no bound without a limit. */
  get quantumBytes(): number {
    let quantum = Infinity;
    for (const { bytesPerSecond } of this.#rates)
      if (bytesPerSecond > 0) quantum = Math.min(quantum, portionOf(bytesPerSecond));
    if (quantum === Infinity) return quantum;
    return Math.floor(Math.min(Math.max(quantum, minRateQuantumBytes), maxRateQuantumBytes));
  }

  /** Gets in line with `bytes`, at the first limit. */
  begin(bytes: number, nowUs: number): void {
    this.#bytes = bytes;
    this.#at = 0;
    this.#book(nowUs);
  }

  /** 0 when its turn has come at every limit, else for how many milliseconds to wait before asking again. */
  waitMs(nowUs: number): number {
    for (let rate = this.#rates[this.#at]; rate; rate = this.#rates[this.#at]) {
      if (rate.bytesPerSecond !== this.#bookedAt) this.#book(nowUs);
      // A limit may change meanwhile, so nobody sleeps long.
      if (this.#dueUs > nowUs) return Math.min(Math.ceil((this.#dueUs - nowUs) / 1000), rateLookMs);
      this.#at += 1;
      this.#book(nowUs);
    }
    return 0;
  }

  #book(nowUs: number): void {
    const rate = this.#rates[this.#at];
    if (!rate) return;
    this.#bookedAt = rate.bytesPerSecond;
    this.#dueUs = rate.book(this.#bytes, nowUs);
  }
}

function portionOf(bytesPerSecond: number): number {
  const ms = bytesPerSecond < fastRateBytesPerSecond ? rateQuantumMs : fastRateQuantumMs;
  return (bytesPerSecond * ms) / 1000;
}
