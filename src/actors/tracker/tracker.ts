/**
 * The root of a tracker: starts its parts in the order in which they need each other, the door last, and holds what
 * outlives them: who is inside, the ways to the listeners, the leases. Invariant: a part that fails is restarted
 * alone, and costs what it was doing; connections end only with their own listener.
 */
import { availableParallelism } from 'node:os';
import { isAnyHost } from '../../core/host.ts';
import * as limits from '../../core/limits/tracker.ts';
import { heartbeatMs, leaseMs } from '../../core/limits/wire.ts';
import type { NeighbourTracker } from '../../core/tracker/neighbours.ts';
import { LeaseKeeper, type LeaseTerms } from '../../core/tracker/presence.ts';
import type { DenyRules } from '../../core/tracker/deny-list.ts';
import type { TrackerLimits } from '../../core/tracker/tracker-api.ts';
import { TrackerCounters } from '../../core/tracker/tracker-counters.ts';
import { WantedContents } from '../../core/tracker/wanted-contents.ts';
import type { Identity } from '../../identity/identity.ts';
import { TicketKeys } from '../../identity/ticket-keys.ts';
import { ReachBook } from '../../core/tracker/reach-book.ts';
import { KnownFiles } from '../../store/known-files.ts';
import { hasReaders } from '../../store/open-store.ts';
import {
  actor,
  type ActorContext,
  type ActorRef,
  type Asking,
  type Backoff,
  type Clock,
} from '../runtime/index.ts';
import { callsActor } from './calls.ts';
import type { CatalogueWait } from './catalogue-wait.ts';
import { directoryActor } from './directory.ts';
import { drainActor, type DrainCommand } from './drain.ts';
import { gateActor, type Listening } from './gate.ts';
import { Lanes } from './lanes.ts';
import { listenerActor } from './listener.ts';
import { lossesActor } from './losses.ts';
import { deskOf, type LookUpDesk } from './look-up-desk.ts';
import type { LookUp } from './look-ups.ts';
import { proberActor } from './prober.ts';
import { reaperActor } from './reaper.ts';
import { neighboursActor } from './neighbours.ts';
import { permitsActor } from './permits.ts';
import { registryActor, type RegistryArgs, type RegistryCommand } from './registry.ts';
import { Roster } from './roster.ts';
import { searcherActor } from './searcher.ts';
import { swarmsActor } from './swarms.ts';
import { TermsInForce, type Terms } from './terms.ts';
import { threadMeterActor } from './thread-meter.ts';

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
  /** What sessions are resumed by; default: secrets that nobody keeps. */
  readonly ticketKeys?: TicketKeys;
  /** Whom and what is denied at the start; default: nobody and nothing. */
  readonly deny?: DenyRules;
  /** Made for `trackerThreads(limits)`; default: some that nobody looks at. */
  readonly counters?: TrackerCounters;
  /** Where the registry, the searchers and the listeners run: each on a thread of its own, or all on this one. */
  readonly placement: 'here' | 'thread';
  /** Whether searches are refused while a listener's thread is late; default: they are. */
  readonly refusesWhenLate?: boolean;
  readonly clock: Clock;
  /** Milliseconds since 1970. */
  readonly wallMs: () => number;
  /** From 0 up to 1. */
  readonly random: () => number;
  /** Told when the door is open, and again when it has been opened anew. */
  readonly observer: ActorRef<Listening>;
  /** Told what the threads of the catalogue wait for, which may be at any time. */
  readonly waits?: ActorRef<CatalogueWait> | undefined;
}

export type TrackerCommand =
  | DrainCommand
  /** Answered once all have been told. */
  | ({ readonly type: 'terms' } & Terms & Asking<true>)
  | Extract<RegistryCommand, { readonly type: 'stats' | 'backup' | 'sweep' }>;

/** The names of the threads of a tracker with these limits, this one first. */
export function trackerThreads({
  listeners,
  searchers,
}: Pick<TrackerLimits, 'listeners' | 'searchers'>): readonly string[] {
  const numbered = (name: string, count: number): string[] =>
    Array.from({ length: count }, (_, at) => `${name}-${at}`);
  return ['tracker', 'registry', ...numbered('searcher', searchers), ...numbered('listener', listeners)];
}

