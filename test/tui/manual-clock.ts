/** Time that goes on when it is told to. */
import type { TuiClock } from '../../src/tui/app/ports.ts';

interface Timer {
  readonly atMs: number;
  readonly callback: () => void;
}

export class ManualClock implements TuiClock {
  #nowMs = 1_000;
  readonly #timers = new Set<Timer>();
  readonly #soon: (() => void)[] = [];
  readonly #startMs: number;

  /** `wallMs`: the time of day at the start. */
  constructor(wallMs = Date.UTC(2026, 0, 2, 3, 4, 5)) {
    this.#startMs = wallMs - this.#nowMs;
  }

  readonly now = (): number => this.#nowMs;
  readonly wall = (): number => this.#startMs + this.#nowMs;

  after(delayMs: number, callback: () => void): () => void {
    const timer = { atMs: this.#nowMs + delayMs, callback };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  soon(callback: () => void): void {
    this.#soon.push(callback);
  }

  get timers(): number {
    return this.#timers.size;
  }

  /** Runs what was to be run soon, until nothing is left. */
  settle(): void {
    for (let callback = this.#soon.shift(); callback; callback = this.#soon.shift()) callback();
  }

  /** Lets time pass; timers fire in their order, each at its own time. */
  advance(byMs: number): void {
    const untilMs = this.#nowMs + byMs;
    for (;;) {
      this.settle();
      const [next] = [...this.#timers]
        .filter(({ atMs }) => atMs <= untilMs)
        .toSorted((a, b) => a.atMs - b.atMs);
      if (next === undefined) break;
      this.#timers.delete(next);
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      next.callback();
    }
    this.#nowMs = untilMs;
  }
}
