/**
 * Steps of a disk that may hang, such as that of another machine: nobody waits for one longer than it is worth.
 * Invariant: what is not waited for any more goes on by itself, and closes and removes what it has made.
 */

/** A step that gets nowhere. */
export class DiskHangs extends Error {}

const leftBehind = new Set<Promise<unknown>>();
let hanging = 0;

/**
 * Whether a step that has got nowhere is still under way on this thread. Each takes one of the few threads by which all
 * files of the program are read: where one hangs, others are not begun.
 */
export function isAnyHanging(): boolean {
  return hanging > 0;
}

/** Settles when none is under way of those that nobody waits for now. */
export async function allBack(): Promise<void> {
  await Promise.allSettled(leftBehind);
}

export interface Waiting {
  /** Nobody waits any more once it is aborted. */
  readonly signal?: AbortSignal | undefined;
  /** For a sign of life; undefined: as long as it takes. */
  readonly timeoutMs?: number | undefined;
}

/**
 * Settles as `step` does, which is to end soon after its signal is aborted and to clean up after itself then; it calls
 * `moved` when it gets on. Rejects as soon as `signal` is aborted, and with `DiskHangs` when the time is over.
 */
export async function orLeaveBehind<T>(
  { signal, timeoutMs }: Waiting,
  step: (left: AbortSignal, moved: () => void) => Promise<T>,
): Promise<T> {
  signal?.throwIfAborted();
  const leaving = new AbortController();
  const left = Promise.withResolvers<never>();
  const leave = (reason: unknown): void => {
    leaving.abort(reason);
    left.reject(reason);
  };
  const leaveAsAsked = (): void => leave(signal?.reason);
  const hangs = (): void => leave(new DiskHangs('The disk does not answer'));
  const timer = timeoutMs === undefined ? undefined : setTimeout(hangs, timeoutMs);
  signal?.addEventListener('abort', leaveAsAsked, { once: true });
  const stepping = step(leaving.signal, () => timer?.refresh());
  try {
    return await Promise.race([stepping, left.promise]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', leaveAsAsked);
    if (leaving.signal.aborted) noteLeft(stepping, leaving.signal.reason instanceof DiskHangs);
  }
}

function noteLeft(stepping: Promise<unknown>, hangs: boolean): void {
  leftBehind.add(stepping);
  if (hangs) hanging += 1;
  const isBack = (): void => {
    leftBehind.delete(stepping);
    if (hangs) hanging -= 1;
  };
  stepping.then(isBack, isBack);
}
