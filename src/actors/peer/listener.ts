/**
 * The door for other peers: accepts connections and hands each, untouched, to the upload pool; a socket that
 * has been read from can no longer move to another thread. Opens last and closes first. A restart takes the
 * same port again, because the trackers have already told it to others.
 * Invariant: a socket is handed to a thread, or destroyed by the time the door has closed.
 */
import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { once } from 'node:events';
import type { EngineEvent } from '../../core/engine/engine-api.ts';
import { plainHost } from '../../core/host.ts';
import { listenBacklog } from '../../core/limits/connections.ts';
import { actor } from '../runtime/index.ts';
import type { ActorRef } from '../runtime/index.ts';

/** A connection that someone opened to us, not yet read from. */
export interface Incoming {
  readonly type: 'incoming';
  readonly socket: Socket;
  readonly remoteHost: string;
}

/** Told once the port is known, and again after each restart. */
export interface Serving {
  readonly type: 'serving';
  readonly port: number;
}

export interface ListenerArgs {
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
  /** Outlives restarts: the port that was taken, once it was. */
  readonly door: { port: number | undefined };
  readonly uploads: ActorRef<Incoming>;
  readonly trackers: ActorRef<Serving>;
  readonly observer: ActorRef<EngineEvent>;
}

type ListenerMessage = { readonly type: 'broken'; readonly error: Error };

export const listenerActor = actor<ListenerMessage, ListenerArgs>('listener', async (ctx, args) => {
  /** Accepted and not handed to a thread, which closes the socket here. */
  const waiting = new Set<Socket>();
  const server = createServer({ pauseOnConnect: true, noDelay: true }, (socket) => {
    waiting.add(socket);
    socket.on('error', () => socket.destroy());
    socket.once('close', () => waiting.delete(socket));
    const remoteHost = plainHost(socket.remoteAddress ?? '');
    if (!args.uploads.offer({ type: 'incoming', socket, remoteHost })) socket.destroy();
  });
  const port = await listen(server, args.host, args.door.port ?? args.port);
  server.on('error', (error) => ctx.self.tell({ type: 'broken', error }));
  args.door.port = port;
  args.observer.tell({ type: 'listening', host: args.host, port });
  args.trackers.tell({ type: 'serving', port });

  return {
    receive({ error }) {
      throw error;
    },
    async stopped() {
      // The server has closed when all its sockets have, and nobody else knows of those still in a mailbox.
      const closed = once(server, 'close');
      server.close();
      for (const socket of waiting) socket.destroy();
      await closed;
    },
  };
});

async function listen(server: Server, host: string, port: number): Promise<number> {
  server.listen({ host, port, backlog: listenBacklog });
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The listener has no port');
  return address.port;
}
