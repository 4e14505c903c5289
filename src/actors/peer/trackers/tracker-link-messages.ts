/** What a link to one tracker is given, told and tells. */
import type { EngineEvent, TrackerAddress, TrackerView } from '../../../core/engine/engine-api.ts';
import type { ContentId, PeerId } from '../../../core/ids.ts';
import type { Result } from '../../../core/result.ts';
import type { NeighbourTracker } from '../../../core/tracker/neighbours.ts';
import type { TlsOptions } from '../../../identity/tls.ts';
import type { ActorRef, Clock, Outcome } from '../../runtime/index.ts';
import type { CallOfPeer } from '../sessions/callers.ts';
import type { LibraryCommand } from '../library/library-messages.ts';
import type { KnownCatalogue } from './tracker-catalogues.ts';
import type { TrackerDial } from './tracker-dial.ts';
import type { LinkQuestion } from './tracker-exchange.ts';
import type { LineMessage } from './tracker-line.ts';
import type { FeedMessage } from './tracker-share-feed.ts';
import type { FoundSources } from './trackers-messages.ts';

/** What a link tells the actor of all trackers. */
export type LinkNews =
  /** Which other trackers have the same catalogue, of those that may be dialled. */
  | {
      readonly type: 'neighbours';
      readonly of: TrackerAddress;
      readonly neighbours: readonly NeighbourTracker[];
    }
  | { readonly type: 'tracker-changed'; readonly view: TrackerView }
  /** Somebody came to what we have joined, and perhaps to what we have left by now. */
  | { readonly type: 'newcomers'; readonly contents: readonly FoundSources[] }
  /** Somebody wants to be dialled by us. */
  | ({ readonly type: 'called' } & CallOfPeer);

export interface TrackerLinkArgs {
  /** The first that was named: what the catalogue is called. */
  readonly address: TrackerAddress;
  readonly catalogue: KnownCatalogue;
  readonly own: PeerId;
  /** Where the keys of known trackers are kept. */
  readonly home: string;
  readonly tls: TlsOptions;
  /** Empty for a guest. */
  readonly name: string;
  /** Our program and its version. */
  readonly agent: string;
  /** What we share; undefined for a guest. */
  readonly library: ActorRef<LibraryCommand> | undefined;
  /** The port we serve at, once there is one; 0 for a guest. */
  readonly door: { readonly port: number | undefined };
  /** The same, and where a guest serves what it is downloading. */
  readonly reach: { readonly port: number | undefined };
  readonly owner: ActorRef<LinkNews>;
  readonly observer: ActorRef<EngineEvent>;
  readonly clock: Clock;
  /** Milliseconds since 1970. */
  readonly wallMs: () => number;
  readonly random: () => number;
}

export type TrackerLinkCommand =
  | LinkQuestion
  | { readonly type: 'serving' }
  /** Somebody looks at how we are: what changes without our doing is asked anew, and told when it has come. */
  | { readonly type: 'look' }
  /** Another link is at this catalogue. */
  | { readonly type: 'end' }
  /** Another link was to a tracker of the same catalogue, and is no more: what is named has grown, come in anew. */
  | { readonly type: 'merged' }
  /** We download these no more. */
  | { readonly type: 'leave'; readonly ids: readonly ContentId[] };

/** What a link's mailbox takes, its own news included. */
export type LinkMessage =
  | TrackerLinkCommand
  | FeedMessage
  | LineMessage
  | { readonly type: 'proven'; readonly outcome: Outcome<Result<PeerId>>; readonly attempt: TrackerDial }
  | { readonly type: 'retry' | 'move' | 'share-overdue' | 'count' }
  | { readonly type: 'overdue'; readonly requestId: number };
