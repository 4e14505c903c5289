/**
 * How often the screen is drawn: ten times a second where that is cheap, five or two times where painting or
 * the terminal is slow, and two where nobody has pressed a key for a while. Pure but for what it is told.
 */
import {
  paceRecoveryMs,
  quietAfterMs,
  slowPaintMs,
  slowTickMs,
  slowWriteMs,
  slowestTickMs,
  tickMs,
  watchedPaints,
} from '../../core/limits/screen.ts';

const paces = [tickMs, slowTickMs, slowestTickMs] as const;

export class Pace {
  #step = 0;
  #slowSinceMs = -Infinity;
  #lastKeyMs: number;
  #paints: number[] = [];

  constructor(nowMs: number) {
    this.#lastKeyMs = nowMs;
  }

  /** Milliseconds from one look at the model to the next. */
  intervalMs(nowMs: number): number {
    if (this.#step > 0 && nowMs - this.#slowSinceMs > paceRecoveryMs) {
      this.#step -= 1;
      this.#slowSinceMs = nowMs;
    }
    if (nowMs - this.#lastKeyMs > quietAfterMs) return slowestTickMs;
    return paces[this.#step] ?? slowestTickMs;
  }

  keyPressed(nowMs: number): void {
    this.#lastKeyMs = nowMs;
  }

  /** A frame took so long to paint. One slow paint in twenty is a coincidence. */
  painted(renderMs: number, nowMs: number): void {
    this.#paints.push(renderMs);
    if (this.#paints.length < watchedPaints) return;
    const slow = this.#paints.filter((paint) => paint > slowPaintMs).length;
    this.#paints = [];
    if (slow > watchedPaints / 20) this.#slowDown(nowMs);
  }

  /** The terminal took so long to take what was written. */
  written(writeMs: number, nowMs: number): void {
    if (writeMs > slowWriteMs) this.#slowDown(nowMs);
  }

  #slowDown(nowMs: number): void {
    // What is slow is slow for more than one frame: a step a second is enough.
    if (nowMs - this.#slowSinceMs < 1000) return;
    this.#step = Math.min(paces.length - 1, this.#step + 1);
    this.#slowSinceMs = nowMs;
  }
}
