/**
 * How trackers that share one catalogue learn of each other: by its store, which they all have. Types only.
 * Invariant of every directory: a tracker that has stopped announcing itself is in nobody's answer once its lease
 * is over, by the store's clock, so that the clocks of the trackers need not agree.
 */
import type { PeerId } from '../core/ids.ts';
import type { NeighbourTracker } from '../core/tracker/neighbours.ts';

export type { NeighbourTracker } from '../core/tracker/neighbours.ts';

/**
 * Of a store that several trackers may have open. Such a store knows by which of them each peer was attached last:
 * `detach` of another than that changes nothing, so that a peer may move before its old tracker has noticed; and
 * the peers of a tracker that has died are hidden by the others once its lease is over.
 */
export interface TrackerDirectory {
  /** Lists a tracker, or keeps it listed, for `leaseMs` from now, and gives the others whose leases hold. */
  announce(self: NeighbourTracker, leaseMs: number): Promise<readonly NeighbourTracker[]>;
  /** Takes a tracker off the list at once; one that is not on it is ignored. */
  withdraw(self: NeighbourTracker): Promise<void>;
  /**
   * Leaves a text for the tracker by which a peer is online, which another than this one must be: `absent` when there is
   * none, `full` when too many wait there already.
   */
  post(peer: PeerId, text: string): Promise<'posted' | 'absent' | 'full'>;
  /** What others have left here since the last time, the oldest first; what nobody fetches is thrown away. */
  collect(): Promise<readonly string[]>;
}
