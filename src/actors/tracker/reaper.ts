/**
 * Takes out of the catalogue who is not here: looks at the presence table for who has fallen silent, tells the
 * registry whose stay has ended, and, when the registry has begun anew, who is here. Invariant: a peer that was
 * attached is detached after its connection ended or fell silent, however busy the registry is and whoever fails
 * meanwhile, and its later connection never with it.
 */
import * as limits from '../../core/limits/tracker.ts';
import { secondsOf, type LeaseKeeper } from '../../core/tracker/presence.ts';
import type { Result } from '../../core/result.ts';
import type { ThreadCounters } from '../../core/tracker/tracker-counters.ts';
import { actor, type ActorRef, type AskFailure, type Clock, type Outcome } from '../runtime/index.ts';
import type { Farewell } from './connection-commands.ts';
import type { Lanes } from './lanes.ts';
import type { RegistryCommand, Stay } from './registry.ts';
import type { Entry, Roster } from './roster.ts';
import type { TermsInForce } from './terms.ts';

/** Stays have ended. */
export interface ReaperCommand {
  readonly type: 'ended';
}

type ReaperMessage =
  | ReaperCommand
  | { readonly type: 'scan' | 'sweep' | 'watch' }
  | { readonly type: 'swept'; readonly more: boolean }
  | { readonly type: 'lives'; readonly outcome: Outcome<string, AskFailure> }
  | {
      readonly type: 'restored';
      readonly rest: readonly Listed[];
      readonly outcome: Outcome<Result<readonly Stay[]>, AskFailure>;
    }
  | {
      readonly type: 'detached';
      readonly stays: number;
      readonly outcome: Outcome<Result<number>, AskFailure>;
    };

export interface ReaperArgs {
  readonly registry: ActorRef<RegistryCommand>;
  readonly roster: Roster;
  readonly leases: LeaseKeeper;
  readonly lanes: Pick<Lanes, 'tell'>;
  readonly terms: TermsInForce;
  readonly counters: ThreadCounters;
  readonly clock: Clock;
  readonly wallMs: () => number;
}

type Listed = Extract<RegistryCommand, { type: 'restore' }>['stays'][number];

export const reaperActor = actor<ReaperMessage, ReaperArgs>(
  'reaper',
  (ctx, args) => {
    const { registry, roster, leases, lanes, clock, wallMs, terms, counters } = args;
    const { reapEveryMs } = terms.limits;
    const askMs = limits.registryAskTimeoutMs;
    let isDetaching = false;
    /** The registry's life in which it knows who is here, or is being told. */
    let life: string | undefined;

    /** They leave the roster's list when the registry has answered. */
    function detach(): void {
      if (isDetaching || roster.ended.length === 0) return;
      isDetaching = true;
      const stays = roster.ended.slice(0, limits.maxDetachBatch);
      ctx.ask(registry, { type: 'detach', stays, nowMs: wallMs() }, askMs, (outcome) => ({
        type: 'detached',
        stays: stays.length,
        outcome,
      }));
    }

    /** The answer comes when the registry begins anew, in time or not at all: then it is asked again. */
    function watch(): void {
      ctx.ask(registry, { type: 'life', known: life }, askMs, (outcome) => ({ type: 'lives', outcome }));
    }

    function watchSoon(): void {
      ctx.timers.once('watch', limits.registryRetryMs, { type: 'watch' });
    }

    function restore(listed: readonly Listed[]): void {
      const stays = listed.slice(0, limits.maxRestoreBatch);
      const rest = listed.slice(limits.maxRestoreBatch);
      const question = { type: 'restore', stays, isAll: rest.length === 0, nowMs: wallMs() } as const;
      ctx.ask(registry, question, askMs, (outcome) => ({ type: 'restored', rest, outcome }));
    }

    function restored(rest: readonly Listed[], outcome: Outcome<Result<readonly Stay[]>, AskFailure>): void {
      if (!outcome.ok || !outcome.value.ok) {
        // Over again, with whoever is here then.
        life = undefined;
        return watchSoon();
      }
      for (const { peer, session } of outcome.value.value) {
        const entry = roster.ofPeer(peer);
        if (entry?.session === session) end(entry, 'lost');
      }
      detach();
      if (rest.length > 0) restore(rest);
      else watch();
    }

    /** Takes it out, and tells its connection. */
    function end(entry: Entry, why: Farewell): void {
      const { listener, session } = entry;
      roster.leave(entry);
      lanes.tell(listener, session, { type: 'close', why });
    }

    function lives(outcome: Outcome<string, AskFailure>): void {
      if (!outcome.ok) return outcome.error === 'timeout' ? watch() : watchSoon();
      life = outcome.value;
      restore([...roster.listed()].map(({ arrival, session }) => ({ peer: arrival.peer, session, arrival })));
    }

    function scan(): void {
      const { expired, spared, isFrozen } = leases.scan(secondsOf(clock.now()));
      counters.set('peers', roster.peers);
      counters.set('guests', Math.max(0, roster.size - roster.handshakes - roster.peers));
      counters.set('spared', spared);
      counters.set('isFrozen', isFrozen ? 1 : 0);
      for (const slot of expired) {
        const entry = roster.ofSlot(slot);
        if (entry !== undefined) end(entry, 'silent');
      }
    }

    function sweep(): void {
      const { retainMs, maxFilesAway } = terms.limits;
      const swept = { leftBeforeMs: wallMs() - retainMs, maxRows: limits.maxSweepRows, maxFilesAway };
      ctx.ask(registry, { type: 'sweep', limits: swept }, askMs, (outcome) => ({
        type: 'swept',
        more: outcome.ok && outcome.value.ok && outcome.value.value.more,
      }));
    }

    watch();
    ctx.timers.every('scan', reapEveryMs, { type: 'scan' });
    ctx.timers.once('sweep', limits.sweepEveryMs, { type: 'sweep' });

    return {
      receive(message) {
        switch (message.type) {
          case 'ended':
            return detach();
          case 'scan':
            scan();
            return detach();
          case 'watch':
            return watch();
          case 'lives':
            return lives(message.outcome);
          case 'restored':
            return restored(message.rest, message.outcome);
          case 'detached':
            isDetaching = false;
            // Otherwise again with the next scan.
            if (!message.outcome.ok || !message.outcome.value.ok) return;
            roster.ended.splice(0, message.stays);
            return detach();
          case 'sweep':
            return sweep();
          case 'swept':
            ctx.timers.once('sweep', message.more ? reapEveryMs : limits.sweepEveryMs, { type: 'sweep' });
            return;
        }
      },
    };
  },
  { mailbox: { capacity: limits.reaperMailbox } },
);
