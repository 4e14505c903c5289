/**
 * Has the shares of all peers compared when the catalogue says that rows may be gone: in rounds, as a cluster whose
 * slots move says so again and again. Invariant: there is a round after each loss, at once while some are saved up; in any
 * time there are never more than one for each `compareRoundGapMs` of it and `maxSavedCompareRounds`.
 */
import { Allowance } from '../../core/tracker/allowance.ts';
import * as limits from '../../core/limits/tracker.ts';
import { actor, type Clock } from '../runtime/index.ts';
import type { Lanes } from './lanes.ts';
import type { RowsLost } from './registry.ts';
import type { Roster } from './roster.ts';

type LossesMessage = RowsLost | { readonly type: 'saved' };

export interface LossesArgs {
  readonly lanes: Pick<Lanes, 'tellAll'>;
  readonly roster: Pick<Roster, 'peers'>;
  readonly clock: Clock;
}

const savedRounds = { perSecond: 1_000 / limits.compareRoundGapMs, burst: limits.maxSavedCompareRounds };

export const lossesActor = actor<LossesMessage, LossesArgs>('losses', (ctx, { lanes, roster, clock }) => {
  const rounds = new Allowance(savedRounds, clock.now());

  return {
    /** What was lost before the timer is due, and after it was set, is all compared in the round that it begins. */
    receive() {
      const waitMs = rounds.waitMs(clock.now());
      if (waitMs > 0) return ctx.timers.once('saved', waitMs, { type: 'saved' });
      ctx.timers.cancel('saved');
      rounds.take(clock.now());
      const withinMs = Math.min(limits.maxCompareSpreadMs, roster.peers * limits.compareMsPerPeer);
      lanes.tellAll({ type: 'compare', withinMs });
    },
  };
});
