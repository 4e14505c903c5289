/**
 * Allowances of many askers, each by a key. Invariant: only who has used up some is remembered, and no more than `max`
 * of them; while they are that many, nobody new is given any.
 */
import { Allowance, type AllowanceSpec } from './allowance.ts';

export class Allowances {
  readonly #spec: AllowanceSpec;
  readonly #max: number;
  readonly #byKey = new Map<string, Allowance>();

  constructor(spec: AllowanceSpec, max: number) {
    this.#spec = spec;
    this.#max = max;
  }

  get size(): number {
    return this.#byKey.size;
  }

  /** Takes one of the tokens of an asker, or returns false when it has none. */
  take(key: string, nowMs: number): boolean {
    const known = this.#byKey.get(key);
    if (known) return known.take(nowMs);
    if (this.#byKey.size >= this.#max) this.prune(nowMs);
    if (this.#byKey.size >= this.#max) return false;
    const allowance = new Allowance(this.#spec, nowMs);
    this.#byKey.set(key, allowance);
    return allowance.take(nowMs);
  }

  /** Forgets who has nothing used up any more. */
  prune(nowMs: number): void {
    for (const [key, allowance] of this.#byKey) if (allowance.isFull(nowMs)) this.#byKey.delete(key);
  }
}
