/**
 * Which source delivers which piece of one content: the rarest first, ties at random, neighbours together, and every
 * piece whole from one source. Near the end sources without work take over from those that would need longer, or race
 * them for a single piece. It asks for speeds through `Swarm` and reaches into nothing else.
 * Invariant: each piece is missing, reserved by one source, raced for by two, or verified; a source races for one at a time.
 */
import { Bitfield } from './bitfield.ts';
import type { PieceOrder } from '../engine/engine-api.ts';
import { toRaceFor, toTakeOver } from './piece-takeover.ts';
import { toRanges, type PieceRange } from './piece-ranges.ts';
import { Rarity, type Claim } from './rarity.ts';

export interface Swarm<Source> {
  /** Bytes per second now; 0 when it delivers nothing. */
  speed(source: Source): number;
  /** By which speeds tell how soon a piece is here. */
  readonly pieceLength: number;
}

export type Acquired<Source> =
  | { readonly kind: 'reserved'; readonly ranges: readonly PieceRange[] }
  /** Taken from a source that would need longer for them: that one is to be told to leave them. */
  | { readonly kind: 'stolen'; readonly ranges: readonly PieceRange[]; readonly from: Source }
  /** Wanted of its owner as well: the slower of the two will be told to leave it. */
  | { readonly kind: 'raced'; readonly ranges: readonly PieceRange[] }
  | { readonly kind: 'none' };

export interface Progress {
  readonly missing: number;
  readonly reserved: number;
  readonly verified: number;
}

export interface PickerOptions {
  /** What is verified already. */
  readonly have?: Bitfield;
  /** Gives [0, 1): where a run of equally rare pieces begins. */
  readonly random?: () => number;
}

interface Member {
  claim: Claim;
  /** What it has reserved, in the order in which it will deliver. */
  readonly backlog: Set<number>;
  /** The piece of another that it fetches as well. */
  racing: number | undefined;
  /** Behind the last piece it was given. */
  cursor: number;
}

export class PiecePicker<Source> {
  order: PieceOrder = 'rarest';
  readonly #swarm: Swarm<Source>;
  readonly #pieces: number;
  readonly #random: () => number;
  readonly #rarity: Rarity;
  readonly #verified: Bitfield;
  readonly #members = new Map<Source, Member>();
  /** The sources that have a piece reserved, and those that race for one. */
  readonly #owners: (Source | undefined)[];
  readonly #racers = new Map<number, Source>();
  /** Who last delivered a piece that did not verify. */
  readonly #spoiledBy = new Map<number, Source>();
  #verifiedCount: number;
  #reservedCount = 0;

  constructor(pieces: number, swarm: Swarm<Source>, { have, random = Math.random }: PickerOptions = {}) {
    this.#swarm = swarm;
    this.#pieces = pieces;
    this.#random = random;
    this.#rarity = new Rarity(pieces);
    this.#verified = new Bitfield(pieces);
    this.#owners = Array.from({ length: pieces }, () => undefined);
    for (let piece = 0; piece < pieces; piece++)
      if (have?.has(piece)) this.#verified.set(piece);
      else this.#rarity.open(piece);
    this.#verifiedCount = this.#verified.count;
  }

