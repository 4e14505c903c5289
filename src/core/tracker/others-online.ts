/** How many others are online, for people. Pure. Invariant: we are not counted among them. */
import type { TrackerView } from '../engine/engine-views.ts';

/** As a tracker last said; it counts those who are registered, so us as well while we are. Undefined: it has not said. */
export function othersAt({ peers, state }: Pick<TrackerView, 'peers' | 'state'>): number | undefined {
  if (peers === undefined) return undefined;
  return state === 'registered' || state === 'syncing' ? Math.max(0, peers - 1) : peers;
}

/** The most that any tracker knows of: several may know the same. Undefined while none has said. */
export function othersOnline(trackers: readonly Pick<TrackerView, 'peers' | 'state'>[]): number | undefined {
  const counts = trackers.flatMap((tracker) => othersAt(tracker) ?? []);
  return counts.length === 0 ? undefined : Math.max(...counts);
}
