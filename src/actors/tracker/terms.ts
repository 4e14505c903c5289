/**
 * What is in force at a tracker and may change while it runs: limits, whom and what it denies. Plain data is sent to
 * the threads; on each of them the actors share one object, so that a change holds for all of them at once.
 */
import { DenyList, nothingDenied, type DenyRules } from '../../core/tracker/deny-list.ts';
import type { TrackerLimits } from '../../core/tracker/tracker-api.ts';

/** What holds from now on, as a whole. */
export interface Terms {
  readonly limits: TrackerLimits;
  readonly deny: DenyRules;
}

/** Tells what holds from now on. */
export type TermsCommand = { readonly type: 'terms' } & Terms;

export class TermsInForce {
  /** Always the same object, with what is in force now. */
  readonly limits: TrackerLimits;
  #denied: DenyList;

  constructor({ limits, deny = nothingDenied }: Pick<Terms, 'limits'> & Partial<Terms>) {
    this.limits = { ...limits };
    this.#denied = new DenyList(deny);
  }

  get denied(): DenyList {
    return this.#denied;
  }

  change({ limits, deny }: Terms): void {
    Object.assign(this.limits, limits);
    this.#denied = new DenyList(deny);
  }
}
