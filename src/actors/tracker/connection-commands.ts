/** What a connection can be told by others: plain data, as they may be on other threads. */
import type { NeighbourTracker } from '../../core/neighbours.ts';
import type { TrackerMessageNamed } from '../../protocol/tracker-messages.ts';
import type { Newcomers } from './swarms.ts';

/** Why a connection is told to end. */
export type Farewell = 'replaced' | 'silent' | 'lost' | 'crowded';

/** Whether it can be reached, and who wants it to dial: for who understands that. */
export type Reaching = TrackerMessageNamed<'reach'> | TrackerMessageNamed<'called'>;

export type ConnectionCommand =
  { readonly type: 'close'; readonly why: Farewell } | Newcomers | Reaching | Elsewhere;

/** Which other trackers there are, or that it is time to go to one: for who understands that. */
export type Elsewhere =
  | { readonly type: 'trackers'; readonly trackers: readonly NeighbourTracker[] }
  | {
      readonly type: 'redirect';
      readonly trackers: readonly NeighbourTracker[];
      readonly withinMs: number;
    };
