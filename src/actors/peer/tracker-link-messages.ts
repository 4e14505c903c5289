/** What a link to one tracker is given, told and tells, and the problems that are its own. */
import type { EngineEvent, TrackerAddress, TrackerView } from '../../core/engine-api.ts';
import { hostPort } from '../../core/host.ts';
import type { ContentId, PeerId } from '../../core/ids.ts';
import type { Problem, Result } from '../../core/result.ts';
import type { NeighbourTracker } from '../../core/neighbours.ts';
import { displayName } from '../../core/safe-name.ts';
import type { TlsOptions } from '../../identity/tls.ts';
import type { ActorRef, Clock, Outcome } from '../runtime/index.ts';
import type { CallOfPeer } from './callers.ts';
import type { LibraryCommand } from './library-messages.ts';
import type { KnownCatalogue } from './tracker-catalogues.ts';
import type { LinkQuestion } from './tracker-exchange.ts';
import type { LineMessage } from './tracker-line.ts';
import type { FeedMessage } from './tracker-share-feed.ts';
import type { Acknowledged } from './tracker-share.ts';
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
  | { readonly type: 'proven'; readonly outcome: Outcome<Result<PeerId>> }
  | { readonly type: 'retry' | 'move' | 'share-overdue' | 'count' }
  | { readonly type: 'overdue'; readonly requestId: number };

/** Another peer has come with our key. */
export const replaced: Problem = {
  code: 'closed',
  message:
    'This profile was started a second time and has taken our place at the tracker: stop one of the two, ' +
    'or give each a home of its own (--home)',
};

/** Why not all of our share is known there, with one file that is not; undefined when all is. */
export function withheld({ withheldFiles, firstWithheld: first }: Acknowledged): Problem | undefined {
  if (withheldFiles === 0) return undefined;
  const which = first === undefined ? '' : `, such as ${displayName(first.path)}: ${reasonOf(first.code)}`;
  return { code: 'limit', message: `The tracker did not take ${withheldFiles} of our files${which}` };
}

/**
 * That our share is larger than it would like, though all of it is known there. The same text however many files there
 * are, so that who tells people what is new says it once and not while the share grows.
 */
export function crowded({ files, usualFiles = Infinity }: Acknowledged): Problem | undefined {
  if (files <= usualFiles) return undefined;
  const message =
    `The tracker lists all of our files, but would rather have no more than ${usualFiles} of one peer: ` +
    'share fewer, or archives in place of many small files';
  return { code: 'limit', message };
}

function reasonOf(code: string): string {
  if (code === 'unauthorised') return 'its operator does not let this be listed';
  if (code === 'bad-name') return 'its name or folder cannot be listed';
  if (code === 'limit') return 'it lists no more files of one peer';
  return displayName(code);
}

/** The connection has ended, by what the tracker said last or without a word. */
export function goneProblem(address: TrackerAddress, reason = 'it closed the connection'): Problem {
  const message = `The tracker at ${hostPort(address)} is gone: ${displayName(reason)}`;
  return { code: 'unreachable', message };
}

export const passesOnNoCalls: Problem = {
  code: 'version',
  message: 'The tracker cannot pass on calls now',
};

export function lateProblem(address: TrackerAddress): Problem {
  const message = `The tracker at ${hostPort(address)} did not answer in time; try again later`;
  return { code: 'timeout', message };
}
