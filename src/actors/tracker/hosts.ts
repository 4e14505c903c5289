/**
 * Who is connected from which address, and what all connections of one address may still ask together. Invariant:
 * an address is remembered while it is connected or has used up some of its allowance, and no longer.
 */
import { Allowance, type AllowanceSpec } from '../../core/allowance.ts';

interface Host {
  connections: number;
  readonly searches: Allowance;
}

export class Hosts {
  readonly #spec: AllowanceSpec;
  readonly #hosts = new Map<string, Host>();

  constructor(searches: AllowanceSpec) {
    this.#spec = searches;
  }

  /** Addresses remembered. */
  get size(): number {
    return this.#hosts.size;
  }

  connections(address: string): number {
    return this.#hosts.get(address)?.connections ?? 0;
  }

  /** A connection begins; gives what it shares with the others of its address. */
  enter(address: string, nowMs: number): Allowance {
    let host = this.#hosts.get(address);
    if (host === undefined) {
      host = { connections: 0, searches: new Allowance(this.#spec, nowMs) };
      this.#hosts.set(address, host);
    }
    host.connections += 1;
    return host.searches;
  }

  leave(address: string, nowMs: number): void {
    const host = this.#hosts.get(address);
    if (host === undefined) return;
    host.connections -= 1;
    if (isForgettable(host, nowMs)) this.#hosts.delete(address);
  }

  /** Forgets addresses that have nothing used up any more. */
  prune(nowMs: number): void {
    for (const [address, host] of this.#hosts) if (isForgettable(host, nowMs)) this.#hosts.delete(address);
  }
}

function isForgettable({ connections, searches }: Host, nowMs: number): boolean {
  return connections === 0 && searches.isFull(nowMs);
}
