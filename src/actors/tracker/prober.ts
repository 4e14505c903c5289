/**
 * Looks which peers can be reached: dials back who has come, and later now and then, has the result shown to others, and
 * tells the peer. Dials nothing but the address that a peer's own connection comes from.
 * Invariant: never more than so many dials at once, nor in a time, in all and of one network; and of a peer that has
 * left nothing is kept but what the book remembers.
 */
import { Allowance } from '../../core/tracker/allowance.ts';
import { Allowances } from '../../core/tracker/allowances.ts';
import { networkOf } from '../../core/host.ts';
import type { PeerId } from '../../core/ids.ts';
import * as limits from '../../core/limits/reach.ts';
import { directoryMailbox, registryAskTimeoutMs } from '../../core/limits/tracker.ts';
import type { Doorstep, ReachBook } from '../../core/tracker/reach-book.ts';
import type { ThreadCounters } from '../../core/tracker/tracker-counters.ts';
import type { Identity } from '../../identity/identity.ts';
import { actor, type ActorRef, type Clock } from '../runtime/index.ts';
import { dialBack, type DialBack } from './dial-back.ts';
import type { Lanes } from './lanes.ts';
import type { RegistryCommand } from './registry.ts';
import type { Entry, Roster } from './roster.ts';

/** A peer is in and listed, at an address that may be new. */
export interface ProberCommand {
  readonly type: 'arrived';
  readonly peer: PeerId;
}

type ProberMessage =
  | ProberCommand
  | { readonly type: 'look' }
  | { readonly type: 'found'; readonly door: Doorstep; readonly isReachable: boolean }
  | { readonly type: 'noted' };

export interface ProberArgs {
  readonly identity: Identity;
  readonly roster: Pick<Roster, 'ofPeer' | 'listed'>;
  readonly lanes: Pick<Lanes, 'tell'>;
  readonly registry: ActorRef<RegistryCommand>;
  /** What is known, and what is found. */
  readonly book: ReachBook;
  readonly clock: Clock;
  /** From 0 up to 1. */
  readonly random: () => number;
  readonly counters?: ThreadCounters;
  /** How a peer is dialled; another one only in tests. */
  readonly dial?: typeof dialBack;
}

export const proberActor = actor<ProberMessage, ProberArgs>(
  'prober',
  (ctx, args) => {
    const { identity, roster, lanes, registry, book, clock, random, counters, dial = dialBack } = args;
    const inAll = new Allowance(limits.probes, clock.now());
    const ofNetworks = new Allowances(limits.probesOfNetwork, limits.maxRememberedProbes);
    /** When who is here is to be dialled, the earliest known first; only whoever is due is looked at. */
    const dueMs = new Map<PeerId, number>();
    const underWay = new Map<PeerId, DialBack>();
    for (const { arrival } of roster.listed()) arrived(arrival.peer);
    ctx.timers.every('look', limits.probeLookMs, { type: 'look' });

    function arrived(peer: PeerId): void {
      const entry = roster.ofPeer(peer);
      if (!entry?.arrival) return;
      const known = book.isReachable(entry.arrival);
      if (known !== undefined) tell(entry, entry.arrival, known);
      const firstMs = clock.now() + limits.firstProbeMs;
      dueMs.set(peer, Math.max(firstMs, book.dueMs(entry.arrival) ?? firstMs));
    }

    /** Dials who is due, as far as that is allowed; the others wait. */
    function look(): void {
      const nowMs = clock.now();
      ofNetworks.prune(nowMs);
      for (const [peer, due] of dueMs) {
        if (underWay.size >= limits.maxProbesAtOnce) return;
        if (due > nowMs || underWay.has(peer)) continue;
        const door = roster.ofPeer(peer)?.arrival;
        if (!door) dueMs.delete(peer);
        else if (ofNetworks.take(networkOf(door.host), nowMs)) {
          if (!inAll.take(nowMs)) return;
          probe({ peer, host: door.host, port: door.port });
        }
      }
    }

    function probe(door: Doorstep): void {
      const attempt = dial(door, identity, clock);
      underWay.set(door.peer, attempt);
      ctx.pipe(attempt.reached, (outcome) => ({
        type: 'found',
        door,
        isReachable: outcome.ok && outcome.value,
      }));
    }

    function found(door: Doorstep, isReachable: boolean): void {
      const { peer } = door;
      underWay.delete(peer);
      counters?.addTo('dialBacks', isReachable ? 'reachable' : 'unreachable');
      book.note(door, isReachable, clock.now(), random());
      const entry = roster.ofPeer(peer);
      if (!entry?.arrival) return void dueMs.delete(peer);
      // It has come back from elsewhere meanwhile, and is dialled there in its turn.
      if (entry.arrival.host !== door.host || entry.arrival.port !== door.port) return;
      dueMs.set(peer, book.dueMs(door) ?? Infinity);
      tell(entry, door, isReachable);
    }

    /** Tells all who want to know; who is too slow to hear it is told the next time. */
    function tell(entry: Entry, { peer, host, port }: Doorstep, isReachable: boolean): void {
      lanes.tell(entry.listener, entry.session, { type: 'reach', isReachable, host, port });
      const stay = { peer, session: entry.session };
      ctx.ask(registry, { type: 'set-reachable', stay, reachable: isReachable }, askTimeoutMs, () => ({
        type: 'noted',
      }));
    }

    return {
      receive(message) {
        switch (message.type) {
          case 'arrived':
            return arrived(message.peer);
          case 'look':
            return look();
          case 'found':
            return found(message.door, message.isReachable);
          case 'noted':
            return;
        }
      },
      stopped() {
        for (const attempt of underWay.values()) attempt.cancel();
      },
    };
  },
  { mailbox: { capacity: directoryMailbox } },
);

const askTimeoutMs = registryAskTimeoutMs;
