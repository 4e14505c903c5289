/**
 * Which calls of others we answer. A tracker passes them on, so whoever can make a tracker say so can make us dial.
 * Invariant: a call is answered once, however many trackers bring it, and never more of them than in `answeredCalls`.
 */
import { isIP } from 'node:net';
import { Allowance } from '../../../core/tracker/allowance.ts';
import type { Source } from '../../../core/catalogue.ts';
import type { PeerId } from '../../../core/ids.ts';
import { answeredCalls, maxRememberedCalls } from '../../../core/limits/reach.ts';

/** A peer that we are asked to dial, as a tracker named it. */
export interface CallOfPeer {
  readonly caller: Source;
  readonly token: Uint8Array;
}

export class Callers {
  readonly #self: PeerId;
  readonly #allowance: Allowance;
  readonly #known = new Set<string>();

  constructor(self: PeerId, nowMs: number) {
    this.#self = self;
    this.#allowance = new Allowance(answeredCalls, nowMs);
  }

  /** Whether to dial; then this call is remembered. */
  admit({ caller: { peer, host, port }, token }: CallOfPeer, nowMs: number): boolean {
    if (peer === this.#self || isIP(host) === 0 || port === 0) return false;
    const key = peer + Buffer.from(token).toString('hex');
    if (this.#known.has(key) || !this.#allowance.take(nowMs)) return false;
    this.#known.add(key);
    for (const oldest of this.#known) {
      if (this.#known.size <= maxRememberedCalls) break;
      this.#known.delete(oldest);
    }
    return true;
  }
}
