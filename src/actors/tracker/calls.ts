/**
 * Passes on calls: tells a peer that another, who cannot dial it, wants to be dialled. Invariant: only a peer that is
 * connected here is told, only of the address that the caller's own connection comes from, and nobody calls, nor is
 * called, more often than its allowance lets him.
 */
import { Allowances } from '../../core/allowances.ts';
import type { Source } from '../../core/catalogue.ts';
import { networkOf } from '../../core/host.ts';
import type { PeerId } from '../../core/ids.ts';
import * as limits from '../../core/limits.ts';
import type { ReachBook } from '../../core/reach-book.ts';
import { fail, ok, type Result } from '../../core/result.ts';
import type { ThreadCounters } from '../../core/tracker-counters.ts';
import { actor, type Asking, type Clock } from '../runtime/index.ts';
import type { Lanes } from './lanes.ts';
import type { Roster } from './roster.ts';

export interface Calling {
  /** At the address that we see. */
  readonly caller: Source;
  readonly peer: PeerId;
  readonly token: Uint8Array;
}

/** Problems: `not-found`, `unreachable`, `limit`, `bad-request`. */
export type CallsCommand = { readonly type: 'call' } & Calling & Asking<Result<void>>;

export interface CallsArgs {
  readonly roster: Pick<Roster, 'ofPeer'>;
  readonly lanes: Pick<Lanes, 'tell'>;
  readonly book: Pick<ReachBook, 'isReachable'>;
  readonly clock: Clock;
  readonly counters?: ThreadCounters;
}

export const callsActor = actor<CallsCommand, CallsArgs>(
  'calls',
  (_ctx, { roster, lanes, book, clock, counters }) => {
    const ofCallers = new Allowances(limits.callsByCaller, limits.maxCallAllowances);
    const ofCalled = new Allowances(limits.callsToPeer, limits.maxCallAllowances);

    function passOn({ caller, peer, token }: Calling): Result<void> {
      if (caller.port === 0 || caller.peer === peer)
        return fail('bad-request', 'Nobody could answer this call');
      const nowMs = clock.now();
      const mayCall = ofCallers.take(networkOf(caller.host), nowMs) && ofCallers.take(caller.peer, nowMs);
      if (!mayCall) return tooMany;
      const called = roster.ofPeer(peer);
      if (called === undefined) return notHere;
      const reachable = book.isReachable(caller);
      if (reachable === false) return neither;
      if (!ofCalled.take(peer, nowMs)) return tooMany;
      const message = { type: 'called', caller: { ...caller, reachable }, token } as const;
      return lanes.tell(called.listener, called.session, message) ? ok(undefined) : tooMany;
    }

    return {
      receive(message) {
        const { caller, peer, token, replyTo } = message;
        const answer = passOn({ caller, peer, token });
        counters?.addTo('calls', answer.ok ? 'passed-on' : 'refused');
        replyTo.reply(answer);
      },
    };
  },
  { mailbox: { capacity: limits.directoryMailbox } },
);

const tooMany = fail('limit', 'Too many calls; try again in a moment');
const notHere = fail('not-found', 'It is not connected to this tracker');
const neither = fail('unreachable', 'Neither of you can be reached from outside');
