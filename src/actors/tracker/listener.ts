/**
 * Opens the tracker's door: accepts, bounds how many may be inside and how many before the door, does the TLS
 * handshake and starts a connection actor for each peer whose key it has proof of. Invariant: a socket belongs to
 * the handshake, to one connection, or is destroyed.
 */
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { plainHost } from '../../core/host.ts';
import * as limits from '../../core/limits.ts';
import { Hosts, type HostAllowances } from './hosts.ts';
import type { PresenceSlots } from './presence-slots.ts';
import type { TrackerLimits } from '../../core/tracker-api.ts';
import type { Identity } from '../../identity/identity.ts';
import { remotePeerId, tlsOptions } from '../../identity/tls.ts';
import { actor, type ActorRef, type Clock } from '../runtime/index.ts';
import { connectionActor } from './connection.ts';
import type { ReaperCommand } from './reaper.ts';
import type { LookUpDesk } from './look-up-desk.ts';
import type { RegistryCommand } from './registry.ts';
import type { SwarmsCommand } from './swarms.ts';

/** What those who want to know are told: where the door is. */
export interface Listening {
  readonly type: 'listening';
  readonly host: string;
  readonly port: number;
}

export interface ListenerArgs {
  readonly host: string;
  /** The port to open, 0 for a free one; once open it is kept here, so that a restart opens the same one. */
  readonly door: { port: number };
  readonly identity: Identity;
  readonly registry: ActorRef<RegistryCommand>;
  /** Where connections have things looked up. */
  readonly desk: () => LookUpDesk;
  readonly swarms: ActorRef<SwarmsCommand>;
  readonly reaper: ActorRef<ReaperCommand>;
  readonly presence: PresenceSlots;
  readonly limits: TrackerLimits;
  readonly clock: Clock;
  readonly wallMs: () => number;
  readonly random: () => number;
  /** Numbers that are never given twice. */
  readonly nextSession: () => number;
  readonly observer: ActorRef<Listening>;
}

type ListenerMessage =
  | { readonly type: 'accepted'; readonly socket: Socket }
  | { readonly type: 'secured' | 'dropped'; readonly handshake: Handshake }
  | { readonly type: 'ended'; readonly host: string }
  | { readonly type: 'prune' }
  | { readonly type: 'failed'; readonly error: Error };

/** A connection that has not yet proved its key. */
interface Handshake {
  readonly socket: TLSSocket;
  readonly host: string;
  readonly allowances: HostAllowances;
  /** Takes back the deadline. */
  readonly inTime: () => void;
}

