/**
 * What a tracker says unasked about others, passed on to the actor of all trackers. Invariant: an address is passed on
 * only where it can be believed of the place that the tracker itself was reached at.
 */
import {
  credibleNeighbours,
  isCredibleHost,
  type NeighbourTracker,
} from '../../../core/tracker/neighbours.ts';
import type { TrackerMessageNamed } from '../../../protocol/tracker-messages.ts';
import { sourceOf } from './exchange.ts';
import { foundOf } from './tracker-exchange.ts';
import type { TrackerLine } from './tracker-line.ts';
import type { TrackerLinkArgs } from './tracker-link-messages.ts';
import type { TrackerRoute } from './tracker-route.ts';

export class TrackerNews {
  readonly #args: Pick<TrackerLinkArgs, 'address' | 'owner'>;
  readonly #route: TrackerRoute;

  constructor(args: Pick<TrackerLinkArgs, 'address' | 'owner'>, route: TrackerRoute) {
    this.#args = args;
    this.#route = route;
  }

  newcomers({ contents }: TrackerMessageNamed<'newcomers'>): void {
    this.#args.owner.tell({ type: 'newcomers', contents: contents.map(foundOf) });
  }

  called(at: TrackerLine, { caller, token }: TrackerMessageNamed<'called'>): void {
    if (isCredibleHost(caller.host, at.remoteHost))
      this.#args.owner.tell({ type: 'called', caller: sourceOf(caller), token });
  }

  trackers(at: TrackerLine, told: readonly NeighbourTracker[]): void {
    const { address, owner } = this.#args;
    const neighbours = this.#route.tell(credibleNeighbours(told, at.remoteHost));
    owner.tell({ type: 'neighbours', of: address, neighbours });
  }
}
