/**
 * Which peers could be reached when they were last dialled back, and when each is due again. Pure. Invariant: what is
 * known holds for that very address alone, and the longest untried are forgotten beyond a bound.
 */
import type { PeerId } from '../ids.ts';
import { maxRememberedProbes, reprobeMs, reprobeUnreachableMs } from '../limits/reach.ts';

/** Where a peer says it can be reached, at the address that is seen. */
export interface Doorstep {
  readonly peer: PeerId;
  readonly host: string;
  readonly port: number;
}

interface Known {
  readonly host: string;
  readonly port: number;
  readonly isReachable: boolean;
  readonly dueMs: number;
  /** Attempts in vain, in a row. */
  readonly failures: number;
}

export class ReachBook {
  readonly #max: number;
  readonly #known = new Map<PeerId, Known>();

  constructor(max = maxRememberedProbes) {
    this.#max = max;
  }

  get size(): number {
    return this.#known.size;
  }

  /** Undefined when nobody has tried there. */
  isReachable(door: Doorstep): boolean | undefined {
    return this.#at(door)?.isReachable;
  }

  /** When it is to be tried next; undefined when it has not been. */
  dueMs(door: Doorstep): number | undefined {
    return this.#at(door)?.dueMs;
  }

  /** What an attempt has found. `random` gives [0, 1) and spreads the next. */
  note(door: Doorstep, isReachable: boolean, nowMs: number, random: number): void {
    const { peer, host, port } = door;
    const failures = isReachable ? 0 : (this.#at(door)?.failures ?? 0) + 1;
    const doublings = Math.min(Math.max(failures - 1, 0), 30);
    const waitMs = isReachable ? reprobeMs : Math.min(reprobeMs, reprobeUnreachableMs * 2 ** doublings);
    this.#known.delete(peer);
    this.#known.set(peer, { host, port, isReachable, failures, dueMs: nowMs + waitMs * (1 + 0.2 * random) });
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= this.#max) break;
      this.#known.delete(oldest);
    }
  }

  #at({ peer, host, port }: Doorstep): Known | undefined {
    const known = this.#known.get(peer);
    return known?.host === host && known.port === port ? known : undefined;
  }
}
