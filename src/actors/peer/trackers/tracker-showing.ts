/**
 * What people are shown of one tracker. Invariant: a problem, and when the next attempt is, are shown only as long as
 * they are so, and what only a tracker that is there can know only as long as it may be.
 */
import { unheardOf, type TrackerState, type TrackerView } from '../../../core/engine/engine-api.ts';
import type { Problem } from '../../../core/result.ts';
import { displayName } from '../../../core/safe-name.ts';
import type { TrackerMessageNamed } from '../../../protocol/tracker-messages.ts';
import type { TrackerLinkArgs } from './tracker-link-messages.ts';
import * as problems from './tracker-problems.ts';
import type { Acknowledged } from './tracker-share.ts';

export class TrackerShowing {
  readonly #args: Pick<TrackerLinkArgs, 'address' | 'owner' | 'observer' | 'wallMs'>;
  #view: TrackerView;
  /** How it was before the last connection was made. */
  #before: TrackerView;

  constructor(args: Pick<TrackerLinkArgs, 'address' | 'owner' | 'observer' | 'wallMs'>) {
    this.#args = args;
    this.#view = { ...args.address, ...unheardOf };
    this.#before = this.#view;
  }

  get view(): TrackerView {
    return this.#view;
  }

  show(state: TrackerState, change: Partial<TrackerView> = {}): void {
    this.#view = { ...this.#view, problem: undefined, nextAttemptMs: undefined, ...change, state };
    this.#args.owner.tell({ type: 'tracker-changed', view: this.#view });
  }

  /** The state stays, and what goes with it. */
  change(change: Partial<TrackerView>): void {
    this.show(this.#view.state, { ...this.#view, ...change });
  }

  /** It is another connection, with this tracker. */
  greeted(tracker: Pick<TrackerView, 'id' | 'via'>): void {
    this.#before = this.#view;
    this.#view = { ...this.#view, ...tracker, reach: undefined };
    if (this.#view.state !== 'connecting') this.show('connecting');
  }

  /** The connection is the one before after all. */
  stayed(): void {
    this.#view = this.#before;
  }

  acknowledged(share: Acknowledged): void {
    const { files } = share;
    this.show('registered', { files, problem: problems.withheld(share) ?? problems.crowded(share) });
    this.#args.observer.tell({ type: 'registered', tracker: this.#args.address, files });
  }

  reached({ isReachable, host, port }: TrackerMessageNamed<'reach'>): void {
    this.change({ reach: { isReachable, host: displayName(host), port } });
  }

  /** There is no connection. `isSilent`: there is one, on which nothing comes. */
  lost(how: 'refused' | 'waiting', problem: Problem, waitMs: number, isSilent: boolean): void {
    this.show(how, {
      ...{ latencyMs: undefined, peers: undefined, problem },
      nextAttemptMs: this.#args.wallMs() + waitMs,
      // A tracker that only stands still does not say it again.
      ...(!isSilent && { reach: undefined }),
    });
  }
}
