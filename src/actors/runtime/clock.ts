/** Time as an input: the system's clock here, a manual one in `testing.ts`. */

export interface Clock {
  /** Milliseconds, monotonic, of no particular origin; the system's is the same on all threads of the process. */
  now(): number;
  /** Calls back once after `ms`, or after 24 days if that is sooner; the function returned takes it back. */
  after(ms: number, callback: () => void): () => void;
}

/** Longer timers of Node fire at once. */
const maxTimerMs = 2 ** 31 - 1;

/** `performance.now` counts from the start of its thread, by the clock that this one reads. */
const threadStartMs = Number(process.hrtime.bigint()) / 1e6 - performance.now();

export const systemClock: Clock = {
  now: () => threadStartMs + performance.now(),
  after(ms, callback) {
    const timer = setTimeout(callback, Math.min(ms, maxTimerMs));
    return () => clearTimeout(timer);
  },
};
