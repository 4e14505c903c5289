/**
 * Gives out the permits to send much of a share, and watches meanwhile how long the registry's writes wait.
 * Invariant: keep-alives, greetings and searches never wait for a permit; a permit outlives its connection by no more
 * than its lease.
 */
import * as limits from '../../core/limits/tracker.ts';
import type { Result } from '../../core/result.ts';
import {
  actor,
  type ActorRef,
  type AskFailure,
  type Asking,
  type Clock,
  type Outcome,
} from '../runtime/index.ts';
import type { RegistryCommand } from './registry.ts';
import { SyncPermits, type Permission } from './sync-permits.ts';

export type PermitsCommand =
  | ({ readonly type: 'permit'; readonly session: number } & Asking<Permission>)
  /** All has been sent, or the connection has ended. */
  | { readonly type: 'release'; readonly session: number };

type PermitsMessage =
  | PermitsCommand
  | { readonly type: 'probe' }
  | {
      readonly type: 'probed';
      readonly sinceMs: number;
      readonly outcome: Outcome<Result<number>, AskFailure>;
    };

export interface PermitsArgs {
  readonly registry: ActorRef<RegistryCommand>;
  readonly clock: Clock;
  readonly wallMs: () => number;
}

export const permitsActor = actor<PermitsMessage, PermitsArgs>(
  'permits',
  (ctx, { registry, clock, wallMs }) => {
    const permits = new SyncPermits();
    let isProbing = false;

    /** A write that changes nothing: it waits for those before it, as any other. */
    function probe(): void {
      isProbing = !permits.isIdle;
      if (!isProbing) return;
      const sinceMs = clock.now();
      const question = { type: 'detach', stays: [], nowMs: wallMs() } as const;
      ctx.ask(registry, question, limits.registryAskTimeoutMs, (outcome) => ({
        type: 'probed',
        sinceMs,
        outcome,
      }));
    }

    return {
      receive(message) {
        switch (message.type) {
          case 'permit':
            message.replyTo.reply(permits.ask(message.session, clock.now()));
            if (!isProbing) probe();
            return;
          case 'release':
            return permits.release(message.session, clock.now());
          case 'probe':
            return probe();
          case 'probed': {
            const isDone = message.outcome.ok && message.outcome.value.ok;
            permits.waited(isDone ? clock.now() - message.sinceMs : Infinity);
            ctx.timers.once('probe', limits.registryProbeEveryMs, { type: 'probe' });
            return;
          }
        }
      },
    };
  },
  { mailbox: { capacity: limits.permitsMailbox } },
);
