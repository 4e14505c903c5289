/**
 * Our calls to peers that cannot be dialled, until they come. Kept by who starts the tree, beside the actors: sessions put
 * in what is to fetch over the connection, uploads look it up by the token that a visitor shows.
 * Invariant: a token serves once, for the peer that was called and for a time; each `over` settles in the end.
 */
import { randomBytes } from 'node:crypto';
import type { MessagePort } from 'node:worker_threads';
import type { PeerId } from '../../../core/ids.ts';
import { callTokenBytes, callTokenMs, maxOpenCalls } from '../../../core/limits/reach.ts';
import type { Ended } from '../../../workers/transfer-contract.ts';

/** A call as who makes it sees it. */
export interface Call {
  readonly token: Uint8Array;
  /** Why it is over: the connection that it brought, or nobody came any more. Rejects when its thread died. */
  readonly over: Promise<Ended>;
  /** Nobody needs to come any more; no effect once somebody came. */
  withdraw(): void;
}

/** The same as who lets in the peer that was called sees it. */
export interface Claim {
  /** Has the calls of a fetch job; its other end is the caller's. */
  readonly link: MessagePort;
  /** To be told once, how the connection ended. */
  readonly settle: (ended: Promise<Ended>) => void;
}

interface OpenCall extends Claim {
  readonly peer: PeerId;
  readonly untilMs: number;
}

export class Calls {
  readonly #now: () => number;
  readonly #open = new Map<string, OpenCall>();

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** How many peers have been called and have not come. */
  get size(): number {
    return this.#open.size;
  }

  /** Begins a call; undefined, and the link stays the caller's, when too many wait for an answer. */
  begin(peer: PeerId, link: MessagePort): Call | undefined {
    for (const [key, { untilMs }] of this.#open) if (untilMs <= this.#now()) this.#drop(key);
    if (this.#open.size >= maxOpenCalls) return undefined;
    const token = new Uint8Array(randomBytes(callTokenBytes));
    const key = keyOf(token);
    const { promise: over, resolve: settle } = Promise.withResolvers<Ended>();
    over.catch(() => undefined);
    this.#open.set(key, { peer, link, settle, untilMs: this.#now() + callTokenMs });
    return { token, over, withdraw: () => this.#drop(key) };
  }

  /** What waits for this peer with this token, which is used up; undefined when nothing does. */
  claim(peer: PeerId, token: Uint8Array): Claim | undefined {
    const key = keyOf(token);
    const call = this.#open.get(key);
    if (call?.peer !== peer) return undefined;
    if (call.untilMs <= this.#now()) {
      this.#drop(key);
      return undefined;
    }
    this.#open.delete(key);
    return call;
  }

  #drop(key: string): void {
    const call = this.#open.get(key);
    if (!call) return;
    this.#open.delete(key);
    call.link.close();
    call.settle(Promise.resolve({ problem: { code: 'timeout', message: 'Who was called did not come' } }));
  }
}

const keyOf = (token: Uint8Array): string => Buffer.from(token).toString('hex');
