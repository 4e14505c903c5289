/**
 * Tidies up behind the others at a steady beat: sessions without work, partial files nobody came back for,
 * a hash cache that outgrew its use. It decides nothing itself; each owner is told to sweep and knows what is
 * stale.
 */
import { reapEveryMs } from '../../core/limits/tracker.ts';
import { actor } from '../runtime/index.ts';
import type { ActorRef } from '../runtime/index.ts';

export interface Sweep {
  readonly type: 'sweep';
}

export interface ReaperArgs {
  readonly owners: readonly ActorRef<Sweep>[];
}

export const reaperActor = actor<Sweep, ReaperArgs>('reaper', (ctx, { owners }) => {
  ctx.timers.every('sweep', reapEveryMs, { type: 'sweep' });
  return {
    receive(sweep) {
      for (const owner of owners) owner.tell(sweep);
    },
  };
});
