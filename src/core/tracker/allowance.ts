/**
 * Owns what one asker may still ask: an allowance that refills steadily (token bucket), so that who asks more
 * often than `perSecond` for longer than `burst` covers is told to wait. Invariant: never more than `burst`
 * tokens, and time going backwards gives none.
 */
export interface AllowanceSpec {
  readonly perSecond: number;
  readonly burst: number;
}

/** Tokens are added in parts of a token. */
const rounding = 1e-9;

export class Allowance {
  readonly #spec: AllowanceSpec;
  #tokens: number;
  #filledAt: number;

  constructor(spec: AllowanceSpec, nowMs: number) {
    this.#spec = spec;
    this.#tokens = spec.burst;
    this.#filledAt = nowMs;
  }

  /** Takes `cost` tokens (of more than there ever are, all), or none and returns false when there are fewer. */
  take(nowMs: number, cost = 1): boolean {
    if (this.waitMs(nowMs, cost) > 0) return false;
    this.#tokens = Math.max(0, this.#tokens - Math.min(cost, this.#spec.burst));
    return true;
  }

  /** How long until `take` gives as many, in milliseconds; 0: it does now. */
  waitMs(nowMs: number, cost = 1): number {
    this.#refill(nowMs);
    const missing = Math.min(cost, this.#spec.burst) - this.#tokens;
    return missing <= rounding ? 0 : Math.ceil((missing / this.#spec.perSecond) * 1_000);
  }

  /** Whether nothing is used up: the same as a new one. */
  isFull(nowMs: number): boolean {
    this.#refill(nowMs);
    return this.#tokens >= this.#spec.burst;
  }

  #refill(nowMs: number): void {
    const elapsed = nowMs - this.#filledAt;
    if (elapsed <= 0) return;
    this.#tokens = Math.min(this.#spec.burst, this.#tokens + (elapsed / 1_000) * this.#spec.perSecond);
    this.#filledAt = nowMs;
  }
}