export const trackerActor = actor<TrackerCommand | { readonly type: 'renew-tickets' }, TrackerArgs>(
  'tracker',
  (ctx, args) => {
    const { clock, wallMs, random, placement } = args;
    const options = { backoff: restartBackoff };
    const { deny, counters: all = new TrackerCounters(trackerThreads(args.limits)) } = args;
    const terms = new TermsInForce({ limits: args.limits, ...(deny && { deny }) });
    const counters = all.of('tracker');
    const isPlaced = placement === 'thread';
    ctx.spawn(threadMeterActor, { counters });
    const placed = { ...options, placement };
    // Twice as many as connections: one that ends keeps its slot for a moment.
    const roster = new Roster(2 * args.limits.maxConnections);
    const lanes = new Lanes((ticket) => roster.released(ticket.slot, ticket.session));
    const book = new ReachBook();
    const leases = new LeaseKeeper(roster.table, leaseTerms(terms.limits, random));

    const { store, openStore, waits } = args;
    const waiting = waitingFor(args);
    const registry = ctx.spawn(
      registryActor,
      {
        store,
        openStore,
        waits,
        waiting,
        losses: ctx.spawn(lossesActor, { lanes, roster, clock }, options),
        counters: isPlaced ? all.block('registry') : undefined,
      },
      placed,
    );
    const desk = openDesk(ctx, args, registry, waiting, all);
    const swarms = ctx.spawn(swarmsActor, { desk: () => desk, clock, random }, options);
    const shared = { registry, roster, lanes, terms, counters };
    const reaper = ctx.spawn(reaperActor, { ...shared, leases, clock, wallMs }, options);
    const prober = ctx.spawn(
      proberActor,
      { ...shared, identity: args.identity, book, clock, random },
      options,
    );
    const calls = ctx.spawn(callsActor, { registry, roster, lanes, book, clock, counters }, options);
    const directory = ctx.spawn(directoryActor, { ...shared, reaper, swarms, prober }, options);
    const permits = ctx.spawn(permitsActor, { registry, clock, wallMs }, options);
    const { presence } = roster;
    const { memory: wanted } = new WantedContents();
    const { memory: known } = new KnownFiles();
    /** What a listener starts with, also when it starts again. */
    const latest: { -readonly [Key in keyof Terms]: Terms[Key] } = {
      limits: terms.limits,
      deny: terms.denied.rules,
    };
    const { ticketKeys = TicketKeys.load(undefined, wallMs()) } = args;
    // Who comes again resumes its TLS session at any of them.
    const tickets = { keys: ticketKeys.current };
    const listeners = Array.from({ length: args.limits.listeners }, (_, listener) =>
      ctx.spawn(
        listenerActor,
        {
          listener,
          identity: args.identity,
          tickets,
          directory,
          registry,
          desk,
          swarms,
          calls,
          permits,
          presence,
          wanted,
          known,
          terms: latest,
          counters: all.block(`listener-${listener}`),
          refusesWhenLate: args.refusesWhenLate ?? true,
          surroundings: placement === 'here' ? { clock, wallMs, random } : undefined,
        },
        { ...placed, name: `listener-${listener}`, resourceLimits: listenerHeap },
      ),
    );
    for (const listener of listeners) lanes.add(listener);
    const renewLater = (): void =>
      ctx.timers.once('tickets', ticketKeys.leftMs(wallMs()), { type: 'renew-tickets' });
    renewLater();
    const door = { port: args.port, isOpen: false };
    const self = (): NeighbourTracker | undefined => addressOf(args, door);
    const isReachable = args.announce !== undefined || !isAnyHost(args.host);
    const neighbours = ctx.spawn(neighboursActor, { registry, directory, self, isReachable }, options);
    const gate = ctx.spawn(
      gateActor,
      { ...shared, host: args.host, door, clock, observer: args.observer },
      options,
    );
    const connections = (): number => roster.size;
    const ways = { gate, neighbours, directory, registry };
    const drain = ctx.spawn(drainActor, { ...ways, connections, clock }, options);
    return {
      receive(message) {
        switch (message.type) {
          case 'drain':
            return drain.tell(message);
          case 'terms':
            terms.change(message);
            latest.deny = message.deny;
            for (const listener of listeners)
              listener.tell({ type: 'terms', limits: message.limits, deny: message.deny });
            return message.replyTo.reply(true);
          case 'renew-tickets':
            ticketKeys.renew(wallMs());
            tickets.keys = ticketKeys.current;
            for (const listener of listeners) listener.tell({ type: 'ticket-keys', keys: tickets.keys });
            return renewLater();
          case 'stats':
          case 'backup':
          case 'sweep':
            return registry.tell(message);
        }
      },
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

/** Of leases as they are at the moment. */
function leaseTerms(terms: TrackerLimits, random: () => number): LeaseTerms {
  const { leaseMs, reapEveryMs } = terms;
  return {
    get leaseSeconds() {
      return terms.leaseMs / 1_000;
    },
    graceSeconds: (limits.graceLeases * leaseMs) / 1_000,
    maxScanGapSeconds: (reapEveryMs + limits.deafAfterMs) / 1_000,
    random,
  };
}

/** Where the questions that searchers have are counted; undefined where there are no searchers. */
function waitingFor({ placement, store, limits }: TrackerArgs): SharedArrayBuffer | undefined {
  if (placement === 'here' || !hasReaders(store) || limits.searchers === 0) return undefined;
  return new SharedArrayBuffer(limits.searchers * Int32Array.BYTES_PER_ELEMENT);
}

/** The searchers, where the store can be read beside the registry; otherwise the registry itself. */
function openDesk(
  ctx: Pick<ActorContext<never>, 'spawn'>,
  { placement, store, waits, limits: { searchers } }: TrackerArgs,
  registry: ActorRef<LookUp>,
  waiting: SharedArrayBuffer | undefined,
  counters: TrackerCounters,
): LookUpDesk {
  if (waiting === undefined) return deskOf(registry);
  const refs = Array.from({ length: searchers }, (_, at) =>
    ctx.spawn(
      searcherActor,
      { store, waiting, at, waits, counters: counters.block(`searcher-${at}`) },
      { name: `searcher-${at}`, placement, backoff: searcherBackoff },
    ),
  );
  return { searchers: refs, waiting };
}

/** Others go on searching meanwhile. */
const searcherBackoff: Backoff = { minMs: 10, maxMs: 5_000, jitter: 0.2, resetAfterMs: 60_000 };

/** What is kept of each connection is little; what is let go by is not to be kept for long. */
const listenerHeap = { maxYoungGenerationSizeMb: limits.listenerYoungGenerationMb };

/** Nobody can use a tracker that is down, so it comes back fast, but not so fast that it spins. */
const restartBackoff: Backoff = { minMs: 50, maxMs: 5_000, jitter: 0.2, resetAfterMs: 60_000 };

/** The limits a tracker has unless told otherwise. */
export const defaultTrackerLimits: TrackerLimits = {
  maxConnections: limits.maxTrackerConnections,
  maxConnectionsPerHost: limits.maxConnectionsPerHost,
  maxConnectionsPerNetwork: limits.maxConnectionsPerNetwork,
  maxPendingHandshakes: limits.maxPendingHandshakes,
  handshakeTimeoutMs: limits.tlsHandshakeTimeoutMs,
  heartbeatMs,
  leaseMs,
  retainMs: limits.retainShareMs,
  maxFilesAway: limits.maxFilesAway,
  reapEveryMs: limits.reapEveryMs,
  listeners: Math.max(1, Math.min(limits.defaultListeners, availableParallelism() - 1)),
  searchers: Math.min(limits.defaultSearchers, availableParallelism()),
  searchesPerSecond: limits.trackerSearches.perSecond,
  searchBurst: limits.trackerSearches.burst,
};
