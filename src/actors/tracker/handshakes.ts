/**
 * TLS handshakes of one listener: so many at a time, each within its time, the others wait in line for their turn.
 * Invariant: a socket taken comes out once, secured or dropped, and what is dropped is destroyed.
 */
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { TlsOptions } from '../../identity/tls.ts';
import type { Ticket } from './roster.ts';

export interface HandshakeTerms {
  readonly tls: TlsOptions;
  /** At a time. */
  readonly max: number;
  /** From the moment it is taken. */
  readonly timeoutMs: number;
  /** The handshake is done: nothing has been read. */
  readonly secured: (socket: TLSSocket, ticket: Ticket, takenMs: number) => void;
  readonly dropped: (ticket: Ticket) => void;
}

interface Handshake {
  readonly raw: Socket;
  readonly ticket: Ticket;
  readonly takenMs: number;
  readonly untilMs: number;
  /** Undefined while it waits in line. */
  socket: TLSSocket | undefined;
}

export class Handshakes {
  readonly #terms: HandshakeTerms;
  /** By session, the oldest first. */
  readonly #all = new Map<number, Handshake>();
  readonly #waiting = new Set<Handshake>();

  constructor(terms: HandshakeTerms) {
    this.#terms = terms;
  }

  /** Under way and waiting. */
  get count(): number {
    return this.#all.size;
  }

  take(raw: Socket, ticket: Ticket, nowMs: number): void {
    const untilMs = nowMs + this.#terms.timeoutMs;
    const handshake = { raw, ticket, takenMs: nowMs, untilMs, socket: undefined };
    this.#all.set(ticket.session, handshake);
    this.#waiting.add(handshake);
    // An error is followed by a close, which says all we need.
    raw.on('error', ignore);
    raw.once('close', () => this.drop(ticket.session));
    this.#next();
  }

  drop(session: number): void {
    const handshake = this.#all.get(session);
    if (handshake === undefined) return;
    this.#forget(handshake);
    (handshake.socket ?? handshake.raw).destroy();
    this.#terms.dropped(handshake.ticket);
    this.#next();
  }

  /** Drops those whose time is over. */
  expire(nowMs: number): void {
    for (const [session, { untilMs }] of this.#all) {
      if (untilMs > nowMs) return;
      this.drop(session);
    }
  }

  close(): void {
    this.#waiting.clear();
    for (const session of this.#all.keys()) this.drop(session);
  }

  #next(): void {
    for (const handshake of this.#waiting) {
      if (this.#all.size - this.#waiting.size >= this.#terms.max) return;
      this.#waiting.delete(handshake);
      this.#begin(handshake);
    }
  }

  #begin(handshake: Handshake): void {
    const { raw, ticket } = handshake;
    const socket = new TLSSocket(raw, { isServer: true, ...this.#terms.tls });
    handshake.socket = socket;
    socket.on('error', ignore);
    socket.once('close', () => this.drop(ticket.session));
    socket.once('secure', () => {
      if (this.#all.get(ticket.session) !== handshake) return;
      this.#forget(handshake);
      raw.removeAllListeners('close');
      this.#terms.secured(socket, ticket, handshake.takenMs);
      this.#next();
    });
  }

  #forget(handshake: Handshake): void {
    this.#all.delete(handshake.ticket.session);
    this.#waiting.delete(handshake);
  }
}

const ignore = (): void => {};
