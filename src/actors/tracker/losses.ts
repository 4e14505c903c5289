/**
 * Has the shares of all peers compared when the catalogue says that rows may be gone: in rounds, as a cluster whose
 * slots move says so again and again. Invariant: there is a round after each loss, and never two closer together than
 * `minCompareRoundGapMs`.
 */
import * as limits from '../../core/limits/tracker.ts';
import { actor } from '../runtime/index.ts';
import type { Lanes } from './lanes.ts';
import type { RowsLost } from './registry.ts';
import type { Roster } from './roster.ts';

type LossesMessage = RowsLost | { readonly type: 'rested' };

export interface LossesArgs {
  readonly lanes: Pick<Lanes, 'tellAll'>;
  readonly roster: Pick<Roster, 'peers'>;
}

export const lossesActor = actor<LossesMessage, LossesArgs>('losses', (ctx, { lanes, roster }) => {
  let isResting = false;
  /** Since the round began, by who may have compared already. */
  let hasLost = false;

  function begin(): void {
    hasLost = false;
    isResting = true;
    ctx.timers.once('rested', limits.minCompareRoundGapMs, { type: 'rested' });
    const withinMs = Math.min(limits.maxCompareSpreadMs, roster.peers * limits.compareMsPerPeer);
    lanes.tellAll({ type: 'compare', withinMs });
  }

  return {
    receive(message) {
      if (message.type === 'rested') isResting = false;
      else hasLost = true;
      if (hasLost && !isResting) begin();
    },
  };
});
