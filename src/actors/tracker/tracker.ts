/**
 * The root of a tracker: starts its parts in the order in which they need each other, the door last, and holds what
 * outlives them: who is inside, the ways to the listeners, the leases. Invariant: a part that fails is restarted
 * alone, and costs what it was doing; connections end only with their own listener.
 */
import { randomBytes } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { isAnyHost } from '../../core/host.ts';
import * as limits from '../../core/limits.ts';
import type { NeighbourTracker } from '../../core/neighbours.ts';
import { LeaseKeeper, type LeaseTerms } from '../../core/presence.ts';
import type { TrackerLimits } from '../../core/tracker-api.ts';
import type { Identity } from '../../identity/identity.ts';
import { ReachBook } from '../../core/reach-book.ts';
import { hasReaders } from '../../store/open-store.ts';
import { actor, type ActorContext, type ActorRef, type Backoff, type Clock } from '../runtime/index.ts';
import { callsActor } from './calls.ts';
import { directoryActor } from './directory.ts';
import { drainActor, type DrainCommand } from './drain.ts';
import { gateActor, type Listening } from './gate.ts';
import { Lanes } from './lanes.ts';
import { listenerActor } from './listener.ts';
import { deskOf, type LookUpDesk } from './look-up-desk.ts';
import type { LookUp } from './look-ups.ts';
import { proberActor } from './prober.ts';
import { reaperActor } from './reaper.ts';
import { neighboursActor } from './neighbours.ts';
import { permitsActor } from './permits.ts';
import { registryActor, type RegistryArgs } from './registry.ts';
import { Roster } from './roster.ts';
import { searcherActor } from './searcher.ts';
import { swarmsActor } from './swarms.ts';

export interface TrackerArgs {
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
  readonly identity: Identity;
  /** `memory:`, the path of a file, or the URL of a store that several trackers share. */
  readonly store: string;
  /** How peers of other trackers can reach this one; default: where it listens, unless that is any address. */
  readonly announce?: { readonly host: string; readonly port: number } | undefined;
  /** In place of `store`, where everything is placed here. */
  readonly openStore?: RegistryArgs['openStore'];
  readonly limits: TrackerLimits;
  /** Where the registry, the searchers and the listeners run: each on a thread of its own, or all on this one. */
  readonly placement: 'here' | 'thread';
  readonly clock: Clock;
  /** Milliseconds since 1970. */
  readonly wallMs: () => number;
  /** From 0 up to 1. */
  readonly random: () => number;
  /** Told when the door is open, and again when it has been opened anew. */
  readonly observer: ActorRef<Listening>;
}

export const trackerActor = actor<DrainCommand, TrackerArgs>(
  'tracker',
  (ctx, args) => {
    const { clock, wallMs, random, placement } = args;
    const options = { backoff: restartBackoff };
    const placed = { ...options, placement };
    // Twice as many as connections: one that ends keeps its slot for a moment.
    const roster = new Roster(2 * args.limits.maxConnections);
    const lanes = new Lanes((ticket) => roster.released(ticket.slot, ticket.session));
    const book = new ReachBook();
    const leases = new LeaseKeeper(roster.table, leaseTerms(args));

    const { store, openStore } = args;
    const registry = ctx.spawn(registryActor, { store, openStore }, placed);
    const desk = openDesk(ctx, args, registry);
    const swarms = ctx.spawn(swarmsActor, { desk: () => desk, clock, random }, options);
    const shared = { registry, roster, lanes, limits: args.limits };
    const reaper = ctx.spawn(reaperActor, { ...shared, leases, clock, wallMs }, options);
    const prober = ctx.spawn(
      proberActor,
      { ...shared, identity: args.identity, book, clock, random },
      options,
    );
    const calls = ctx.spawn(callsActor, { roster, lanes, book, clock }, options);
    const directory = ctx.spawn(directoryActor, { ...shared, reaper, swarms, prober }, options);
    const permits = ctx.spawn(permitsActor, { registry, clock, wallMs }, options);
    const presence = roster.presence;
    // Who comes again resumes its TLS session at any of them.
    const ticketKeys = randomBytes(48);
    for (let listener = 0; listener < args.limits.listeners; listener++)
      lanes.add(
        ctx.spawn(
          listenerActor,
          {
            listener,
            identity: args.identity,
            ticketKeys,
            directory,
            registry,
            desk,
            swarms,
            calls,
            permits,
            presence,
            limits: args.limits,
            surroundings: placement === 'here' ? { clock, wallMs, random } : undefined,
          },
          { ...placed, name: `listener-${listener}` },
        ),
      );
    const door = { port: args.port, isOpen: false };
    const self = (): NeighbourTracker | undefined => addressOf(args, door);
    const neighbours = ctx.spawn(neighboursActor, { registry, directory, self }, options);
    const gate = ctx.spawn(
      gateActor,
      { ...shared, host: args.host, door, clock, observer: args.observer },
      options,
    );
    const connections = (): number => roster.size;
    const drain = ctx.spawn(drainActor, { gate, neighbours, directory, connections, clock }, options);
    return {
      receive: (message) => drain.tell(message),
      stopped: () => lanes.close(),
    };
  },
  { supervision: { strategy: 'one-for-one', maxRestarts: 5, withinMs: 30_000 } },
);

