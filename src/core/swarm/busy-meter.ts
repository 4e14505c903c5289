/**
 * How fast a source is while it has something to do: its pauses for want of work are no fault of its own.
 * Invariant: time counts exactly while it is busy.
 */
import { RateMeter } from '../rates/rate-meter.ts';

export class BusyMeter {
  readonly #meter = new RateMeter(0);
  #busyMs = 0;
  #isBusy = false;
  #seenMs: number;

  constructor(nowMs: number) {
    this.#seenMs = nowMs;
  }

  /** It has work from now on, or none. */
  set(isBusy: boolean, nowMs: number): void {
    this.#advance(nowMs);
    this.#isBusy = isBusy;
  }

  add(bytes: number, nowMs: number): void {
    this.#advance(nowMs);
    this.#meter.add(bytes, this.#busyMs);
  }

  bytesPerSecond(nowMs: number): number {
    this.#advance(nowMs);
    return this.#meter.bytesPerSecond(this.#busyMs);
  }

  #advance(nowMs: number): void {
    const passedMs = nowMs - this.#seenMs;
    if (passedMs <= 0) return;
    if (this.#isBusy) this.#busyMs += passedMs;
    this.#seenMs = nowMs;
  }
}
