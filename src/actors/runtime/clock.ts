/** Time as an input: the system's clock here, a manual one in `testing.ts`. */

export interface Clock {
  /** Milliseconds, monotonic, of no particular origin. */
  now(): number;
  /** Calls back once after `ms`, or after 24 days if that is sooner; the function returned takes it back. */
  after(ms: number, callback: () => void): () => void;
}

/** Longer timers of Node fire at once. */
const maxTimerMs = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => performance.now(),
  after(ms, callback) {
    const timer = setTimeout(callback, Math.min(ms, maxTimerMs));
    return () => clearTimeout(timer);
  },
};
