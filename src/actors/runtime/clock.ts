/** Time as an input: the system's clock here, a manual one in `testing.ts`. */

export interface Clock {
  /** Milliseconds, monotonic, of no particular origin. */
  now(): number;
  /** Calls back once after `ms`; the function returned takes it back. */
  after(ms: number, callback: () => void): () => void;
}

export const systemClock: Clock = {
  now: () => performance.now(),
  after(ms, callback) {
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  },
};
