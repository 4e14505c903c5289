/**
 * TLS handshakes of one listener: so many at a time, each within its time, the others wait in line for their turn. An
 * address that has none under way does not wait behind those of others, nor anybody for long behind those that say nothing.
 * Invariant: a socket taken comes out once, secured or dropped, and what is dropped is destroyed.
 */
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { networkOf } from '../../core/host.ts';
import type { TlsOptions } from '../../identity/tls.ts';
import type { Ticket } from './roster.ts';
import { Tally } from './tally.ts';

export interface HandshakeTerms {
  readonly tls: TlsOptions;
  /** At a time. */
  readonly max: number;
  /** From the moment it is taken. */
  readonly timeoutMs: number;
  /** One that takes longer may go on, and keeps nobody waiting. */
  readonly slowMs: number;
  /** The handshake is done: nothing has been read. */
  readonly secured: (socket: TLSSocket, ticket: Ticket, takenMs: number) => void;
  readonly dropped: (ticket: Ticket) => void;
}

interface Handshake {
  readonly raw: Socket;
  readonly ticket: Ticket;
  readonly address: string;
  /** Listens to the end of its sockets. */
  readonly closed: () => void;
  readonly takenMs: number;
  readonly untilMs: number;
  /** Undefined while it waits in line. */
  socket: TLSSocket | undefined;
  beganMs: number;
  /** Among those that others wait for. */
  isCounted: boolean;
}

export class Handshakes {
  readonly #terms: HandshakeTerms;
  /** By session, the oldest first. */
  readonly #all = new Map<number, Handshake>();
  readonly #waiting = new Set<Handshake>();
  /** Those under way that are not slow, by address. */
  readonly #underWay = new Tally();
  /** The latest that we have heard of. */
  #nowMs = 0;

  constructor(terms: HandshakeTerms) {
    this.#terms = terms;
  }

  /** Under way and waiting. */
  get count(): number {
    return this.#all.size;
  }

  take(raw: Socket, ticket: Ticket, nowMs: number): void {
    this.#nowMs = nowMs;
    const untilMs = nowMs + this.#terms.timeoutMs;
    const closed = (): void => this.drop(ticket.session);
    const address = networkOf(ticket.host);
    const handshake: Handshake = {
      raw,
      ticket,
      address,
      takenMs: nowMs,
      untilMs,
      closed,
      socket: undefined,
      beganMs: 0,
      isCounted: false,
    };
    this.#all.set(ticket.session, handshake);
    // An error is followed by a close, which says all we need.
    raw.on('error', ignore);
    raw.once('close', closed);
    if (this.#mayBegin(handshake)) this.#begin(handshake);
    else this.#waiting.add(handshake);
  }

  drop(session: number): void {
    const handshake = this.#all.get(session);
    if (handshake === undefined) return;
    this.#forget(handshake);
    (handshake.socket ?? handshake.raw).destroy();
    this.#terms.dropped(handshake.ticket);
    this.#next();
  }

  /** Drops those whose time is over; the slow are waited for no more. */
  expire(nowMs: number): void {
    this.#nowMs = nowMs;
    for (const [session, { untilMs }] of this.#all) {
      if (untilMs > nowMs) break;
      this.drop(session);
    }
    for (const handshake of this.#all.values())
      if (nowMs - handshake.beganMs >= this.#terms.slowMs) this.#discount(handshake);
    this.#next();
  }

  close(): void {
    // Nobody's turn comes any more.
    for (const { ticket } of [...this.#waiting, ...this.#all.values()]) this.drop(ticket.session);
  }

  /** Whoever is first in line, or has none under way. */
  #next(): void {
    for (const handshake of this.#waiting) {
      if (this.#underWay.kinds >= this.#terms.max) return;
      if (!this.#mayBegin(handshake)) continue;
      this.#waiting.delete(handshake);
      this.#begin(handshake);
    }
  }

  #mayBegin({ address }: Handshake): boolean {
    const { max } = this.#terms;
    if (this.#underWay.size < max) return true;
    return this.#underWay.of(address) === 0 && this.#underWay.kinds < max;
  }

  #begin(handshake: Handshake): void {
    const { raw, ticket, address, closed } = handshake;
    this.#underWay.add(address);
    handshake.isCounted = true;
    handshake.beganMs = this.#nowMs;
    const socket = new TLSSocket(raw, { isServer: true, ...this.#terms.tls });
    handshake.socket = socket;
    socket.on('error', ignore);
    socket.once('close', closed);
    socket.once('secure', () => {
      if (this.#all.get(ticket.session) !== handshake) return;
      this.#forget(handshake);
      for (const end of [raw, socket]) end.off('close', closed);
      this.#terms.secured(socket, ticket, handshake.takenMs);
      this.#next();
    });
  }

  #forget(handshake: Handshake): void {
    this.#all.delete(handshake.ticket.session);
    this.#waiting.delete(handshake);
    this.#discount(handshake);
  }

  #discount(handshake: Handshake): void {
    if (handshake.isCounted) this.#underWay.take(handshake.address);
    handshake.isCounted = false;
  }
}

const ignore = (): void => {};
