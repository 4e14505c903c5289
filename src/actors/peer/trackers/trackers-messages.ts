/** What the peer's side of its trackers may be asked and told. Plain data throughout. */
import type { PeerFindings, SearchFindings, SearchResult, Source } from '../../../core/catalogue.ts';
import type { TrackerView } from '../../../core/engine/engine-api.ts';
import type { ContentId, PeerId } from '../../../core/ids.ts';
import type { Result } from '../../../core/result.ts';
import type { ActorRef, Asking } from '../../runtime/index.ts';

/** Who has a content now. `sizeBytes` is what sources claim; undefined when nobody has it. */
export interface FoundSources {
  readonly id: ContentId;
  readonly sizeBytes: number | undefined;
  readonly sources: readonly Source[];
  /** Others who download it, and give what they have. */
  readonly partial: readonly Source[];
}

/** Told to who follows a content. */
export type SwarmNews =
  /** Somebody came to share it or to download it. */
  | { readonly type: 'came'; readonly found: FoundSources }
  /** A tracker is back that has forgotten who downloads what: ask again. */
  | { readonly type: 'seek' }
  /** Others get through to us from now on: who could not be reached can be called. */
  | { readonly type: 'reachable' };

/** A call has been passed on. */
export interface CallAnswer {
  /** Whether others get through to us, as far as that tracker knows. */
  readonly isReachable: boolean | undefined;
}

/** How far a search has come. */
export interface SearchProgress {
  /** What all that answered have found together; undefined as long as none has. */
  readonly results: readonly SearchResult[] | undefined;
  readonly trackers: { readonly asked: number; readonly answered: number };
}

/**
 * Answered by all trackers together: what at least one of them answers counts, and only when none does is there
 * a problem (`unreachable` with what to do, `timeout`, `key-changed`, `name-taken`, `bad-request`, …). A question
 * to a tracker that is not connected waits for the connection attempt under way, or starts one.
 */
export type TrackerQuestion =
  | ({
      readonly type: 'search';
      readonly query: string;
      /** Results of each catalogue at most. */
      readonly limit: number;
      /** What the page before gave: asks only those that had more. `bad-request` for one that is none. */
      readonly cursor?: string | undefined;
      /** Told whenever a tracker has answered, or failed to. */
      readonly progress?: ActorRef<SearchProgress>;
    } & Asking<Result<SearchFindings>>)
  /** Contents that somebody shares under exactly this file name. */
  | ({ readonly type: 'find-name'; readonly name: string } & Asking<Result<readonly SearchResult[]>>)
  /**
   * Contents by their ids, any number of them, without those that nobody shares now. A tracker that is older than this
   * question knows who has them, and leaves the name empty.
   */
  | ({ readonly type: 'find-contents'; readonly ids: readonly ContentId[] } & Asking<
      Result<readonly SearchResult[]>
    >)
  /** In the order asked; any number of ids. */
  | ({ readonly type: 'sources'; readonly ids: readonly ContentId[] } & Asking<
      Result<readonly FoundSources[]>
    >)
  /**
   * The same of one content for who downloads it: others are told, `isServed`: and given our address, as there is
   * something to give. `follower` is told of newcomers until `unfollow`. To be asked again now and then.
   */
  | ({
      readonly type: 'swarm';
      readonly id: ContentId;
      readonly isServed: boolean;
      readonly follower: ActorRef<SwarmNews>;
    } & Asking<Result<readonly FoundSources[]>>)
  | { readonly type: 'unfollow'; readonly id: ContentId; readonly follower: ActorRef<SwarmNews> }
  /** Everybody online, as far as they could be found. */
  | ({ readonly type: 'peers' } & Asking<Result<PeerFindings>>)
  /** By name or id; `not-found` when nobody of that kind is online. */
  | ({ readonly type: 'find-peer'; readonly peer: string } & Asking<Result<Source>>)
  /**
   * Has a peer told to dial us and to show the token. Problems: `not-found` (not online), `unreachable` (neither of us
   * can be reached), `version` (it cannot be called, or no tracker passes on calls).
   */
  | ({ readonly type: 'call'; readonly peer: PeerId; readonly token: Uint8Array } & Asking<
      Result<CallAnswer>
    >);

export type TrackersCommand =
  | TrackerQuestion
  /** We serve at this port: from now on a sharing peer registers. */
  | { readonly type: 'serving'; readonly port: number }
  | ({ readonly type: 'snapshot' } & Asking<readonly TrackerView[]>);