/** Where others find this tracker, once that is known. */
function addressOf(
  { announce, host, identity }: TrackerArgs,
  door: { readonly port: number; readonly isOpen: boolean },
): NeighbourTracker | undefined {
  const { id } = identity;
  if (announce !== undefined) return { ...announce, id };
  return door.isOpen && !isAnyHost(host) ? { host, port: door.port, id } : undefined;
}

function leaseTerms({ limits: { leaseMs, reapEveryMs }, random }: TrackerArgs): LeaseTerms {
  const leaseSeconds = leaseMs / 1_000;
  return {
    leaseSeconds,
    graceSeconds: limits.graceLeases * leaseSeconds,
    maxScanGapSeconds: (reapEveryMs + limits.deafAfterMs) / 1_000,
    random,
  };
}

/** The searchers, where the store can be read beside the registry; otherwise the registry itself. */
function openDesk(
  ctx: ActorContext<never>,
  { placement, store, limits: { searchers } }: TrackerArgs,
  registry: ActorRef<LookUp>,
): LookUpDesk {
  if (placement === 'here' || !hasReaders(store) || searchers === 0) return deskOf(registry);
  const waiting = new SharedArrayBuffer(searchers * Int32Array.BYTES_PER_ELEMENT);
  const refs = Array.from({ length: searchers }, (_, at) =>
    ctx.spawn(
      searcherActor,
      { store, waiting, at },
      { name: `searcher-${at}`, placement, backoff: searcherBackoff },
    ),
  );
  return { searchers: refs, waiting };
}

/** Others go on searching meanwhile. */
const searcherBackoff: Backoff = { minMs: 10, maxMs: 5_000, jitter: 0.2, resetAfterMs: 60_000 };

/** Nobody can use a tracker that is down, so it comes back fast, but not so fast that it spins. */
const restartBackoff: Backoff = { minMs: 50, maxMs: 5_000, jitter: 0.2, resetAfterMs: 60_000 };

/** The limits a tracker has unless told otherwise. */
export const defaultTrackerLimits: TrackerLimits = {
  maxConnections: limits.maxTrackerConnections,
  maxConnectionsPerHost: limits.maxConnectionsPerHost,
  maxConnectionsPerNetwork: limits.maxConnectionsPerNetwork,
  maxPendingHandshakes: limits.maxPendingHandshakes,
  handshakeTimeoutMs: limits.tlsHandshakeTimeoutMs,
  heartbeatMs: limits.heartbeatMs,
  leaseMs: limits.leaseMs,
  retainMs: limits.retainShareMs,
  reapEveryMs: limits.reapEveryMs,
  listeners: Math.max(1, Math.min(limits.defaultListeners, availableParallelism() - 1)),
  searchers: Math.min(limits.defaultSearchers, availableParallelism()),
  searchesPerSecond: limits.trackerSearches.perSecond,
  searchBurst: limits.trackerSearches.burst,
};
