/**
 * The other trackers of this catalogue: keeps this one listed in the store that they share, and tells all peers
 * whenever the list changes. Of a store that one tracker has for itself it knows nobody. Invariant: what peers were
 * told last is what the store said last, and a tracker that retires is listed no more.
 */
import { hostPort } from '../../core/host.ts';
import * as limits from '../../core/limits/tracker.ts';
import { maxToldTrackers } from '../../core/limits/wire.ts';
import type { NeighbourTracker } from '../../core/tracker/neighbours.ts';
import { rendezvousOrder } from '../../core/tracker/rendezvous.ts';
import type { Result } from '../../core/result.ts';
import {
  actor,
  type ActorRef,
  type AskFailure,
  type Asking,
  type Outcome,
  type ReplyTo,
} from '../runtime/index.ts';
import type { DirectoryCommand } from './directory.ts';
import type { RegistryCommand } from './registry.ts';

export type NeighboursCommand =
  /** This tracker goes: it is listed no more, and told who stays. */
  { readonly type: 'retire' } & Asking<readonly NeighbourTracker[]>;

type NeighboursMessage =
  | NeighboursCommand
  | { readonly type: 'announce' }
  | { readonly type: 'announced'; readonly outcome: Outcome<Result<Known>, AskFailure> }
  | { readonly type: 'retired'; readonly replyTo: ReplyTo<readonly NeighbourTracker[]> };

/** Undefined where the store has no list. */
type Known = readonly NeighbourTracker[] | undefined;

export interface NeighboursArgs {
  readonly registry: ActorRef<RegistryCommand>;
  readonly directory: ActorRef<DirectoryCommand>;
  /** How others reach this tracker; undefined while that is not known. */
  readonly self: () => NeighbourTracker | undefined;
  /** Whether it will be. */
  readonly isReachable: boolean;
}

export const neighboursActor = actor<NeighboursMessage, NeighboursArgs>(
  'neighbours',
  (ctx, { registry, directory, self, isReachable }) => {
    let known: readonly NeighbourTracker[] = [];
    let hasRetired = false;

    function announce(): void {
      const own = self();
      if (hasRetired) return;
      if (own === undefined) return again(limits.drainLookMs);
      const question = { type: 'announce', self: own, leaseMs: limits.neighbourLeaseMs } as const;
      ctx.ask(registry, question, limits.registryAskTimeoutMs, (outcome) => ({ type: 'announced', outcome }));
    }

    function again(afterMs: number = limits.announceEveryMs): void {
      ctx.timers.once('announce', afterMs, { type: 'announce' });
    }

    function announced(outcome: Outcome<Result<Known>, AskFailure>): void {
      // A store that has no list will not have one.
      if (outcome.ok && outcome.value.ok && outcome.value.value === undefined) return;
      again();
      if (!outcome.ok || !outcome.value.ok || outcome.value.value === undefined || hasRetired) return;
      const next = chosen(outcome.value.value);
      if (textOf(next) === textOf(known)) return;
      known = next;
      directory.tell({ type: 'tell-all', message: { type: 'trackers', trackers: next } });
    }

    /** No more than can be told; each tracker leaves out others, so that all are known to some. */
    function chosen(all: readonly NeighbourTracker[]): readonly NeighbourTracker[] {
      const own = self();
      return rendezvousOrder(own === undefined ? '' : hostPort(own), all, hostPort).slice(0, maxToldTrackers);
    }

    function retire(replyTo: ReplyTo<readonly NeighbourTracker[]>): void {
      hasRetired = true;
      ctx.timers.cancel('announce');
      const own = self();
      if (own === undefined || known.length === 0) return replyTo.reply(known);
      ctx.ask(registry, { type: 'withdraw', self: own }, limits.withdrawTimeoutMs, () => ({
        type: 'retired',
        replyTo,
      }));
    }

    if (isReachable) announce();
    return {
      receive(message) {
        switch (message.type) {
          case 'announce':
            return announce();
          case 'announced':
            return announced(message.outcome);
          case 'retire':
            return retire(message.replyTo);
          case 'retired':
            return message.replyTo.reply(known);
        }
      },
    };
  },
);

const textOf = (trackers: readonly NeighbourTracker[]): string =>
  trackers.map((tracker) => `${hostPort(tracker)}/${tracker.id}`).join(' ');
