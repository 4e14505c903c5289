/**
 * The tracker's door: accepts, decides by address alone who may come in and how many may be before the TLS
 * handshake, and hands the socket, of which nothing has been read, to a listener. All sockets of an address go to
 * the same listener, which so knows what they ask together without asking others.
 * Invariant: a socket is handed over, or destroyed.
 */
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { networkOf, plainHost } from '../../core/host.ts';
import { listenBacklog } from '../../core/limits/connections.ts';
import { gateMailbox, handshakeLookMs } from '../../core/limits/tracker.ts';
import type { ThreadCounters } from '../../core/tracker/tracker-counters.ts';
import { actor, type ActorRef, type Clock } from '../runtime/index.ts';
import type { Lanes } from './lanes.ts';
import type { Roster } from './roster.ts';
import type { TermsInForce } from './terms.ts';

/** What those who want to know are told: where the door is. */
export interface Listening {
  readonly type: 'listening';
  readonly host: string;
  readonly port: number;
}

export interface GateArgs {
  readonly host: string;
  /** The port to open, 0 for a free one; once open it is kept here, so that a restart opens the same one. */
  readonly door: { port: number; isOpen: boolean };
  readonly roster: Roster;
  readonly lanes: Lanes;
  readonly terms: TermsInForce;
  readonly counters: ThreadCounters;
  readonly clock: Clock;
  readonly observer: ActorRef<Listening>;
}

export type GateCommand =
  /** Nobody is let in any more. */
  { readonly type: 'shut' };

type GateMessage =
  | GateCommand
  | { readonly type: 'accepted'; readonly socket: Socket }
  | { readonly type: 'prune' }
  | { readonly type: 'failed'; readonly error: Error };

export const gateActor = actor<GateMessage, GateArgs>(
  'gate',
  async (ctx, args) => {
    const { roster, lanes, door, clock, terms, counters } = args;
    /** In our mailbox: it may be emptied without us. */
    const waiting = new Set<Socket>();
    const server = createServer({ pauseOnConnect: true, noDelay: true }, (socket) => {
      // An error is followed by a close, which says all we need.
      socket.on('error', ignore);
      if (!ctx.signal.aborted && ctx.self.offer({ type: 'accepted', socket })) waiting.add(socket);
      else socket.destroy();
    });
    await listen(server, args.host, door.port);
    server.on('error', (error) => ctx.self.tell({ type: 'failed', error }));
    door.port = (server.address() as AddressInfo).port;
    door.isOpen = true;
    args.observer.tell({ type: 'listening', host: args.host, port: door.port });
    ctx.timers.every('prune', handshakeLookMs, { type: 'prune' });

    function accept(socket: Socket): void {
      waiting.delete(socket);
      const host = plainHost(socket.remoteAddress ?? '');
      counters.add('accepted');
      const why = terms.denied.refusesHost(host) ? 'denied' : roster.refusal(host, terms.limits);
      if (why !== undefined) counters.addTo('rejected', why);
      // An address that is gone already has no text.
      if (host === '' || why !== undefined || !makeRoom()) {
        socket.destroy();
        return;
      }
      const listener = listenerOf(networkOf(host), lanes.count);
      lanes.hand(listener, socket, roster.admit(host, listener), clock.now());
    }

    /** The oldest handshake of the address that has most has had its time. */
    function makeRoom(): boolean {
      if (roster.handshakes < terms.limits.maxPendingHandshakes) return true;
      counters.addTo('rejected', 'handshakes');
      const oldest = roster.crowding();
      if (oldest === undefined) return false;
      roster.leave(oldest);
      lanes.drop(oldest.listener, oldest);
      return true;
    }

    return {
      receive(message) {
        switch (message.type) {
          case 'accepted':
            return accept(message.socket);
          case 'shut':
            return void server.close();
          case 'prune':
            return lanes.prune(clock.now() - terms.limits.handshakeTimeoutMs);
          case 'failed':
            throw message.error;
        }
      },
      async stopped() {
        server.close();
        for (const socket of waiting) socket.destroy();
      },
    };
  },
  { mailbox: { capacity: gateMailbox } },
);

const ignore = (): void => {};

/** FNV-1a: the same listener for the same address, and all listeners alike for many. */
export function listenerOf(network: string, listeners: number): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < network.length; at++) hash = Math.imul(hash ^ network.charCodeAt(at), 0x01000193);
  return (hash >>> 0) % Math.max(1, listeners);
}

/** Resolves when the door is open; rejects with the system's error (EADDRINUSE, EACCES, …). */
function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port, backlog: listenBacklog }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}
