/**
 * How many sources claim each piece, and which pieces that are still to be had are the rarest. Those that claim
 * everything are one number; the others are counted piece by piece, and the open pieces lie in one bitfield for
 * each count: what a source has of the rarest is found 32 pieces at a step, in runs, with no list to sort.
 * Invariant: an open piece is in exactly the bitfield of its count, a closed one in none.
 */
import { Bitfield } from './bitfield.ts';

/** What a source says it has. */
export type Claim = Bitfield | 'everything';

/** Which of the pieces that are equally rare. */
export interface Wish {
  /** Best this one; undefined: any. */
  readonly from: number | undefined;
  /** How many neighbours at most; runs of the same length begin at the same places for everybody. */
  readonly run: number;
  /** Gives [0, 1). */
  readonly random: () => number;
  readonly mayTake: (piece: number) => boolean;
}

export class Rarity {
  readonly #pieces: number;
  /** For each piece, the sources that claim it one by one. */
  readonly #claims: Uint16Array;
  /** How many pieces have so many claims. */
  readonly #piecesOfCount: number[] = [];
  readonly #open: Bitfield;
  readonly #openOfCount: Bitfield[] = [];
  #seeds = 0;
  #partial = 0;

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

  /** Whether all that claim anything claim everything. */
  get isAllWhole(): boolean {
    return this.#partial === 0;
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
    else this.#partial++;
    if (claim !== 'everything')
      for (const { start, end } of claim.ranges()) for (let at = start; at < end; at++) this.#move(at, 1);
  }

  /** A source that claims so much left. */
  left(claim: Claim): void {
    if (claim === 'everything') this.#seeds--;
    else this.#partial--;
    if (claim !== 'everything')
      for (const { start, end } of claim.ranges()) for (let at = start; at < end; at++) this.#move(at, -1);
  }

  /** A source claims one piece more. */
  gained(piece: number): void {
    this.#move(piece, 1);
  }

  /** The piece is to be had. */
  open(piece: number): void {
    this.#open.set(piece);
    this.#levelOf(this.#claims[piece] ?? 0).set(piece);
  }

  /** The piece is not to be had any more. */
  close(piece: number): void {
    this.#open.clear(piece);
    this.#openOfCount[this.#claims[piece] ?? 0]?.clear(piece);
  }

  /**
   * Up to `max` open pieces of a claim, the rarest first. Those of each count come in runs: the first from the
   * place wished for, if that is one of them, the others from random places.
   */
  rarest(claim: Claim, max: number, wish: Wish): number[] {
    const taken = new Set<number>();
    for (const level of this.#openOfCount) {
      if (taken.size >= max) break;
      const also = claim === 'everything' ? undefined : claim;
      const { from } = wish;
      const isHere = from !== undefined && level.has(from) && (also === undefined || also.has(from));
      this.#takeRuns(taken, max, level, also, isHere ? from : this.#place(wish), wish);
    }
    return [...taken];
  }

  /** Whether there is an open piece of a claim. */
  hasOpen(claim: Claim): boolean {
    return this.#open.firstHad(0, claim === 'everything' ? undefined : claim) !== undefined;
  }

  /** Whether there is an open piece of a claim that fewer sources claim than this one. */
  hasRarer(claim: Claim, piece: number): boolean {
    const also = claim === 'everything' ? undefined : claim;
    for (let count = 0; count < (this.#claims[piece] ?? 0); count++)
      if (this.#openOfCount[count]?.firstHad(0, also) !== undefined) return true;
    return false;
  }

  /** Up to `max` open pieces of a claim, lowest first. */
  lowest(claim: Claim, max: number, mayTake: (piece: number) => boolean): number[] {
    const taken = new Set<number>();
    const also = claim === 'everything' ? undefined : claim;
    const wish = { from: 0, run: Infinity, random: () => 0, mayTake };
    this.#takeRuns(taken, max, this.#open, also, 0, wish);
    return [...taken];
  }

  /** Adds what `level` and `also` have in common, run after run, until there are `max`. */
  #takeRuns(
    taken: Set<number>,
    max: number,
    level: Bitfield,
    also: Bitfield | undefined,
    start: number,
    wish: Wish,
  ): void {
    const mayTake = (piece: number): boolean => !taken.has(piece) && wish.mayTake(piece);
    for (let at = start; taken.size < max; at = this.#place(wish)) {
      const first = find(level, also, at, mayTake) ?? find(level, also, 0, mayTake);
      if (first === undefined) return;
      const end = wish.run < Infinity ? (Math.floor(first / wish.run) + 1) * wish.run : this.#pieces;
      let piece: number | undefined = first;
      for (; piece !== undefined && piece < end && taken.size < max; piece = level.firstHad(piece + 1, also))
        if (mayTake(piece)) taken.add(piece);
    }
  }

  /** Where the next run may begin: anywhere, or where runs of that length do. */
  #place({ run, random }: Wish): number {
    if (run === Infinity) return Math.floor(random() * this.#pieces);
    return Math.floor((random() * this.#pieces) / run) * run;
  }

  #move(piece: number, by: 1 | -1): void {
    const before = this.#claims[piece] ?? 0;
    const after = before + by;
    this.#claims[piece] = after;
    this.#piecesOfCount[before] = (this.#piecesOfCount[before] ?? 0) - 1;
    this.#piecesOfCount[after] = (this.#piecesOfCount[after] ?? 0) + 1;
    if (!this.#open.has(piece)) return;
    this.#levelOf(before).clear(piece);
    this.#levelOf(after).set(piece);
  }

  /** The open pieces of a count; made with those below when it is first needed. */
  #levelOf(count: number): Bitfield {
    while (this.#openOfCount.length <= count) this.#openOfCount.push(new Bitfield(this.#pieces));
    return this.#openOfCount[count] ?? this.#open;
  }
}

/** The first piece from `start` on that both have and that may be taken. */
function find(
  level: Bitfield,
  also: Bitfield | undefined,
  start: number,
  mayTake: (piece: number) => boolean,
): number | undefined {
  let piece = level.firstHad(start, also);
  while (piece !== undefined && !mayTake(piece)) piece = level.firstHad(piece + 1, also);
  return piece;
}
