/**
 * How the actors that hold a catalogue answer: work is begun at once and answered when it is done. Invariant: so much
 * at a time, and what is beyond that is told so at once; a disk that fails is an answer, a fault of ours ends the actor.
 */
import { calmLookUps } from '../../core/limits/stores.ts';
import { fail, type Result } from '../../core/result.ts';
import type { ActorContext, Outcome, ReplyTo } from '../runtime/index.ts';
import { storeProblem } from './store-problem.ts';

/** Comes back to the actor when work has ended; hand it to `settle`. */
export interface Settled {
  readonly type: 'settled';
  readonly outcome: Outcome<() => void>;
}

/** `isCalm`: whether there is little else to do, so that an answer may take a little longer. */
export type Answer = <R>(
  replyTo: ReplyTo<Result<R>>,
  work: (isCalm: () => boolean) => Promise<Result<R>>,
) => void;

export interface Answers {
  readonly answer: Answer;
  /** Throws what was no fault of a disk. */
  readonly settle: (message: Settled) => void;
}

export function answersOf(ctx: Pick<ActorContext<Settled>, 'pipe'>, most: number): Answers {
  let underWay = 0;
  const isCalm = (): boolean => underWay <= calmLookUps;
  return {
    answer(replyTo, work) {
      if (underWay >= most) {
        replyTo.reply(fail('busy', 'The tracker has more to do than it can; try again in a moment'));
        return;
      }
      underWay += 1;
      ctx.pipe(work(isCalm), (outcome) => {
        if (outcome.ok) return settled(() => replyTo.reply(outcome.value));
        const problem = storeProblem(outcome.error);
        if (problem === undefined) return { type: 'settled', outcome };
        return settled(() => replyTo.reply({ ok: false, problem }));
      });
    },
    settle({ outcome }) {
      underWay -= 1;
      if (!outcome.ok) throw outcome.error;
      outcome.value();
    },
  };
}

const settled = (value: () => void): Settled => ({ type: 'settled', outcome: { ok: true, value } });
