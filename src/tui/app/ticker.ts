/**
 * When the model is looked at: soon after something has changed, at the pace the terminal stands, and never when
 * nothing has. Invariant: at most one timer; with nothing changing and nothing to expire there is none.
 */
import type { Pace } from './pace.ts';
import type { TuiClock } from './ports.ts';

export class Ticker {
  readonly #clock: TuiClock;
  readonly #pace: Pace;
  readonly #tick: () => void;
  #cancel: (() => void) | undefined;
  #dueMs = Infinity;
  #lastMs = -Infinity;
  #stopped = false;

  /** `tick` looks at the model and draws; it says by `wakeAt` and `soon` when it wants to be called again. */
  constructor(clock: TuiClock, pace: Pace, tick: () => void) {
    this.#clock = clock;
    this.#pace = pace;
    this.#tick = tick;
  }

  /** Something has changed: a tick comes, no sooner than the pace allows. */
  soon(): void {
    this.wakeAt(this.#lastMs + this.#pace.intervalMs(this.#clock.now()));
  }

  /** A tick comes at this time at the latest. */
  wakeAt(atMs: number): void {
    if (this.#stopped || atMs >= this.#dueMs) return;
    this.#cancel?.();
    this.#dueMs = atMs;
    this.#cancel = this.#clock.after(Math.max(0, atMs - this.#clock.now()), () => this.#fire());
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel?.();
    this.#cancel = undefined;
  }

  /** Lets a stopped one go on, as after a suspension. */
  restart(): void {
    this.#stopped = false;
    this.#dueMs = Infinity;
    this.soon();
  }

  #fire(): void {
    this.#cancel = undefined;
    this.#dueMs = Infinity;
    this.#lastMs = this.#clock.now();
    this.#tick();
  }
}
