/** Waiting with an end to it. */
import type { Clock } from './clock.ts';

/** True when `promise` settled within `ms`, in whatever way; false when it did not. */
export function settlesWithin(clock: Clock, ms: number, promise: Promise<unknown>): Promise<boolean> {
  return new Promise((resolve) => {
    const cancel = clock.after(ms, () => resolve(false));
    const settled = (): void => {
      cancel();
      resolve(true);
    };
    promise.then(settled, settled);
  });
}
