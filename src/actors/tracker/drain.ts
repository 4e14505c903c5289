/**
 * Empties a tracker before it stops: shuts the door, takes the tracker off the list of its catalogue and sends the
 * peers to the others, each at a moment of its own; where there are none, tells them that it comes back. Invariant: it
 * ends in bounded time, whoever stays; it waits as long as they go, and leaves those that are still on their way to the others.
 */
import * as limits from '../../core/limits/tracker.ts';
import type { NeighbourTracker } from '../../core/tracker/neighbours.ts';
import {
  actor,
  type ActorRef,
  type AskFailure,
  type Asking,
  type Clock,
  type Outcome,
  type ReplyTo,
} from '../runtime/index.ts';
import type { DirectoryCommand } from './directory.ts';
import type { GateCommand } from './gate.ts';
import type { NeighboursCommand } from './neighbours.ts';
import type { RegistryCommand } from './registry.ts';

/** How a drain has ended. */
export interface Drained {
  /** Connections that were sent away, and those of them that have not gone. */
  readonly connections: number;
  readonly left: number;
  /** How many trackers they could go to. */
  readonly neighbours: number;
}

/** Answered when the house is as empty as it will be. */
export type DrainCommand = { readonly type: 'drain' } & Asking<Drained>;

type DrainMessage =
  | DrainCommand
  | { readonly type: 'retired'; readonly outcome: Outcome<readonly NeighbourTracker[], AskFailure> }
  | { readonly type: 'look' };

export interface DrainArgs {
  readonly gate: ActorRef<GateCommand>;
  readonly neighbours: ActorRef<NeighboursCommand>;
  readonly directory: ActorRef<DirectoryCommand>;
  readonly registry: ActorRef<RegistryCommand>;
  /** How many are inside. */
  readonly connections: () => number;
  readonly clock: Clock;
}

export const drainActor = actor<DrainMessage, DrainArgs>(
  'drain',
  (ctx, { gate, neighbours, directory, registry, connections, clock }) => {
    const askers: ReplyTo<Drained>[] = [];
    let before = 0;
    let others = 0;
    /** When it has waited enough for them, and when it has even if some still go. */
    let untilMs = 0;
    let latestMs = 0;
    let left = 0;

    function begin(): void {
      before = connections();
      gate.tell({ type: 'shut' });
      ctx.ask(neighbours, { type: 'retire' }, limits.withdrawTimeoutMs + limits.drainLookMs, (outcome) => ({
        type: 'retired',
        outcome,
      }));
    }

    function send(trackers: readonly NeighbourTracker[]): void {
      others = trackers.length;
      const withinMs = Math.min(
        limits.maxDrainMs,
        Math.max(limits.minDrainMs, before * limits.drainMsPerPeer),
      );
      directory.tell({ type: 'tell-all', message: { type: 'redirect', trackers, withinMs } });
      // Who has nowhere to go stays listed until the end; the word has only to get out.
      const nowMs = clock.now();
      untilMs = nowMs + (others > 0 ? withinMs + limits.farewellTimeoutMs : limits.drainGraceMs);
      latestMs = others > 0 ? nowMs + limits.maxDrainMs + limits.farewellTimeoutMs : untilMs;
      left = connections();
      look();
    }

    function look(): void {
      const nowMs = clock.now();
      const now = connections();
      if (now < left) untilMs = Math.max(untilMs, Math.min(nowMs + limits.farewellTimeoutMs, latestMs));
      left = now;
      if (left > 0 && nowMs < untilMs) {
        ctx.timers.once('look', limits.drainLookMs, { type: 'look' });
        return;
      }
      if (left > 0 && others > 0) registry.tell({ type: 'hand-over' });
      const drained = { connections: before, left, neighbours: others };
      for (const asker of askers.splice(0)) asker.reply(drained);
    }

    return {
      receive(message) {
        switch (message.type) {
          case 'drain':
            if (askers.push(message.replyTo) === 1) begin();
            return;
          case 'retired':
            return send(message.outcome.ok ? message.outcome.value : []);
          case 'look':
            return look();
        }
      },
    };
  },
);
