/** What a connection can be told by others: plain data, as they may be on other threads. */
import type { NeighbourTracker } from '../../core/tracker/neighbours.ts';
import type { Problem } from '../../core/result.ts';
import type { TrackerMessageNamed } from '../../protocol/tracker-messages.ts';
import type { Newcomers } from './swarms.ts';

/** Why a connection is told to end. */
export type Farewell = 'replaced' | 'silent' | 'lost' | 'crowded' | 'denied';

/** What the peer is told of it. */
export const farewells: Readonly<Record<Farewell, Problem>> = {
  replaced: {
    code: 'closed',
    message: 'Another connection with the same key has taken the place of this one',
  },
  silent: { code: 'closed', message: 'Nothing was heard for too long' },
  crowded: { code: 'closed', message: 'Too many others are coming in; try again later' },
  denied: { code: 'unauthorised', message: 'This tracker does not serve you' },
  lost: { code: 'closed', message: 'The tracker has lost what you share; connect again' },
};

/** Whether it can be reached, and who wants it to dial: for who understands that. */
export type Reaching = TrackerMessageNamed<'reach'> | TrackerMessageNamed<'called'>;

export type ConnectionCommand =
  | { readonly type: 'close'; readonly why: Farewell }
  /** Who is denied has changed. */
  | { readonly type: 'terms' }
  | Newcomers
  | Reaching
  /** What is kept of shares may lack something: to be compared, for who understands that. */
  | TrackerMessageNamed<'compare'>
  | Elsewhere;

/** Which other trackers there are, or that it is time to go to one: for who understands that. */
export type Elsewhere =
  | { readonly type: 'trackers'; readonly trackers: readonly NeighbourTracker[] }
  | {
      readonly type: 'redirect';
      readonly trackers: readonly NeighbourTracker[];
      readonly withinMs: number;
    };
