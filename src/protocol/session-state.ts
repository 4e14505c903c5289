/**
 * How far a conversation has come: what was agreed, which requests are open, whether either side has ended it.
 * Invariant: what was agreed, and what has ended, stays so; the sides are settled by the greeting.
 */
import { type KeepAlive, Liveness } from './liveness.ts';
import { Requests } from './requests.ts';
import type { Side } from './table.ts';
import type { Agreement } from './version.ts';

export interface SessionTerms {
  readonly side: Side;
  /** Requests open at a time, ours at the remote or the remote's here. */
  readonly maxRequests: number;
  readonly keepAlive: KeepAlive;
  readonly nowMs: number;
}

export abstract class SessionState {
  protected nowMs: number;
  protected readonly live: Liveness;
  /** Requests of ours, and of the remote. */
  protected readonly asked: Requests;
  protected readonly owed: Requests;
  #side: Side;
  #agreed: Agreement | undefined;
  #hasEnded = false;
  #hasSaidBye = false;

  protected constructor(terms: SessionTerms) {
    this.#side = terms.side;
    this.asked = new Requests(terms.maxRequests);
    this.owed = new Requests(terms.maxRequests);
    this.nowMs = terms.nowMs;
    this.live = new Liveness(terms.keepAlive, terms.nowMs);
  }

  /** Which side the other is. */
  get remote(): Side {
    return this.#side === 'client' ? 'server' : 'client';
  }

  /** Version and features both sides have; undefined until they have agreed. */
  get agreed(): Agreement | undefined {
    return this.#agreed;
  }

  /** Whether both sides have agreed: requests may be sent. */
  get isReady(): boolean {
    return this.#agreed !== undefined;
  }

  /** Whether nothing more is read: the remote said bye, or broke the protocol. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** When a whole message, or raw data, last came. */
  get heardMs(): number {
    return this.live.heardMs;
  }

  /** When the remote is to be taken for gone, unless something comes before. */
  get silentAtMs(): number {
    return this.live.silentAtMs;
  }

  /** Requests of ours that wait for their end. */
  get askedCount(): number {
    return this.asked.count;
  }

  /** Requests of the remote that wait for our end of them. */
  get owedCount(): number {
    return this.owed.count;
  }

  /** Whether one more request may be sent. */
  get canAsk(): boolean {
    return this.isReady && !this.#hasEnded && !this.#hasSaidBye && !this.asked.isFull;
  }

  /** When to call `tick` at the latest; changes with every `receive`, `send` and `tick`. */
  deadlineMs(): number {
    return this.#hasEnded ? Infinity : this.live.deadlineMs(this.mayPing);
  }

  /** Whether we have taken our leave: nothing more is said. */
  protected get hasSaidBye(): boolean {
    return this.#hasSaidBye;
  }

  protected get mayPing(): boolean {
    return this.isReady && !this.#hasSaidBye;
  }

  protected agree(agreed: Agreement): void {
    this.#agreed = agreed;
  }

  /** The sides are the other way round from now on. Nothing may have been asked. */
  protected turn(keepAlive: KeepAlive): void {
    this.#side = this.remote;
    this.live.keepAlive = keepAlive;
  }

  protected sayBye(): void {
    this.#hasSaidBye = true;
  }

  protected end(): void {
    this.#hasEnded = true;
  }
}
