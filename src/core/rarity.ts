/**
 * How many sources claim each piece, and which pieces that are still to be had are the rarest. Those that claim
 * everything are one number; the others are counted piece by piece, and the open pieces lie in one bitfield for
 * each count: what a source has of the rarest is found 32 pieces at a step, in runs, with no list to sort.
 * Invariant: an open piece is in exactly the bitfield of its count, a closed one in none.
 */
import { Bitfield } from './bitfield.ts';

/** What a source says it has. */
export type Claim = Bitfield | 'everything';

export class Rarity {
  readonly #pieces: number;
  /** For each piece, the sources that claim it one by one. */
  readonly #claims: Uint16Array;
  /** How many pieces have so many claims. */
  readonly #piecesOfCount: number[] = [];
  readonly #open: Bitfield;
  readonly #openOfCount: Bitfield[] = [];
  #seeds = 0;

  /** No piece is open at first. */
  constructor(pieces: number) {
    this.#pieces = pieces;
    this.#claims = new Uint16Array(pieces);
    this.#open = new Bitfield(pieces);
    this.#piecesOfCount[0] = pieces;
    this.#openOfCount[0] = new Bitfield(pieces);
  }

  /** How many sources claim it. */
  availability(piece: number): number {
    return this.#seeds + (this.#claims[piece] ?? 0);
  }

  /** Whole copies among all claims: the number of the rarest piece, and the part of the pieces that have more. */
  get copies(): number {
    const rarest = this.#piecesOfCount.findIndex((pieces) => pieces > 0);
    if (this.#pieces === 0 || rarest < 0) return this.#seeds;
    return this.#seeds + rarest + 1 - (this.#piecesOfCount[rarest] ?? 0) / this.#pieces;
  }

  /** A source that claims so much came. */
  joined(claim: Claim): void {
    if (claim === 'everything') this.#seeds++;
    else for (const { start, end } of claim.ranges()) for (let at = start; at < end; at++) this.#move(at, 1);
  }

  /** A source that claims so much left. */
  left(claim: Claim): void {
    if (claim === 'everything') this.#seeds--;
    else for (const { start, end } of claim.ranges()) for (let at = start; at < end; at++) this.#move(at, -1);
  }

  /** A source claims one piece more. */
  gained(piece: number): void {
    this.#move(piece, 1);
  }

  /** The piece is to be had. */
  open(piece: number): void {
    this.#open.set(piece);
    this.#openOfCount[this.#claims[piece] ?? 0]?.set(piece);
  }

  /** The piece is not to be had any more. */
  close(piece: number): void {
    this.#open.clear(piece);
    this.#openOfCount[this.#claims[piece] ?? 0]?.clear(piece);
  }

  /**
   * Up to `max` open pieces of a claim, the rarest first, in runs: those of each count from `from` on if that is
   * one of them, else from `elsewhere` on, and round. `mayTake` leaves out single pieces.
   */
  rarest(
    claim: Claim,
    max: number,
    from: number,
    elsewhere: number,
    mayTake: (piece: number) => boolean,
  ): number[] {
    const taken: number[] = [];
    for (const level of this.#openOfCount) {
      if (taken.length >= max) break;
      const start = level.has(from) && (claim === 'everything' || claim.has(from)) ? from : elsewhere;
      collect(taken, max, level, claim, start, this.#pieces, mayTake);
      collect(taken, max, level, claim, 0, start, mayTake);
    }
    return taken;
  }

  /** Up to `max` open pieces of a claim, lowest first. */
  lowest(claim: Claim, max: number, mayTake: (piece: number) => boolean): number[] {
    const taken: number[] = [];
    collect(taken, max, this.#open, claim, 0, this.#pieces, mayTake);
    return taken;
  }

  #move(piece: number, by: 1 | -1): void {
    const before = this.#claims[piece] ?? 0;
    const after = before + by;
    this.#claims[piece] = after;
    this.#piecesOfCount[before] = (this.#piecesOfCount[before] ?? 0) - 1;
    this.#piecesOfCount[after] = (this.#piecesOfCount[after] ?? 0) + 1;
    if (!this.#open.has(piece)) return;
    this.#openOfCount[before]?.clear(piece);
    (this.#openOfCount[after] ??= new Bitfield(this.#pieces)).set(piece);
  }
}

/** Appends the pieces of `level` and `claim` from `start` up to but without `end`, until there are `max`. */
function collect(
  taken: number[],
  max: number,
  level: Bitfield,
  claim: Claim,
  start: number,
  end: number,
  mayTake: (piece: number) => boolean,
): void {
  const also = claim === 'everything' ? undefined : claim;
  let piece = level.firstHad(start, also);
  while (piece !== undefined && piece < end && taken.length < max) {
    if (mayTake(piece)) taken.push(piece);
    piece = level.firstHad(piece + 1, also);
  }
}
