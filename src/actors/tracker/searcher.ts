/**
 * Threads that look things up beside the registry, each with the catalogue open for reading. Invariant: they change
 * nothing, so one that dies costs the questions it had, and the next one begins where it was.
 */
import { Allowance } from '../../core/tracker/allowance.ts';
import { suggestionTime } from '../../core/limits/stores.ts';
import { maxWaitingLookUps, searcherMailbox } from '../../core/limits/tracker.ts';
import { ThreadCounters, type CounterBlock } from '../../core/tracker/tracker-counters.ts';
import { openReader } from '../../store/open-store.ts';
import { actor, type ActorRef } from '../runtime/index.ts';
import { answersOf, type Answer, type Settled } from './answers.ts';
import { tellingPatience, type CatalogueWait } from './catalogue-wait.ts';
import { LookUpLine } from './look-up-line.ts';
import { lookUp, type LookUp } from './look-ups.ts';
import { threadMeterActor } from './thread-meter.ts';

/** Plain data: it crosses to the searcher's thread. */
export interface SearcherArgs {
  /** The path of a file that the registry has open. */
  readonly store: string;
  /** See `LookUpDesk`. */
  readonly waiting: SharedArrayBuffer;
  /** Its own place in that. */
  readonly at: number;
  readonly counters: CounterBlock;
  /** Told what it waits for when it cannot open the catalogue yet. */
  readonly waits?: ActorRef<CatalogueWait> | undefined;
}

export const searcherActor = actor<LookUp | Settled, SearcherArgs>(
  'searcher',
  async (ctx, { store, waiting: shared, at, counters: block, waits }) => {
    const counters = ThreadCounters.in(block);
    const opened = await openReader(store, counters, tellingPatience(`searcher-${at}`, waits));
    if (!opened.ok) throw new Error(opened.problem.message, { cause: opened.problem });
    const catalogue = opened.value;
    ctx.spawn(threadMeterActor, { counters });
    const { answer, settle } = answersOf(ctx, maxWaitingLookUps);
    const waiting = new Int32Array(shared);
    // Whoever was here before counts nothing off any more.
    Atomics.store(waiting, at, 0);
    const countOff = (): void => {
      // Those that came before the last failure are counted no more.
      if (Atomics.load(waiting, at) > 0) Atomics.sub(waiting, at, 1);
    };
    /** While something to suggest is looked for it counts too: who asks meanwhile is better off with another searcher. */
    const answerOne: Answer = (replyTo, work) => {
      const reply = (value: Parameters<typeof replyTo.reply>[0]): void => {
        countOff();
        replyTo.reply(value);
      };
      answer({ reply }, (isCalm) => work(() => isCalm() && line.length === 0));
    };
    const suggesting = new Allowance(suggestionTime, performance.now());
    const begin = (message: LookUp): void => lookUp(catalogue, message, answerOne, suggesting);
    const line = new LookUpLine(begin, countOff);
    return {
      receive: (message) => (message.type === 'settled' ? settle(message) : line.add(message)),
      stopped() {
        line.close();
        return catalogue.close();
      },
    };
  },
  { mailbox: { capacity: searcherMailbox }, module: import.meta.url },
);
