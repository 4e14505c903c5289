/**
 * One of the threads that peers' connections live on: takes the sockets that the gate hands over, does their TLS
 * handshakes and starts a connection actor for each peer whose key it has proof of. All connections of an address
 * are with one listener, so what they may ask together is counted here.
 * Invariant: a socket taken belongs to its handshake, to one connection, or is destroyed; the directory hears of its
 * end however it ends.
 */
import type { Socket } from 'node:net';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { TLSSocket } from 'node:tls';
import { MessageChannel } from 'node:worker_threads';
import type { PeerId } from '../../core/ids.ts';
import * as limits from '../../core/limits/tracker.ts';
import { Overload } from '../../core/tracker/overload.ts';
import { PresenceTable } from '../../core/tracker/presence.ts';
import { ThreadCounters, type CounterBlock } from '../../core/tracker/tracker-counters.ts';
import { WantedContents } from '../../core/tracker/wanted-contents.ts';
import type { Identity } from '../../identity/identity.ts';
import { remotePeerId, tlsOptions } from '../../identity/tls.ts';
import { KnownFiles } from '../../store/known-files.ts';
import { actor, systemClock, type ActorRef, type AskFailure, type Outcome } from '../runtime/index.ts';
import { connectionActor, type Surroundings } from './connection.ts';
import type { ConnectionCommand } from './connection-commands.ts';
import type { CallsCommand } from './calls.ts';
import type { DirectoryCommand } from './directory.ts';
import { Admission } from './admission.ts';
import { Handshakes } from './handshakes.ts';
import { allowanceTerms, Hosts } from './hosts.ts';
import type { Handover } from './lanes.ts';
import type { LookUpDesk } from './look-up-desk.ts';
import { NewsDesk } from './news-desk.ts';
import type { PermitsCommand } from './permits.ts';
import type { RegistryCommand } from './registry.ts';
import type { Ticket } from './roster.ts';
import type { SwarmsCommand } from './swarms.ts';
import { TermsInForce, type Terms, type TermsCommand } from './terms.ts';
import { threadMeterActor } from './thread-meter.ts';

export type ListenerCommand =
  | { readonly type: 'tell'; readonly session: number; readonly message: ConnectionCommand }
  | { readonly type: 'tell-all'; readonly message: ConnectionCommand }
  /** Sessions are given, and resumed, under these from now on. */
  | { readonly type: 'ticket-keys'; readonly keys: Uint8Array }
  | TermsCommand;

type ListenerMessage =
  | ListenerCommand
  | { readonly type: 'taken'; readonly handover: Handover }
  | { readonly type: 'secured'; readonly socket: TLSSocket; readonly ticket: Ticket }
  | { readonly type: 'dropped'; readonly ticket: Ticket }
  | { readonly type: 'ended'; readonly ticket: Ticket; readonly peer: PeerId }
  | { readonly type: 'lag' }
  | { readonly type: 'look' | 'prune' | 'retry-news' }
  | { readonly type: 'lane'; readonly outcome: Outcome<boolean, AskFailure> };

/** Plain data, unless it is placed where it was spawned: then `surroundings` may be made up. */
export interface ListenerArgs {
  readonly listener: number;
  readonly identity: Identity;
  /** The same for all listeners: see `tlsOptions`. Those in use when it starts. */
  readonly tickets: { readonly keys: Uint8Array };
  readonly directory: ActorRef<DirectoryCommand>;
  readonly registry: ActorRef<RegistryCommand>;
  /** Where connections have things looked up. */
  readonly desk: LookUpDesk;
  readonly swarms: ActorRef<SwarmsCommand>;
  readonly calls: ActorRef<CallsCommand>;
  readonly permits: ActorRef<PermitsCommand>;
  /** What all listeners share: the words of the presence table, what is wanted, which files have been prepared. */
  readonly presence: SharedArrayBuffer;
  readonly wanted: SharedArrayBuffer;
  readonly known: SharedArrayBuffer;
  /** What is in force when it starts. */
  readonly terms: Terms;
  readonly counters: CounterBlock;
  readonly surroundings: Surroundings | undefined;
  /** See `TrackerArgs`. */
  readonly refusesWhenLate: boolean;
}

