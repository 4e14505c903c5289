/**
 * What a peer may ask for now: within what its address and its identity have left, as the question costs, and unless
 * there is too much to do altogether. Invariant: a question takes from both allowances or from neither, and what is
 * refused costs nothing.
 */
import type { Allowance } from '../../core/tracker/allowance.ts';
import { contentsPerLookUp, maxToldWaitMs, maxWaitingLookUps } from '../../core/limits/tracker.ts';
import type { Overload, Sheddable } from '../../core/tracker/overload.ts';
import { compileQuery } from '../../core/search/query.ts';
import type { Problem } from '../../core/result.ts';
import { searchCost } from '../../core/search/search-cost.ts';
import type { Allowances } from './hosts.ts';

/** Why not, and when to try again. */
export interface Refused {
  readonly problem: Problem;
  readonly retryAfterMs: number;
}

export interface AdmissionArgs {
  /** Shared by all connections of the address, and by all of the identity that are with this listener. */
  readonly host: Allowances;
  readonly identity: Allowances;
  readonly overload: Overload;
  /** See `LookUpDesk`: what waits for each searcher. */
  readonly waiting: SharedArrayBuffer;
}

export class Admission {
  readonly #host: Allowances;
  readonly #identity: Allowances;
  readonly #overload: Overload;
  readonly #waiting: Int32Array;

  constructor({ host, identity, overload, waiting }: AdmissionArgs) {
    this.#host = host;
    this.#identity = identity;
    this.#overload = overload;
    this.#waiting = new Int32Array(waiting);
  }

  /** Undefined: it may. A text that is no query costs as little as a plain search, and is answered with why. */
  search(text: string, nowMs: number): Refused | undefined {
    const query = compileQuery(text);
    const { cost, isWide } = query.ok ? searchCost(query.value) : { cost: 1, isWide: false };
    return this.#may('searches', cost, isWide ? 'wide-search' : 'search', nowMs);
  }

  findName(nowMs: number): Refused | undefined {
    return this.#may('searches', 1, 'search', nowMs);
  }

  /** For as many contents as are asked after; 1 where it is about something else. */
  lookUp(nowMs: number, contents = 1): Refused | undefined {
    return this.#may('lookups', Math.ceil(contents / contentsPerLookUp), 'look-up', nowMs);
  }

  /** Whether so much may be changed now: who changes more waits, and is not refused. */
  change(cost: number, nowMs: number): boolean {
    return this.#take('changes', cost, nowMs) === 0;
  }

  #may(kind: keyof Allowances, cost: number, work: Sheddable, nowMs: number): Refused | undefined {
    const busyMs = this.#overload.retryAfterMs(work, this.#queued());
    if (busyMs !== undefined) {
      const message = 'The tracker has more to look up than it can; try again later';
      return { problem: { code: 'busy', message }, retryAfterMs: busyMs };
    }
    const waitMs = this.#take(kind, cost, nowMs);
    if (waitMs === 0) return undefined;
    const message = 'Too many requests from your address; wait a second and try again';
    return { problem: { code: 'limit', message }, retryAfterMs: Math.min(waitMs, maxToldWaitMs) };
  }

  /** How long to wait; 0: taken. */
  #take(kind: keyof Allowances, cost: number, nowMs: number): number {
    const both: readonly Allowance[] = [this.#host[kind], this.#identity[kind]];
    const waitMs = Math.max(...both.map((allowance) => allowance.waitMs(nowMs, cost)));
    if (waitMs === 0) for (const allowance of both) allowance.take(nowMs, cost);
    return waitMs;
  }

  /** How full the emptiest of the searchers' queues is; 0 where nobody counts. */
  #queued(): number {
    return this.#waiting.length === 0 ? 0 : Math.min(...this.#waiting) / maxWaitingLookUps;
  }
}
