/**
 * Knows who is here, and takes out of the catalogue who is not: connections tell it of their beginning and end,
 * and the presence table who has fallen silent. Invariant: a peer that was attached is detached after its
 * connection ended or fell silent, however busy the registry is, and its later connection never with it.
 */
import type { PeerId } from '../../core/ids.ts';
import * as limits from '../../core/limits.ts';
import { LeaseKeeper } from '../../core/presence.ts';
import type { Result } from '../../core/result.ts';
import type { TrackerLimits } from '../../core/tracker-api.ts';
import { actor, type ActorRef, type AskFailure, type Clock, type Outcome } from '../runtime/index.ts';
import type { ConnectionCommand } from './connection.ts';
import { secondsOf, type PresenceSlots } from './presence-slots.ts';
import type { RegistryCommand, Stay } from './registry.ts';

export type ReaperCommand =
  | {
      readonly type: 'arrived';
      readonly slot: number;
      /** Undefined for a guest, who is listed nowhere. */
      readonly stay: Stay | undefined;
      readonly connection: ActorRef<ConnectionCommand>;
    }
  | { readonly type: 'left'; readonly slot: number; readonly stay: Stay | undefined };

type ReaperMessage =
  | ReaperCommand
  | { readonly type: 'scan' | 'sweep' }
  | { readonly type: 'swept'; readonly more: boolean }
  | { readonly type: 'cleared'; readonly outcome: Outcome<Result<number>, AskFailure> }
  | {
      readonly type: 'detached';
      readonly stays: readonly Stay[];
      readonly outcome: Outcome<Result<number>, AskFailure>;
    };

export interface ReaperArgs {
  readonly registry: ActorRef<RegistryCommand>;
  readonly presence: PresenceSlots;
  readonly limits: TrackerLimits;
  readonly clock: Clock;
  readonly wallMs: () => number;
  readonly random: () => number;
  /** The newest session that has begun. */
  readonly lastSession: () => number;
}

interface Visitor {
  readonly stay: Stay | undefined;
  readonly connection: ActorRef<ConnectionCommand>;
}

export const reaperActor = actor<ReaperMessage, ReaperArgs>(
  'reaper',
  (ctx, args) => {
    const { registry, presence, clock, wallMs, random } = args;
    const { leaseMs, reapEveryMs, retainMs } = args.limits;
    const here = new Map<number, Visitor>();
    const slotOf = new Map<PeerId, number>();
    /** Stays that have ended and that the registry has not been told of. */
    let ended: Stay[] = [];
    let isDetaching = false;
    let isCleared = false;
    /** Connections come after the reaper, so when it starts, whoever is still listed is not there. */
    const lastBefore = args.lastSession();
    const leases = new LeaseKeeper(presence.table, {
      leaseSeconds: leaseMs / 1_000,
      maxScanGapSeconds: (reapEveryMs + limits.deafAfterMs) / 1_000,
      random,
    });

    function arrived(slot: number, stay: Stay | undefined, connection: ActorRef<ConnectionCommand>): void {
      here.set(slot, { stay, connection });
      if (stay === undefined) return;
      const before = slotOf.get(stay.peer);
      if (before !== undefined && before !== slot)
        here.get(before)?.connection.tell({ type: 'close', why: 'replaced' });
      slotOf.set(stay.peer, slot);
    }

    function left(slot: number, stay: Stay | undefined): void {
      here.delete(slot);
      if (stay === undefined) return;
      if (slotOf.get(stay.peer) === slot) slotOf.delete(stay.peer);
      ended.push(stay);
      detach();
    }

    function detach(): void {
      if (isDetaching || ended.length === 0) return;
      isDetaching = true;
      const stays = ended.splice(0, limits.maxDetachBatch);
      ctx.ask(
        registry,
        { type: 'detach', stays, nowMs: wallMs() },
        limits.registryAskTimeoutMs,
        (outcome) => ({ type: 'detached', stays, outcome }),
      );
    }

    function clear(): void {
      ctx.ask(
        registry,
        { type: 'detach-all', upToSession: lastBefore, nowMs: wallMs() },
        limits.registryAskTimeoutMs,
        (outcome) => ({ type: 'cleared', outcome }),
      );
    }

    function scan(): void {
      for (const slot of leases.scan(secondsOf(clock.now())).expired) {
        const visitor = here.get(slot);
        visitor?.connection.tell({ type: 'close', why: 'silent' });
        if (visitor !== undefined) left(slot, visitor.stay);
      }
    }

    function sweep(): void {
      const swept = { leftBeforeMs: wallMs() - retainMs, maxRows: limits.maxSweepRows };
      ctx.ask(registry, { type: 'sweep', limits: swept }, limits.registryAskTimeoutMs, (outcome) => ({
        type: 'swept',
        more: outcome.ok && outcome.value.ok && outcome.value.value.more,
      }));
    }

    clear();
    ctx.timers.every('scan', reapEveryMs, { type: 'scan' });
    ctx.timers.once('sweep', limits.sweepEveryMs, { type: 'sweep' });

    return {
      receive(message) {
        switch (message.type) {
          case 'arrived':
            arrived(message.slot, message.stay, message.connection);
            return;
          case 'left':
            left(message.slot, message.stay);
            return;
          case 'scan':
            if (!isCleared) clear();
            detach();
            scan();
            return;
          case 'cleared':
            isCleared = message.outcome.ok && message.outcome.value.ok;
            return;
          case 'detached':
            isDetaching = false;
            if (message.outcome.ok && message.outcome.value.ok) detach();
            // Again with the next scan.
            else ended.push(...message.stays);
            return;
          case 'sweep':
            sweep();
            return;
          case 'swept':
            ctx.timers.once('sweep', message.more ? reapEveryMs : limits.sweepEveryMs, { type: 'sweep' });
            return;
        }
      },
    };
  },
  { mailbox: { capacity: limits.reaperMailbox } },
);
