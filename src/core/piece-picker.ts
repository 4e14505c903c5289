/**
 * Which source delivers which piece of one content. It asks what it needs to know of the sources through
 * `Swarm` and reaches into nothing else.
 * Invariant: each piece is in exactly one state: missing, reserved by exactly one source, or verified.
 */
import { toRanges, type PieceRange } from './piece-ranges.ts';

const verified = Symbol('verified');

export interface Swarm<Source> {
  has(source: Source, piece: number): boolean;
  /** Bytes per second now; 0 when it delivers nothing or nothing is known yet. */
  speed(source: Source): number;
}

export type Acquired<Source> =
  | { readonly kind: 'reserved'; readonly ranges: readonly PieceRange[] }
  /** Taken from a source that would need longer for them: that one is to be told to leave them. */
  | { readonly kind: 'stolen'; readonly ranges: readonly PieceRange[]; readonly from: Source }
  | { readonly kind: 'none' };

export interface Progress {
  readonly missing: number;
  readonly reserved: number;
  readonly verified: number;
}

export class PiecePicker<Source> {
  readonly #swarm: Swarm<Source>;
  readonly #pieces: number;
  /** The source that has a piece reserved, `verified`, or nothing for a missing one. */
  readonly #owner: (Source | typeof verified | undefined)[];
  /** What each source has reserved, in the order in which it will deliver. */
  readonly #backlog = new Map<Source, Set<number>>();
  /** Who last delivered a piece that did not verify. */
  readonly #spoiledBy = new Map<number, Source>();
  #lowestMissing = 0;
  #missing: number;
  #verified = 0;

  /** `have`: whether a piece is verified already. */
  constructor(pieces: number, swarm: Swarm<Source>, have: (piece: number) => boolean = () => false) {
    this.#swarm = swarm;
    this.#pieces = pieces;
    this.#owner = Array.from({ length: pieces }, () => undefined);
    for (let piece = 0; piece < pieces; piece++) {
      if (!have(piece)) continue;
      this.#owner[piece] = verified;
      this.#verified++;
    }
    this.#missing = pieces - this.#verified;
  }

  get progress(): Progress {
    return {
      missing: this.#missing,
      reserved: this.#pieces - this.#missing - this.#verified,
      verified: this.#verified,
    };
  }

  get complete(): boolean {
    return this.#verified === this.#pieces;
  }

  isVerified(piece: number): boolean {
    return this.#owner[piece] === verified;
  }

  /** How many pieces the source has reserved. */
  backlog(source: Source): number {
    return this.#backlog.get(source)?.size ?? 0;
  }

  /** Makes a source known; before that and after `leave` it can reserve nothing. */
  join(source: Source): void {
    if (!this.#backlog.has(source)) this.#backlog.set(source, new Set());
  }

  /** Forgets a source; what it had reserved is missing again. */
  leave(source: Source): void {
    for (const piece of this.#backlog.get(source) ?? []) this.#toMissing(piece);
    this.#backlog.delete(source);
  }

  /**
   * Reserves up to `max` missing pieces, lowest first. With none missing and nothing left to do, takes over
   * the tail of the backlog that would last longest, in proportion to the two speeds, so that both end together.
   */
  acquire(source: Source, max: number): Acquired<Source> {
    const mine = this.#backlog.get(source);
    if (!mine || max < 1) return { kind: 'none' };
    const taken: number[] = [];
    if (this.#missing > 0)
      for (let piece = this.#firstMissing(); piece < this.#pieces && taken.length < max; piece++)
        if (this.#owner[piece] === undefined && this.#mayGive(source, piece)) taken.push(piece);
    for (const piece of taken) this.#reserve(piece, source, mine);
    if (taken.length > 0) return { kind: 'reserved', ranges: toRanges(taken) };
    return mine.size > 0 ? { kind: 'none' } : this.#steal(source, mine, max);
  }

  /**
   * A piece came and was right, from whomever. Returns the source that still had it reserved, if that is
   * another one: it is to be told to leave it.
   */
  verified(piece: number, from: Source): Source | undefined {
    const owner = this.#owner[piece];
    if (owner === verified) return undefined;
    if (owner === undefined) this.#missing--;
    else this.#backlog.get(owner)?.delete(piece);
    this.#owner[piece] = verified;
    this.#verified++;
    this.#spoiledBy.delete(piece);
    return owner === from ? undefined : owner;
  }

  /** A piece came and was wrong: it is missing again, and wanted from someone else while there is someone. */
  spoiled(piece: number, from: Source): void {
    this.#spoiledBy.set(piece, from);
    this.returned(piece, from);
  }

  /** A source gives back a piece that it will not deliver; nothing happens unless the piece is reserved by it. */
  returned(piece: number, from: Source): void {
    if (this.#owner[piece] !== from) return;
    this.#backlog.get(from)?.delete(piece);
    this.#toMissing(piece);
  }

  #mayGive(source: Source, piece: number): boolean {
    if (this.#spoiledBy.get(piece) === source && this.#backlog.size > 1) return false;
    return this.#swarm.has(source, piece);
  }

  #firstMissing(): number {
    while (this.#lowestMissing < this.#pieces && this.#owner[this.#lowestMissing] !== undefined)
      this.#lowestMissing++;
    return this.#lowestMissing;
  }

  #reserve(piece: number, source: Source, backlog: Set<number>): void {
    this.#owner[piece] = source;
    backlog.add(piece);
    this.#missing--;
  }

  #toMissing(piece: number): void {
    this.#owner[piece] = undefined;
    this.#missing++;
    this.#lowestMissing = Math.min(this.#lowestMissing, piece);
  }

  #steal(thief: Source, mine: Set<number>, max: number): Acquired<Source> {
    let from: Source | undefined;
    let longest = 0;
    for (const [victim, backlog] of this.#backlog) {
      const lasts = backlog.size / this.#swarm.speed(victim);
      if (victim === thief || backlog.size === 0 || lasts <= longest) continue;
      from = victim;
      longest = lasts;
    }
    const theirs = from === undefined ? undefined : this.#backlog.get(from);
    if (from === undefined || theirs === undefined) return { kind: 'none' };
    // A single piece changes hands only where that is three times as fast: it must not go back and forth.
    const count = Math.min(max, Math.floor(theirs.size * this.#share(thief, from) + 0.25));
    const wanted = [...theirs].filter((piece) => this.#mayGive(thief, piece)).slice(-count);
    if (count < 1 || wanted.length === 0) return { kind: 'none' };
    for (const piece of wanted) {
      theirs.delete(piece);
      mine.add(piece);
      this.#owner[piece] = thief;
    }
    return { kind: 'stolen', ranges: toRanges(wanted), from };
  }

  /** The part of a backlog that the thief would deliver while its owner delivers the rest. */
  #share(thief: Source, owner: Source): number {
    const thiefSpeed = this.#swarm.speed(thief);
    const ownerSpeed = this.#swarm.speed(owner);
    return ownerSpeed === 0 && thiefSpeed > 0 ? 1 : thiefSpeed / (thiefSpeed + ownerSpeed || 1);
  }
}
