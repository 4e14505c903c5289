/**
 * Hands questions to the searcher that has the fewest waiting. Invariant: none waits in a queue that is too long to
 * be answered in good time, and each question has exactly one answer: what was asked for, or `busy`.
 */
import { lookUpTimeoutMs, maxWaitingLookUps } from '../../core/limits/tracker.ts';
import { fail } from '../../core/result.ts';
import type { ActorContext, ActorRef, Answer, Question } from '../runtime/index.ts';
import type { LookUp } from './look-ups.ts';

/** Who answers look-ups: plain data, for actors on any thread. */
export interface LookUpDesk {
  /** One at least. */
  readonly searchers: readonly ActorRef<LookUp>[];
  /** A number of 32 bits for each: the questions it has waiting. Empty where nobody counts. */
  readonly waiting: SharedArrayBuffer;
}

/** The desk of a tracker without searchers. */
export function deskOf(registry: ActorRef<LookUp>): LookUpDesk {
  return { searchers: [registry], waiting: new SharedArrayBuffer(0) };
}

/** Asks whoever has the least to do. */
export function askDesk<M, const Q extends Question<LookUp>>(
  ctx: Pick<ActorContext<M>, 'ask' | 'pipe'>,
  desk: LookUpDesk,
  question: Q,
  toMessage: (answer: Answer<LookUp, Q>) => NoInfer<M>,
): void {
  const waiting = new Int32Array(desk.waiting);
  const busy = fail('busy', 'The tracker has more to look up than it can; try again in a moment');
  const at = leastBusy(desk.searchers.length, waiting);
  const searcher = desk.searchers[at];
  if (searcher === undefined || (waiting[at] ?? 0) >= maxWaitingLookUps)
    return ctx.pipe(Promise.resolve(), () => toMessage(busy as Answer<LookUp, Q>));
  if (at < waiting.length) Atomics.add(waiting, at, 1);
  ctx.ask(searcher, question, lookUpTimeoutMs, (outcome) => {
    if (outcome.ok) return toMessage(outcome.value);
    // It never got there, so nobody else counts it off.
    if (outcome.error === 'full' && at < waiting.length) Atomics.sub(waiting, at, 1);
    return toMessage(busy as Answer<LookUp, Q>);
  });
}

function leastBusy(searchers: number, waiting: Int32Array): number {
  let best = 0;
  for (let at = 1; at < searchers; at++) if ((waiting[at] ?? 0) < (waiting[best] ?? 0)) best = at;
  return best;
}
