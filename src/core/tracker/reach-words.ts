/** What people are told of whether others get through to them. Pure. */
import type { Reach, TrackerView } from '../engine/engine-views.ts';
import { hostPort } from '../host.ts';

/**
 * How we stand as far as any tracker has said: that one got through to us counts more than that another did not.
 * Undefined while none has said.
 */
export function reachOf(trackers: readonly Pick<TrackerView, 'reach'>[]): Reach | undefined {
  const known = trackers.flatMap(({ reach }) => reach ?? []);
  return known.find(({ isReachable }) => isReachable) ?? known[0];
}

/** One sentence without its full stop, with what to do. */
export function reachWords(reach: Reach): string {
  const { isReachable, port } = reach;
  const address = hostPort(reach);
  if (isReachable) return `Others can reach you at ${address}`;
  return (
    `Others cannot reach you at ${address}: open or forward port ${port}, ` +
    'or only those who can be reached themselves get files from you'
  );
}
