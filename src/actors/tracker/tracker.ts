/**
 * The root of a tracker: what comes later needs what came before, so a failure takes along all that follows it
 * and the door, which opens last, is open only while the house is. Holds no state of its own.
 */
import { availableParallelism } from 'node:os';
import * as limits from '../../core/limits.ts';
import type { TrackerLimits } from '../../core/tracker-api.ts';
import type { Identity } from '../../identity/identity.ts';
import { actor, type ActorRef, type Backoff, type Clock } from '../runtime/index.ts';
import { hasReaders } from '../../store/open-store.ts';
import { listenerActor, type Listening } from './listener.ts';
import { deskOf } from './look-up-desk.ts';
import { PresenceSlots } from './presence-slots.ts';
import { reaperActor } from './reaper.ts';
import { registryActor } from './registry.ts';
import { searchersActor } from './searcher.ts';
import { swarmsActor } from './swarms.ts';

export interface TrackerArgs {
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
  readonly identity: Identity;
  /** `memory:` or the path of a file. */
  readonly store: string;
  readonly limits: TrackerLimits;
  /** Where the registry runs; a thread of its own keeps searches from delaying keep-alives. */
  readonly registryPlacement: 'here' | 'thread';
  readonly clock: Clock;
  /** Milliseconds since 1970. */
  readonly wallMs: () => number;
  /** From 0 up to 1. */
  readonly random: () => number;
  /** Told when the door is open, and again when it has been opened anew. */
  readonly observer: ActorRef<Listening>;
}

export const trackerActor = actor<never, TrackerArgs>(
  'tracker',
  (ctx, args) => {
    const { host, identity, clock, wallMs, observer } = args;
    // Twice as many as connections: one that ends keeps its slot for a moment.
    const presence = new PresenceSlots(2 * args.limits.maxConnections);
    let lastSession = 0;
    const registry = ctx.spawn(
      registryActor,
      { store: args.store },
      { backoff: restartBackoff, placement: args.registryPlacement },
    );
    let desk = deskOf(registry);
    if (args.registryPlacement === 'thread' && hasReaders(args.store) && args.limits.searchers > 0)
      ctx.spawn(
        searchersActor,
        {
          store: args.store,
          searchers: args.limits.searchers,
          open(opened) {
            desk = opened;
          },
        },
        { backoff: restartBackoff },
      );
    const shared = { registry, desk: () => desk, presence, clock, wallMs, limits: args.limits };
    const reaper = ctx.spawn(
      reaperActor,
      { ...shared, random: args.random, lastSession: () => lastSession },
      { backoff: restartBackoff },
    );
    const swarms = ctx.spawn(
      swarmsActor,
      { desk: () => desk, clock, random: args.random },
      { backoff: restartBackoff },
    );
    ctx.spawn(
      listenerActor,
      {
        ...shared,
        host,
        identity,
        reaper,
        swarms,
        observer,
        random: args.random,
        door: { port: args.port },
        nextSession: () => ++lastSession,
      },
      { backoff: restartBackoff },
    );
    return { receive() {} };
  },
  { supervision: { strategy: 'rest-for-one', maxRestarts: 5, withinMs: 30_000 } },
);

/** Nobody can use a tracker that is down, so it comes back fast, but not so fast that it spins. */
const restartBackoff: Backoff = { minMs: 50, maxMs: 5_000, jitter: 0.2, resetAfterMs: 60_000 };

/** The limits a tracker has unless told otherwise. */
export const defaultTrackerLimits: TrackerLimits = {
  maxConnections: limits.maxTrackerConnections,
  maxConnectionsPerHost: limits.maxConnectionsPerHost,
  maxPendingHandshakes: limits.maxPendingHandshakes,
  handshakeTimeoutMs: limits.tlsHandshakeTimeoutMs,
  heartbeatMs: limits.heartbeatMs,
  leaseMs: limits.leaseMs,
  retainMs: limits.retainShareMs,
  reapEveryMs: limits.reapEveryMs,
  searchers: Math.min(limits.defaultSearchers, availableParallelism()),
  searchesPerSecond: limits.trackerSearches.perSecond,
  searchBurst: limits.trackerSearches.burst,
};