export const listenerActor = actor<ListenerMessage, ListenerArgs>(
  'listener',
  async (ctx, args) => {
    const { clock, door } = args;
    const tls = tlsOptions(args.identity, 'tracker');
    const hosts = new Hosts({
      searches: { perSecond: args.limits.searchesPerSecond, burst: args.limits.searchBurst },
      lookups: limits.trackerLookups,
      changes: limits.trackerChanges,
    });
    /** In our mailbox: it may be emptied without us. */
    const waiting = new Set<Socket>();
    const handshakes = new Set<Handshake>();
    const sockets = new Set<TLSSocket>();

    const server = createServer({ pauseOnConnect: true, noDelay: true }, (socket) => {
      if (!ctx.signal.aborted && ctx.self.offer({ type: 'accepted', socket })) waiting.add(socket);
      else socket.destroy();
    });
    await listen(server, args.host, door.port);
    server.on('error', (error) => ctx.self.tell({ type: 'failed', error }));
    door.port = (server.address() as AddressInfo).port;
    args.observer.tell({ type: 'listening', host: args.host, port: door.port });
    ctx.timers.every('prune', limits.pruneHostsEveryMs, { type: 'prune' });

    function accept(socket: Socket): void {
      waiting.delete(socket);
      const host = plainHost(socket.remoteAddress ?? '');
      const { maxConnections, maxConnectionsPerHost, maxPendingHandshakes } = args.limits;
      // An address that is gone already has no text.
      if (host === '' || sockets.size >= maxConnections || hosts.connections(host) >= maxConnectionsPerHost) {
        socket.destroy();
        return;
      }
      if (handshakes.size >= maxPendingHandshakes) makeRoom();
      greet(socket, host);
    }

    /** The oldest of the host that has most has had its time: no host shuts out another, nor a slow one the next. */
    function makeRoom(): void {
      const ofHost = new Map<string, Handshake[]>();
      for (const handshake of handshakes) {
        const others = ofHost.get(handshake.host);
        if (others === undefined) ofHost.set(handshake.host, [handshake]);
        else others.push(handshake);
      }
      const [most] = [...ofHost.values()].toSorted((a, b) => b.length - a.length);
      const [oldest] = most ?? [];
      if (oldest === undefined) return;
      drop(oldest);
      oldest.socket.destroy();
    }

    function drop(handshake: Handshake): void {
      forget(handshake);
      hosts.leave(handshake.host, clock.now());
    }

    function greet(raw: Socket, host: string): void {
      // An error is followed by a close, which says all we need.
      raw.on('error', ignore);
      const socket = new TLSSocket(raw, { isServer: true, ...tls });
      const expired = (): unknown => socket.destroy();
      const allowances = hosts.enter(host, clock.now());
      const handshake = {
        socket,
        host,
        allowances,
        inTime: clock.after(args.limits.handshakeTimeoutMs, expired),
      };
      handshakes.add(handshake);
      sockets.add(socket);
      const note = (type: 'secured' | 'dropped') => (): void => {
        if (!ctx.signal.aborted) ctx.self.tell({ type, handshake });
      };
      socket.on('error', ignore);
      socket.once('secure', note('secured'));
      socket.once('close', () => {
        sockets.delete(socket);
        note('dropped')();
      });
    }

    function start(handshake: Handshake): void {
      const { socket, host, allowances } = handshake;
      if (!handshakes.has(handshake)) return;
      const peer = remotePeerId(socket);
      if (!peer.ok) {
        socket.destroy();
        return;
      }
      forget(handshake);
      const connection = ctx.spawn(
        connectionActor,
        {
          socket,
          host,
          allowances,
          peer: peer.value,
          session: args.nextSession(),
          registry: args.registry,
          desk: args.desk(),
          swarms: args.swarms,
          reaper: args.reaper,
          presence: args.presence,
          limits: args.limits,
          clock,
          wallMs: args.wallMs,
          random: args.random,
        },
        { restart: 'temporary' },
      );
      ctx.watch(connection, () => ({ type: 'ended', host }));
    }

    function forget(handshake: Handshake): void {
      handshake.inTime();
      handshakes.delete(handshake);
    }

    return {
      receive(message) {
        switch (message.type) {
          case 'accepted':
            accept(message.socket);
            return;
          case 'secured':
            start(message.handshake);
            return;
          case 'dropped':
            if (handshakes.has(message.handshake)) drop(message.handshake);
            return;
          case 'ended':
            hosts.leave(message.host, clock.now());
            return;
          case 'prune':
            hosts.prune(clock.now());
            return;
          case 'failed':
            throw message.error;
        }
      },
      async stopped() {
        server.close();
        for (const socket of waiting) socket.destroy();
        for (const handshake of handshakes) {
          handshake.inTime();
          handshake.socket.destroy();
        }
        await closed(sockets);
      },
    };
  },
  { mailbox: { capacity: limits.listenerMailbox } },
);

const ignore = (): void => {};

/** Resolves when the door is open; rejects with the system's error (EADDRINUSE, EACCES, …). */
function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port, backlog: limits.listenBacklog }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

/** Resolves when all of them have closed: their actors have ended, and each has a deadline of its own. */
async function closed(sockets: ReadonlySet<TLSSocket>): Promise<void> {
  await Promise.all([...sockets].map((socket) => new Promise((resolve) => socket.once('close', resolve))));
}