const realSurroundings: Surroundings = {
  clock: systemClock,
  wallMs: () => Date.now(),
  random: Math.random,
};

export const listenerActor = actor<ListenerMessage, ListenerArgs>(
  'listener',
  (ctx, args) => {
    const { surroundings = realSurroundings } = args;
    const { clock } = surroundings;
    const presence = new PresenceTable(new Uint32Array(args.presence));
    const wanted = new WantedContents(args.wanted);
    const known = new KnownFiles(args.known);
    const terms = new TermsInForce(args.terms);
    const counters = ThreadCounters.in(args.counters);
    counters.resetGauges();
    if (args.surroundings === undefined) ctx.spawn(threadMeterActor, { counters });
    // They are on threads of their own: what is asked of them passes no other on its way.
    const registry = ctx.direct(args.registry);
    const desk = { ...args.desk, searchers: args.desk.searchers.map((searcher) => ctx.direct(searcher)) };
    const hosts = new Hosts(allowanceTerms(terms, 1));
    const identities = new Hosts(allowanceTerms(terms, limits.identityShare), (peer) => peer);
    const overload = new Overload(surroundings.random);
    const lag = monitorEventLoopDelay({ resolution: limits.lagSampleMs });
    lag.enable();
    const connections = new Map<number, ActorRef<ConnectionCommand>>();
    const sockets = new Set<TLSSocket>();
    /** In our mailbox: it may be emptied without us. */
    const waiting = new Set<Socket>();
    const news = new NewsDesk(args.directory, () =>
      ctx.timers.once('news', limits.registryRetryMs, { type: 'retry-news' }),
    );
    const note = (message: ListenerMessage): boolean => !ctx.signal.aborted && ctx.self.offer(message);
    let tls = tlsOptions(args.identity, 'tracker', args.tickets.keys);
    const handshakes = new Handshakes({
      get tls() {
        return tls;
      },
      max: limits.maxTlsHandshakes,
      slowMs: limits.slowHandshakeMs,
      get timeoutMs() {
        return terms.limits.handshakeTimeoutMs;
      },
      secured(socket, ticket, takenMs) {
        counters.took('handshake', clock.now() - takenMs);
        counters.addTo('handshakes', socket.isSessionReused() ? 'resumed' : 'full');
        sockets.add(socket);
        socket.once('close', () => sockets.delete(socket));
        post(socket, ticket, { type: 'secured', socket, ticket });
      },
      dropped(ticket) {
        counters.addTo('rejected', 'handshake-failed');
        news.add('released', ticket);
      },
    });
    /** Notes what brings a socket; where there is no room for that, it is let go of. */
    function post(socket: Socket, ticket: Ticket, message: ListenerMessage): void {
      waiting.add(socket);
      if (note(message)) return;
      waiting.delete(socket);
      socket.destroy();
      news.add('released', ticket);
    }

    let door = openLane();
    const lookEveryMs = Math.min(limits.handshakeLookMs, terms.limits.handshakeTimeoutMs / 4);
    ctx.timers.every('look', lookEveryMs, { type: 'look' });
    ctx.timers.every('lag', limits.lagLookMs, { type: 'lag' });
    ctx.timers.every('prune', limits.pruneHostsEveryMs, { type: 'prune' });

    /** A port that has been sent is gone, so each attempt takes a new one. */
    function openLane(): { close(): void } {
      const { port1, port2 } = new MessageChannel();
      port1.on('message', (handover: Handover) => {
        const message = { type: 'taken', handover } as const;
        if (handover.type === 'socket') post(handover.socket, handover.ticket, message);
        else note(message);
      });
      ctx.ask(
        args.directory,
        { type: 'open-lane', listener: args.listener, port: port2 },
        limits.registryAskTimeoutMs,
        (outcome) => ({ type: 'lane', outcome }),
      );
      return port1;
    }

    function take(handover: Handover): void {
      if (handover.type === 'drop') {
        handshakes.drop(handover.session);
        // Done in the very moment.
        connections.get(handover.session)?.offer({ type: 'close', why: 'crowded' });
        return;
      }
      const { socket, ticket } = handover;
      waiting.delete(socket);
      handshakes.take(socket, ticket, clock.now());
    }

    function start(socket: TLSSocket, ticket: Ticket): void {
      waiting.delete(socket);
      const peer = remotePeerId(socket);
      if (!peer.ok || socket.destroyed) {
        socket.destroy();
        return news.add('released', ticket);
      }
      news.add('secured', ticket);
      const connection = ctx.spawn(
        connectionActor,
        {
          ...surroundings,
          ...ticket,
          socket,
          peer: peer.value,
          admission: new Admission({
            host: hosts.enter(ticket.host, clock.now()),
            identity: identities.enter(peer.value, clock.now()),
            overload,
            waiting: desk.waiting,
          }),
          registry,
          desk,
          directory: args.directory,
          swarms: args.swarms,
          calls: args.calls,
          permits: args.permits,
          presence,
          wanted,
          known,
          arrived: () => news.add('arrived', ticket),
          terms,
          counters,
        },
        { restart: 'temporary' },
      );
      connections.set(ticket.session, connection);
      ctx.watch(connection, () => ({ type: 'ended', ticket, peer: peer.value }));
    }

    function measure(): void {
      let unsentBytes = 0;
      for (const socket of sockets) unsentBytes += socket.writableLength;
      counters.set('unsentBytes', unsentBytes);
      counters.set('handshaking', handshakes.count);
      counters.set('connections', connections.size + handshakes.count);
    }

    return {
      receive(message) {
        switch (message.type) {
          case 'taken':
            return take(message.handover);
          case 'secured':
            return start(message.socket, message.ticket);
          case 'dropped':
            return news.add('released', message.ticket);
          case 'ended':
            connections.delete(message.ticket.session);
            hosts.leave(message.ticket.host, clock.now());
            identities.leave(message.peer, clock.now());
            counters.add('closed');
            return news.add('released', message.ticket);
          case 'tell':
            connections.get(message.session)?.offer(message.message);
            return;
          case 'tell-all':
            for (const connection of connections.values()) connection.offer(message.message);
            return;
          case 'ticket-keys':
            tls = tlsOptions(args.identity, 'tracker', message.keys);
            return;
          case 'look':
            measure();
            return handshakes.expire(clock.now());
          case 'terms':
            terms.change(message);
            for (const connection of connections.values()) connection.offer({ type: 'terms' });
            return;
          case 'lag':
            if (lag.count > 0 && args.refusesWhenLate)
              overload.late(Math.max(0, lag.mean / 1e6 - limits.lagSampleMs));
            return lag.reset();
          case 'prune':
            identities.prune(clock.now());
            return hosts.prune(clock.now());
          case 'retry-news':
            return news.flush();
          case 'lane':
            if (message.outcome.ok) return;
            door.close();
            door = openLane();
        }
      },
      async stopped() {
        lag.disable();
        door.close();
        for (const socket of waiting) socket.destroy();
        handshakes.close();
        await closed(sockets);
      },
    };
  },
  { mailbox: { capacity: limits.listenerMailbox }, module: import.meta.url },
);

/** Resolves when all of them have closed: their actors have ended, and each has a deadline of its own. */
async function closed(sockets: ReadonlySet<TLSSocket>): Promise<void> {
  await Promise.all([...sockets].map((socket) => new Promise((resolve) => socket.once('close', resolve))));
}