  get progress(): Progress {
    const [reserved, verified] = [this.#reservedCount, this.#verifiedCount];
    return { missing: this.#pieces - reserved - verified, reserved, verified };
  }

  get complete(): boolean {
    return this.#verifiedCount === this.#pieces;
  }

  /** Whole copies among the sources that joined. */
  get copies(): number {
    return this.#rarity.copies;
  }

  isVerified(piece: number): boolean {
    return this.#verified.has(piece);
  }

  isReserved(piece: number): boolean {
    return this.#owners[piece] !== undefined;
  }

  /** Whether there are sources that download it as well. */
  get isShared(): boolean {
    return !this.#rarity.isAllWhole;
  }

  /** How many of the sources that joined claim it. */
  availability(piece: number): number {
    return this.#rarity.availability(piece);
  }

  /** How many pieces the source is to deliver. */
  backlog(source: Source): number {
    const member = this.#members.get(source);
    return member ? member.backlog.size + (member.racing === undefined ? 0 : 1) : 0;
  }

  /** What the source claims; undefined before it joined. A bitfield is not to be changed. */
  claimOf(source: Source): Claim | undefined {
    return this.#members.get(source)?.claim;
  }

  /** Whether it claims a piece that is not here yet. */
  isUseful(source: Source): boolean {
    const claim = this.#members.get(source)?.claim;
    if (claim === undefined || this.complete) return false;
    if (claim === 'everything') return true;
    for (const { start, end } of claim.ranges())
      if ((this.#verified.firstMissing(start) ?? this.#pieces) < end) return true;
    return false;
  }

  /** Makes a source known, or replaces what it claims; before that and after `leave` it can reserve nothing. */
  join(source: Source, claim: Claim): void {
    const own = claim === 'everything' ? claim : claim.copy();
    const member = this.#members.get(source);
    this.#rarity.joined(own);
    if (member) {
      this.#rarity.left(member.claim);
      member.claim = own;
    } else
      this.#members.set(source, { claim: own, backlog: new Set(), racing: undefined, cursor: this.#pieces });
  }

  /**
   * A source claims a piece more. Gives who was to deliver it and has rarer ones to deliver instead: that one is to
   * be told to leave it, for it is missing again.
   */
  gained(source: Source, piece: number): Source | undefined {
    const claim = this.#members.get(source)?.claim;
    if (claim === undefined || claim === 'everything' || !claim.set(piece)) return undefined;
    this.#rarity.gained(piece);
    const owner = this.#owners[piece];
    const other = owner === undefined ? undefined : this.#members.get(owner);
    if (owner === undefined || !other || this.#racers.has(piece)) return undefined;
    // The next one may be half here already.
    const [next] = other.backlog;
    if (piece === next || !this.#rarity.hasRarer(other.claim, piece)) return undefined;
    this.returned(piece, owner);
    return owner;
  }

  /** Forgets a source; what it had reserved is missing again, or its racer's. */
  leave(source: Source): void {
    const member = this.#members.get(source);
    if (!member) return;
    this.giveBack(source);
    this.#rarity.left(member.claim);
    this.#members.delete(source);
  }

  /** All that a source had reserved is missing again, or its racer's. */
  giveBack(source: Source): void {
    const member = this.#members.get(source);
    if (!member) return;
    for (const piece of member.backlog) this.returned(piece, source);
    if (member.racing !== undefined) this.returned(member.racing, source);
  }

  /**
   * Reserves up to `max` missing pieces. A source for which there are none and that has nothing left to do takes
   * over the end of a backlog that would last longer with its owner, or races that for its next piece. `run`: how
   * many neighbours at a time; where others fetch the same, long runs would make them fetch it in the same order.
   */
  acquire(source: Source, max: number, run = Infinity): Acquired<Source> {
    const member = this.#members.get(source);
    if (!member || max < 1) return { kind: 'none' };
    const mayTake = (piece: number): boolean => this.#mayGive(source, piece);
    const { claim, cursor } = member;
    // Behind the end of a run anything may come: on from there, all who fetch the same would do so in one order.
    const wish = { from: cursor % run === 0 ? undefined : cursor, run, random: this.#random, mayTake };
    const taken =
      this.order === 'sequential'
        ? this.#rarity.lowest(claim, max, mayTake)
        : this.#rarity.rarest(claim, max, wish);
    for (const piece of taken) this.#reserve(piece, source, member);
    member.cursor = (taken.at(-1) ?? cursor) + 1;
    if (taken.length > 0) return { kind: 'reserved', ranges: toRanges(taken) };
    if (this.backlog(source) > 0) return { kind: 'none' };
    return this.#takeOver(source, member, max);
  }

  /** A piece came and was right, from whomever. Gives those who were to deliver it too: they are to leave it. */
  verified(piece: number, from: Source): Source[] {
    if (!this.#verified.set(piece)) return [];
    this.#verifiedCount++;
    this.#spoiledBy.delete(piece);
    const [owner, racer] = [this.#owners[piece], this.#racers.get(piece)];
    if (owner === undefined) this.#rarity.close(piece);
    else this.#reservedCount--;
    this.#owners[piece] = undefined;
    if (owner !== undefined) this.#members.get(owner)?.backlog.delete(piece);
    this.#endRace(piece);
    return [owner, racer].filter((one): one is Source => one !== undefined && one !== from);
  }

  /** A piece that was verified is not right any more: it is missing again. */
  lost(piece: number): void {
    if (!this.#verified.clear(piece)) return;
    this.#verifiedCount--;
    this.#rarity.open(piece);
  }

  /** A piece came and was wrong: it is missing again, and wanted from someone else while there is someone. */
  spoiled(piece: number, from: Source): void {
    if (!this.#verified.has(piece)) this.#spoiledBy.set(piece, from);
    this.returned(piece, from);
  }

  /** A source gives back a piece that it will not deliver; nothing happens unless it was to deliver it. */
  returned(piece: number, from: Source): void {
    const racer = this.#racers.get(piece);
    if (racer === from) return this.#endRace(piece);
    if (this.#owners[piece] !== from) return;
    this.#members.get(from)?.backlog.delete(piece);
    this.#owners[piece] = undefined;
    this.#reservedCount--;
    this.#rarity.open(piece);
    const heir = racer === undefined ? undefined : this.#members.get(racer);
    this.#endRace(piece);
    if (racer !== undefined && heir) this.#reserve(piece, racer, heir);
  }

  #mayGive(source: Source, piece: number): boolean {
    return this.#spoiledBy.get(piece) !== source || this.#rarity.availability(piece) <= 1;
  }

  #reserve(piece: number, source: Source, { backlog }: Member): void {
    this.#owners[piece] = source;
    backlog.add(piece);
    this.#rarity.close(piece);
    this.#reservedCount++;
  }

  #endRace(piece: number): void {
    const racer = this.#racers.get(piece);
    if (racer === undefined) return;
    this.#racers.delete(piece);
    const member = this.#members.get(racer);
    if (member) member.racing = undefined;
  }

  /** Tries those whose backlog would last longest first. */
  #takeOver(thief: Source, mine: Member, max: number): Acquired<Source> {
    const [speed, { pieceLength }] = [this.#swarm.speed(thief), this.#swarm];
    if (speed === 0) return { kind: 'none' };
    const victims = [...this.#members]
      .filter(([source, { backlog }]) => source !== thief && backlog.size > 0)
      .map(([source, { backlog, claim: theirs }]) => {
        const ratio = this.#swarm.speed(source) / speed;
        const pieceMs = (pieceLength / speed / ratio) * 1000;
        return { source, pieces: [...backlog], ratio, pieceMs, hasOther: this.#rarity.hasOpen(theirs) };
      })
      .toSorted((a, b) => b.pieces.length / b.ratio - a.pieces.length / a.ratio);
    const isFor = (piece: number): boolean => has(mine.claim, piece) && this.#mayGive(thief, piece);
    const isFree = (piece: number): boolean => isFor(piece) && !this.#racers.has(piece);
    for (const { source: from, ...backlog } of victims) {
      const pieces = toTakeOver(backlog, max, backlog.ratio === 0 ? isFor : isFree);
      if (pieces.length === 0) continue;
      for (const piece of pieces) {
        this.#members.get(from)?.backlog.delete(piece);
        mine.backlog.add(piece);
        this.#owners[piece] = thief;
      }
      return { kind: 'stolen', ranges: toRanges(pieces), from };
    }
    // While something is missing, who is raced for a piece had better deliver another.
    if (this.progress.missing > 0) return { kind: 'none' };
    for (const backlog of victims) {
      const piece = toRaceFor(backlog, isFree);
      if (piece === undefined) continue;
      this.#racers.set(piece, thief);
      mine.racing = piece;
      return { kind: 'raced', ranges: [{ first: piece, count: 1 }] };
    }
    return { kind: 'none' };
  }
}

const has = (claim: Claim, piece: number): boolean => claim === 'everything' || claim.has(piece);
