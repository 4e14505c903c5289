/**
 * A rate limit that several threads keep together: two shared words, the rate and the time until which it is
 * used up ("virtual scheduling" of the ATM Forum's GCRA). Invariant: in any span no more is granted than rate
 * times span, plus the burst and one request.
 */
import { rateBurstMs } from './limits.ts';

const rateWord = 0;
const usedUntilWord = 1;

export class SharedRate {
  /** What other threads are given; they make their own `SharedRate` of it. */
  readonly shared: SharedArrayBuffer;
  readonly #words: BigInt64Array;

  constructor(shared: SharedArrayBuffer = new SharedArrayBuffer(16)) {
    this.shared = shared;
    this.#words = new BigInt64Array(shared);
  }

  /** Sets the rate for everybody who shares this bucket, from the next request on; 0 = unlimited. */
  setRate(bytesPerSecond: number): void {
    Atomics.store(this.#words, rateWord, BigInt(Math.floor(bytesPerSecond)));
  }

  /** 0 = unlimited. */
  get bytesPerSecond(): number {
    return Number(Atomics.load(this.#words, rateWord));
  }

  /**
   * Takes leave for `bytes` and returns 0, or takes nothing and returns for how many milliseconds to wait.
   * `nowUs`: microseconds of a clock that all threads share, such as `process.hrtime`.
   */
  take(bytes: number, nowUs: number): number {
    const rate = this.bytesPerSecond;
    if (rate <= 0) return 0;
    const costUs = BigInt(Math.ceil((bytes * 1e6) / rate));
    const now = BigInt(Math.floor(nowUs));
    for (;;) {
      const usedUntil = Atomics.load(this.#words, usedUntilWord);
      const aheadUs = Number(usedUntil - now);
      if (aheadUs > rateBurstMs * 1000) return Math.ceil(aheadUs / 1000 - rateBurstMs);
      const next = (usedUntil > now ? usedUntil : now) + costUs;
      if (Atomics.compareExchange(this.#words, usedUntilWord, usedUntil, next) === usedUntil) return 0;
    }
  }
}
