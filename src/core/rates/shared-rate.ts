/**
 * A rate limit that several threads keep together, without a lock: who wants to move bytes books them and is told
 * when its turn is ("virtual scheduling" of the ATM Forum's GCRA), so turns come in the order of the bookings and
 * nobody who asks in small portions is passed over. Invariant: in any span no more turns come than rate times
 * span, plus what is made up for (`rateCatchUpMs`) and one booking.
 */
import { rateBurstMs, rateCatchUpMs } from '../limits/pipelining.ts';

/** What bytes are booked at, before or after they are moved. */
export interface Rate {
  /** 0 = unlimited. */
  readonly bytesPerSecond: number;
  /**
   * Books `bytes` and gives when their turn is. A booking made at another `bytesPerSecond` than the present one
   * counts no more and is to be made again. `nowUs`: microseconds of a clock that all threads share.
   */
  book(bytes: number, nowUs: number): number;
}

/** A rate that is known only later, and unlimited until then. */
export class LaterRate implements Rate {
  #rate: Rate | undefined;

  follow(rate: Rate): void {
    this.#rate = rate;
  }

  get bytesPerSecond(): number {
    return this.#rate?.bytesPerSecond ?? 0;
  }

  book(bytes: number, nowUs: number): number {
    return this.#rate?.book(bytes, nowUs) ?? nowUs;
  }
}

/** Memory that one rate takes. */
export const sharedRateBytes = 16;
const maxBytesPerSecond = 2 ** 32 - 1;
const burstUs = BigInt(rateBurstMs * 1000);
const catchUpUs = BigInt(rateCatchUpMs * 1000);

export class SharedRate implements Rate {
  /** What other threads are given; they make their own `SharedRate` of it. */
  readonly shared: SharedArrayBuffer;
  readonly #rate: Uint32Array;
  /** The time until which everything is booked, in microseconds. */
  readonly #bookedUntil: BigInt64Array;

  /** `offset`: where in the shared memory, a multiple of 8. */
  constructor(shared: SharedArrayBuffer = new SharedArrayBuffer(sharedRateBytes), offset = 0) {
    this.shared = shared;
    this.#rate = new Uint32Array(shared, offset, 1);
    this.#bookedUntil = new BigInt64Array(shared, offset + 8, 1);
  }

  /** Sets the rate for everybody who shares it, from now on: what was booked at another rate counts no more. */
  setRate(bytesPerSecond: number): void {
    const rate = Math.min(Math.max(0, Math.floor(bytesPerSecond)), maxBytesPerSecond);
    if (Atomics.exchange(this.#rate, 0, rate) !== rate) Atomics.store(this.#bookedUntil, 0, 0n);
  }

  get bytesPerSecond(): number {
    return Atomics.load(this.#rate, 0);
  }

  book(bytes: number, nowUs: number): number {
    const rate = this.bytesPerSecond;
    if (rate === 0) return nowUs;
    const costUs = BigInt(Math.round((bytes * 1e6) / rate));
    const now = BigInt(Math.floor(nowUs));
    for (;;) {
      const bookedUntil = Atomics.load(this.#bookedUntil, 0);
      // Who is late, as timers and disks are, loses nothing; who paused begins anew.
      const start = bookedUntil > now - catchUpUs ? bookedUntil : now - burstUs;
      if (Atomics.compareExchange(this.#bookedUntil, 0, bookedUntil, start + costUs) === bookedUntil)
        return Number(start);
    }
  }

  /** How long it is until everything that is booked has had its turn. */
  aheadMs(nowUs: number): number {
    if (this.bytesPerSecond === 0) return 0;
    return Math.max(0, (Number(Atomics.load(this.#bookedUntil, 0)) - nowUs) / 1000);
  }
}
