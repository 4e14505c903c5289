/**
 * The ways from the gate to the listeners: untouched sockets go over a port of the listener's thread, commands to
 * its ref. Lies beside the actors, so that none of them loses it. Invariant: a socket that was given is handed over
 * once, or destroyed here; while a listener is being restarted they wait, and not for longer than a handshake may.
 */
import type { Socket } from 'node:net';
import type { MessagePort } from 'node:worker_threads';
import type { ActorRef } from '../runtime/index.ts';
import type { ConnectionCommand } from './connection-commands.ts';
import type { ListenerCommand } from './listener.ts';
import type { Ticket } from './roster.ts';

/** What a listener gets over its port. */
export type Handover =
  | { readonly type: 'socket'; readonly socket: Socket; readonly ticket: Ticket }
  /** Its handshake is to make room for another. */
  | { readonly type: 'drop'; readonly session: number };

interface Lane {
  readonly ref: ActorRef<ListenerCommand>;
  port: MessagePort | undefined;
  readonly waiting: Map<Socket, Waiting>;
}

interface Waiting {
  readonly ticket: Ticket;
  readonly sinceMs: number;
}

export class Lanes {
  readonly #lanes: Lane[] = [];
  /** A socket ended before it could be handed over. */
  readonly #lost: (ticket: Ticket) => void;

  constructor(lost: (ticket: Ticket) => void) {
    this.#lost = lost;
  }

  get count(): number {
    return this.#lanes.length;
  }

  /** The next listener; its number is how many there were before. */
  add(ref: ActorRef<ListenerCommand>): void {
    this.#lanes.push({ ref, port: undefined, waiting: new Map() });
  }

  isOpen(listener: number): boolean {
    return this.#lanes[listener]?.port !== undefined;
  }

  /** A listener is up: what waits for it goes there. */
  open(listener: number, port: MessagePort): void {
    const lane = this.#lanes[listener];
    if (lane === undefined) return port.close();
    lane.port?.close();
    lane.port = port;
    for (const [socket, { ticket }] of lane.waiting) this.#post(port, socket, ticket);
    lane.waiting.clear();
  }

  /** The port's other end is gone. False when the listener has another one by now. */
  closed(listener: number, port: MessagePort): boolean {
    const lane = this.#lanes[listener];
    if (lane?.port !== port) return false;
    lane.port = undefined;
    return true;
  }

  hand(listener: number, socket: Socket, ticket: Ticket, nowMs: number): void {
    const lane = this.#lanes[listener];
    if (lane === undefined) return this.#giveUp(socket, ticket);
    if (lane.port !== undefined) return this.#post(lane.port, socket, ticket);
    lane.waiting.set(socket, { ticket, sinceMs: nowMs });
    socket.once('close', () => {
      if (lane.waiting.delete(socket)) this.#lost(ticket);
    });
  }

  /** Ends a connection whose handshake is not done. */
  drop(listener: number, { session }: Ticket): void {
    const lane = this.#lanes[listener];
    lane?.port?.postMessage({ type: 'drop', session } satisfies Handover);
    for (const [socket, { ticket }] of lane?.waiting ?? []) if (ticket.session === session) socket.destroy();
  }

  /** Ends what has waited since before a moment. */
  prune(sinceMs: number): void {
    for (const { waiting } of this.#lanes)
      for (const [socket, entry] of waiting) if (entry.sinceMs < sinceMs) socket.destroy();
  }

  /** Tells a connection; false when its listener has no room for it. */
  tell(listener: number, session: number, message: ConnectionCommand): boolean {
    return this.#lanes[listener]?.ref.offer({ type: 'tell', session, message }) ?? false;
  }

  tellAll(message: ConnectionCommand): void {
    for (const { ref } of this.#lanes) ref.tell({ type: 'tell-all', message });
  }

  /** Ends what waits. */
  close(): void {
    for (const { waiting } of this.#lanes) for (const socket of waiting.keys()) socket.destroy();
  }

  #post(port: MessagePort, socket: Socket, { slot, session, host }: Ticket): void {
    const ticket = { slot, session, host };
    if (socket.destroyed) return this.#lost(ticket);
    try {
      port.postMessage({ type: 'socket', socket, ticket } satisfies Handover, [socket as never]);
    } catch {
      // It ended a moment ago.
      this.#giveUp(socket, ticket);
    }
  }

  #giveUp(socket: Socket, ticket: Ticket): void {
    socket.destroy();
    this.#lost(ticket);
  }
}
