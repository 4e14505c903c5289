/** What a link to one tracker is given, told and tells, and the problems that are its own. */
import type { EngineEvent, TrackerAddress, TrackerView } from '../../core/engine-api.ts';
import type { ContentId } from '../../core/ids.ts';
import type { Problem } from '../../core/result.ts';
import type { TlsOptions } from '../../identity/tls.ts';
import type { ActorRef, Clock } from '../runtime/index.ts';
import type { LibraryCommand } from './library-messages.ts';
import type { LinkQuestion } from './tracker-exchange.ts';
import type { FoundSources } from './trackers-messages.ts';

/** What a link tells the actor of all trackers. */
export type LinkNews =
  | { readonly type: 'tracker-changed'; readonly view: TrackerView }
  /** Somebody came to what we have joined, and perhaps to what we have left by now. */
  | { readonly type: 'newcomers'; readonly contents: readonly FoundSources[] };

export interface TrackerLinkArgs {
  readonly address: TrackerAddress;
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
  /** We download these no more. */
  | { readonly type: 'leave'; readonly ids: readonly ContentId[] };

/** Another peer has come with our key. */
export const replaced: Problem = {
  code: 'closed',
  message:
    'This profile was started a second time and has taken our place at the tracker: stop one of the two, ' +
    'or give each a home of its own (--home)',
};

/** Why not all of our share is known there; undefined when it is. */
export function withheld(files: number): Problem | undefined {
  if (files === 0) return undefined;
  return { code: 'limit', message: `The tracker did not take ${files} of our files` };
}
