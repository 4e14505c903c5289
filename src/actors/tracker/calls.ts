/**
 * Passes on calls: tells a peer that another, who cannot dial it, wants to be dialled. A call for a peer of another
 * tracker of the catalogue is left for that one, which looks now and then. Invariant: a peer is told only of the address
 * that the caller's own connection comes from, and nobody calls, nor is called, more often than its allowance lets him.
 */
import { Allowances } from '../../core/tracker/allowances.ts';
import type { Source } from '../../core/catalogue.ts';
import { networkOf } from '../../core/host.ts';
import type { PeerId } from '../../core/ids.ts';
import * as limits from '../../core/limits/reach.ts';
import { directoryMailbox, registryAskTimeoutMs } from '../../core/limits/tracker.ts';
import type { ReachBook } from '../../core/tracker/reach-book.ts';
import { fail, ok, type Result } from '../../core/result.ts';
import type { ThreadCounters } from '../../core/tracker/tracker-counters.ts';
import {
  actor,
  type ActorRef,
  type AskFailure,
  type Asking,
  type Clock,
  type Outcome,
  type ReplyTo,
} from '../runtime/index.ts';
import { readLetter, writeLetter } from './call-letter.ts';
import type { Lanes } from './lanes.ts';
import type { RegistryCommand } from './registry.ts';
import type { Roster } from './roster.ts';

export interface Calling {
  /** At the address that we see. */
  readonly caller: Source;
  readonly peer: PeerId;
  readonly token: Uint8Array;
}

/** Problems: `not-found`, `unreachable`, `limit`, `bad-request`. */
export type CallsCommand = { readonly type: 'call' } & Calling & Asking<Result<void>>;

type CallsMessage =
  | CallsCommand
  | { readonly type: 'answer'; readonly replyTo: ReplyTo<Result<void>>; readonly answer: Result<void> }
  | { readonly type: 'look' }
  | { readonly type: 'collected'; readonly outcome: Outcome<Result<Letters>, AskFailure> };

/** Undefined where nobody else has the catalogue. */
type Letters = readonly string[] | undefined;

export interface CallsArgs {
  readonly registry: ActorRef<RegistryCommand>;
  readonly roster: Pick<Roster, 'ofPeer'>;
  readonly lanes: Pick<Lanes, 'tell'>;
  readonly book: Pick<ReachBook, 'isReachable'>;
  readonly clock: Clock;
  readonly counters?: ThreadCounters;
}

export const callsActor = actor<CallsMessage, CallsArgs>(
  'calls',
  (ctx, { registry, roster, lanes, book, clock, counters }) => {
    const ofCallers = new Allowances(limits.callsByCaller, limits.maxCallAllowances);
    const ofCalled = new Allowances(limits.callsToPeer, limits.maxCallAllowances);

    function pass({ caller, peer, token }: Calling, replyTo: ReplyTo<Result<void>>): void {
      const reply = (answer: Result<void>): void => answered(replyTo, answer);
      if (caller.port === 0 || caller.peer === peer)
        return reply(fail('bad-request', 'Nobody could answer this call'));
      const nowMs = clock.now();
      const mayCall = ofCallers.take(networkOf(caller.host), nowMs) && ofCallers.take(caller.peer, nowMs);
      if (!mayCall) return reply(tooMany);
      const reachable = book.isReachable(caller);
      const calling = { caller: { ...caller, reachable }, peer, token };
      if (roster.ofPeer(peer) === undefined) return leave(calling, replyTo);
      reply(reachable === false ? neither : tell(calling));
    }

    function tell({ caller, peer, token }: Calling): Result<void> {
      const called = roster.ofPeer(peer);
      if (called === undefined) return notHere;
      if (!ofCalled.take(peer, clock.now())) return tooMany;
      const message = { type: 'called', caller, token } as const;
      return lanes.tell(called.listener, called.session, message) ? ok(undefined) : tooMany;
    }

    /** For the tracker where that peer is, if any. */
    function leave(calling: Calling, replyTo: ReplyTo<Result<void>>): void {
      const { reachable } = calling.caller;
      const question = { type: 'post', peer: calling.peer, text: writeLetter(calling) } as const;
      if (reachable === false) return answered(replyTo, neither);
      ctx.ask(registry, question, limits.callPostTimeoutMs, (outcome) => ({
        type: 'answer',
        replyTo,
        answer: outcome.ok ? answerOf(outcome.value) : busy,
      }));
    }

    function answered(replyTo: ReplyTo<Result<void>>, answer: Result<void>): void {
      counters?.addTo('calls', answer.ok ? 'passed-on' : 'refused');
      replyTo.reply(answer);
    }

    function look(): void {
      ctx.ask(registry, { type: 'collect' }, registryAskTimeoutMs, (outcome) => ({
        type: 'collected',
        outcome,
      }));
    }

    function collected(outcome: Outcome<Result<Letters>, AskFailure>): void {
      const letters = outcome.ok && outcome.value.ok ? outcome.value.value : [];
      // A store that nobody else has will be nobody else's.
      if (letters === undefined) return;
      ctx.timers.once('look', limits.callLettersMs, { type: 'look' });
      for (const letter of letters) {
        const calling = readLetter(letter);
        if (calling !== undefined) tell(calling);
      }
    }

    look();
    return {
      receive(message) {
        switch (message.type) {
          case 'call':
            return pass(message, message.replyTo);
          case 'answer':
            return answered(message.replyTo, message.answer);
          case 'look':
            return look();
          case 'collected':
            return collected(message.outcome);
        }
      },
    };
  },
  { mailbox: { capacity: directoryMailbox } },
);

const tooMany = fail('limit', 'Too many calls; try again in a moment');
const notHere = fail('not-found', 'It is not online');
const busy = fail('busy', 'Nobody can be called now; try again later');
const neither = fail('unreachable', 'Neither of you can be reached from outside');

function answerOf(posted: Result<'posted' | 'absent' | 'full' | undefined>): Result<void> {
  if (!posted.ok) return posted;
  if (posted.value === 'posted') return ok(undefined);
  return posted.value === 'full' ? tooMany : notHere;
}
