/**
 * Who is connected from which address, and what all connections of one address may still ask together. Invariant:
 * an address is remembered while it is connected or has used up some of its allowance, and no longer.
 */
import { Allowance, type AllowanceSpec } from '../../core/tracker/allowance.ts';
import { networkOf } from '../../core/host.ts';
import * as limits from '../../core/limits/tracker.ts';
import type { TermsInForce } from './terms.ts';

/** What may be asked of the tracker's one registry. */
export interface Allowances {
  readonly searches: Allowance;
  /** Other questions. */
  readonly lookups: Allowance;
  /** Files added and removed, and what costs as much. */
  readonly changes: Allowance;
}

export type AllowanceTerms = Readonly<Record<keyof Allowances, AllowanceSpec>>;

interface Host {
  connections: number;
  readonly allowances: Allowances;
}

export class Hosts {
  readonly #terms: AllowanceTerms;
  readonly #keyOf: (address: string) => string;
  readonly #hosts = new Map<string, Host>();

  /** `keyOf`: what is the same of those who share; default: the network of their addresses. */
  constructor(terms: AllowanceTerms, keyOf = networkOf) {
    this.#terms = terms;
    this.#keyOf = keyOf;
  }

  /** Addresses remembered. */
  get size(): number {
    return this.#hosts.size;
  }

  connections(address: string): number {
    return this.#hosts.get(this.#keyOf(address))?.connections ?? 0;
  }

  /** A connection begins; gives what it shares with the others of its address. */
  enter(address: string, nowMs: number): Allowances {
    const network = this.#keyOf(address);
    let host = this.#hosts.get(network);
    if (host === undefined) {
      const { searches, lookups, changes } = this.#terms;
      host = {
        connections: 0,
        allowances: {
          searches: new Allowance(searches, nowMs),
          lookups: new Allowance(lookups, nowMs),
          changes: new Allowance(changes, nowMs),
        },
      };
      this.#hosts.set(network, host);
    }
    host.connections += 1;
    return host.allowances;
  }

  leave(address: string, nowMs: number): void {
    const network = this.#keyOf(address);
    const host = this.#hosts.get(network);
    if (host === undefined) return;
    host.connections -= 1;
    if (isForgettable(host, nowMs)) this.#hosts.delete(network);
  }

  /** Forgets addresses that have nothing used up any more. */
  prune(nowMs: number): void {
    for (const [network, host] of this.#hosts) if (isForgettable(host, nowMs)) this.#hosts.delete(network);
  }
}

function isForgettable({ connections, allowances }: Host, nowMs: number): boolean {
  const { searches, lookups, changes } = allowances;
  return connections === 0 && [searches, lookups, changes].every((allowance) => allowance.isFull(nowMs));
}

/** What all of one address may ask, as it is in force; `share`: of that. */
export function allowanceTerms({ limits: inForce }: TermsInForce, share: number): AllowanceTerms {
  const part = ({ perSecond, burst }: AllowanceSpec): AllowanceSpec => ({
    perSecond: perSecond * share,
    burst: burst * share,
  });
  return {
    searches: {
      get perSecond() {
        return inForce.searchesPerSecond * share;
      },
      get burst() {
        return inForce.searchBurst * share;
      },
    },
    lookups: part(limits.trackerLookups),
    changes: part(limits.trackerChanges),
  };
}
