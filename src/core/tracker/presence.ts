/**
 * Who is here: one number a slot, the second in which its peer was last heard, in memory that threads may share,
 * so that a keep-alive costs one store and no message. Invariant: a slot is free (0) or belongs to one peer from
 * `open` until it is closed or expired, and a beat and its expiry can never both succeed.
 *
 * Seconds are monotonic and come from outside, all from one clock.
 */
import {
  expiryWindowSeconds,
  freezeFraction,
  maxExpiredFraction,
  maxFreezeLeases,
  smallFleet,
} from '../limits/presence.ts';

const free = 0;

export class PresenceTable {
  readonly #heard: Uint32Array;

  /** `heard` may lie in a SharedArrayBuffer; all zero means that nobody is here. */
  constructor(heard: Uint32Array) {
    this.#heard = heard;
  }

  get slots(): number {
    return this.#heard.length;
  }

  /** Gives a free slot to a peer that is here now. */
  open(slot: number, nowSeconds: number): void {
    Atomics.store(this.#heard, slot, stamp(nowSeconds));
  }

  close(slot: number): void {
    Atomics.store(this.#heard, slot, free);
  }

  /**
   * The peer was heard; what is told late takes nothing back. False when its slot has been closed or expired meanwhile:
   * it is here no more.
   */
  beat(slot: number, nowSeconds: number): boolean {
    const now = stamp(nowSeconds);
    for (;;) {
      const before = Atomics.load(this.#heard, slot);
      if (before === free) return false;
      if (before >= now || Atomics.compareExchange(this.#heard, slot, before, now) === before) return true;
    }
  }

  /** The second in which the peer of a slot was heard last; undefined when the slot is free. */
  heardSeconds(slot: number): number | undefined {
    const heard = Atomics.load(this.#heard, slot);
    return heard === free ? undefined : heard - 1;
  }

  /** Frees a slot unless its peer has been heard after `heardSeconds`; false when it has. */
  expire(slot: number, heardSeconds: number): boolean {
    const before = stamp(heardSeconds);
    return Atomics.compareExchange(this.#heard, slot, before, free) === before;
  }
}

/** The table counts whole seconds. */
export const secondsOf = (ms: number): number => Math.floor(ms / 1_000);

export interface Scan {
  /** Slots that have just been freed because their peers fell silent. */
  readonly expired: readonly number[];
  /** Slots whose peers are here, the silent ones that may not expire yet included. */
  readonly here: number;
  /** Silent peers that stay for now: more of them would have expired than is plausible. */
  readonly spared: number;
  /** So many are silent at once that it must be our own deafness: none expires. */
  readonly isFrozen: boolean;
}

export interface LeaseTerms {
  readonly leaseSeconds: number;
  /** So long after the first scan nobody expires: who was here before it has yet to come back. */
  readonly graceSeconds: number;
  /** Scans further apart mean that this process stood still, and that silence meant nothing. */
  readonly maxScanGapSeconds: number;
  /** From 0 to below 1: who goes first when not all may go. */
  readonly random: () => number;
}

/**
 * Expires the silent, but never believes in a mass death at once: no more than a fraction of a large fleet goes
 * in one window (Eureka's 15 %), and when most seem dead, none goes for some leases (Kubernetes' unhealthy zone).
 * Invariant: with scans in time, a peer that is heard within every lease never expires.
 */
export class LeaseKeeper {
  readonly #table: PresenceTable;
  readonly #terms: LeaseTerms;
  #startedAt: number | undefined;
  #scannedAt: number | undefined;
  /** Silence before this second is forgiven. */
  #forgivenUntil = 0;
  /** What expired within the last window, scan by scan. */
  #recent: { readonly at: number; readonly expired: number }[] = [];
  #frozenFrom: number | undefined;

  constructor(table: PresenceTable, terms: LeaseTerms) {
    this.#table = table;
    this.#terms = terms;
  }

  scan(nowSeconds: number): Scan {
    const now = Math.max(nowSeconds, this.#scannedAt ?? nowSeconds);
    if (now - (this.#scannedAt ?? now) > this.#terms.maxScanGapSeconds) this.#forgivenUntil = now;
    this.#scannedAt = now;
    this.#startedAt ??= now;
    const silent: { slot: number; heard: number }[] = [];
    let here = 0;
    for (let slot = 0; slot < this.#table.slots; slot++) {
      const heard = this.#table.heardSeconds(slot);
      if (heard === undefined) continue;
      here += 1;
      if (now - Math.max(heard, this.#forgivenUntil) >= this.#terms.leaseSeconds)
        silent.push({ slot, heard });
    }
    const isFrozen = this.#isFrozen(silent.length, here, now);
    const isEarly = now - this.#startedAt < this.#terms.graceSeconds;
    const allowed = isFrozen || isEarly ? 0 : this.#allowance(silent.length, here, now);
    if (allowed < silent.length) shuffle(silent, this.#terms.random);
    const expired = silent
      .slice(0, allowed)
      .filter(({ slot, heard }) => this.#table.expire(slot, heard))
      .map(({ slot }) => slot);
    if (expired.length > 0) this.#recent.push({ at: now, expired: expired.length });
    return { expired, here: here - expired.length, spared: silent.length - allowed, isFrozen };
  }

  #isFrozen(silent: number, here: number, now: number): boolean {
    if (here <= smallFleet || silent <= here * freezeFraction) {
      this.#frozenFrom = undefined;
      return false;
    }
    this.#frozenFrom ??= now;
    return now - this.#frozenFrom < maxFreezeLeases * this.#terms.leaseSeconds;
  }

  #allowance(silent: number, here: number, now: number): number {
    this.#recent = this.#recent.filter(({ at }) => now - at < expiryWindowSeconds);
    if (here <= smallFleet) return silent;
    const gone = this.#recent.reduce((all, { expired }) => all + expired, 0);
    const most = Math.floor((here + gone) * maxExpiredFraction) - gone;
    return Math.max(0, Math.min(silent, most));
  }
}

/** 0 is kept for free slots. */
function stamp(seconds: number): number {
  return Math.floor(seconds) + 1;
}

/** Fisher and Yates. */
function shuffle(items: unknown[], random: () => number): void {
  for (let last = items.length - 1; last > 0; last--) {
    const at = Math.floor(random() * (last + 1));
    [items[at], items[last]] = [items[last], items[at]];
  }
}
