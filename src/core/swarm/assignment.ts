/**
 * Who is asked for what, and how much ahead, while one content is fetched from several sources. Turns what the
 * sources report into orders for them; it sends nothing itself.
 * Invariant: a source is ordered to fetch exactly the pieces that the picker has given to it.
 */
import { Bitfield } from './bitfield.ts';
import { BusyMeter } from './busy-meter.ts';
import type { PieceOrder } from '../engine/engine-api.ts';
import type { PeerId } from '../ids.ts';
import {
  assignSeconds,
  deliveringMs,
  idleSourceLookMs,
  maxAssignedBytes,
  minAssignedBytes,
  sourceCreditMs,
  swarmRunMs,
  unknownSourceBytesPerSecond,
} from '../limits/downloads.ts';
import type { Manifest } from './manifest.ts';
import { pieceCount } from './piece-length.ts';
import { leaveOrder, leaveOrders, type Order } from './piece-order.ts';
import { PiecePicker } from './piece-picker.ts';
import { countPieces, piecesOf, type PieceRange } from './piece-ranges.ts';
import type { Claim } from './rarity.ts';

export interface Delivery {
  readonly verified: readonly PieceRange[];
  readonly spoiled: readonly PieceRange[];
  readonly receivedBytes: number;
}

/** What a partial source says of itself: the bytes of a bitfield, and pieces it has got since. */
export interface Told {
  readonly claim: Uint8Array | 'everything' | undefined;
  readonly gained: readonly PieceRange[];
}

/** What came of a delivery. */
export interface Taken {
  /** Pieces that are here for the first time. */
  readonly fresh: readonly number[];
  /** Pieces that were here already, or were wrong. */
  readonly wasted: number;
  readonly orders: readonly Order[];
}

/** One source at work, as it is now. */
export interface MemberState {
  readonly havePieces: number;
  readonly bytesPerSecond: number;
  readonly queuePosition: number;
  readonly isDelivering: boolean;
  /** Whether it has a piece that is not here yet. */
  readonly isUseful: boolean;
}

interface Member {
  readonly meter: BusyMeter;
  queuePosition: number;
  /** When it last delivered; when it was last given work after it had none. */
  heardMs: number;
  askedMs: number;
  /** There was nothing for it to do: not to be looked at before. */
  idleUntilMs: number;
  /** Received of it, less the pieces that came of that. */
  arrivingBytes: number;
}

export class Assignment {
  readonly #pieceLength: number;
  readonly #pieces: number;
  readonly #picker: PiecePicker<PeerId>;
  readonly #members = new Map<PeerId, Member>();
  #nowMs = 0;

  /** `have`: what is here already. `random` gives [0, 1). */
  constructor(manifest: Manifest, have: Bitfield, random: () => number = Math.random) {
    this.#pieceLength = manifest.pieceLength;
    this.#pieces = pieceCount(manifest.sizeBytes);
    const swarm = { speed: (peer: PeerId) => this.#speed(peer), pieceLength: this.#pieceLength };
    this.#picker = new PiecePicker(this.#pieces, swarm, { have, random });
  }

  get pieceLength(): number {
    return this.#pieceLength;
  }

  get isComplete(): boolean {
    return this.#picker.complete;
  }

  get size(): number {
    return this.#members.size;
  }

  /** Whole copies among the sources; undefined while there is none. */
  get copies(): number | undefined {
    return this.#members.size === 0 ? undefined : this.#picker.copies;
  }

  set order(order: PieceOrder) {
    this.#picker.order = order;
  }

  /** A source is ready to be asked; one that is already here claims something else. */
  join(peer: PeerId, claim: Claim, nowMs: number): void {
    this.#picker.join(peer, claim);
    const known = this.#members.get(peer);
    if (known) known.idleUntilMs = 0;
    else
      this.#members.set(peer, {
        meter: new BusyMeter(nowMs),
        queuePosition: 0,
        heardMs: -Infinity,
        askedMs: Infinity,
        idleUntilMs: 0,
        arrivingBytes: 0,
      });
  }

  /** A source has more than it had. Pieces that the content does not have are ignored. */
  gained(peer: PeerId, ranges: readonly PieceRange[]): Order[] {
    const member = this.#members.get(peer);
    if (!member) return [];
    const left = new Map<PeerId, number[]>();
    for (const piece of piecesOf(ranges)) {
      const owner = piece < this.#pieces ? this.#picker.gained(peer, piece) : undefined;
      if (owner !== undefined) left.set(owner, [...(left.get(owner) ?? []), piece]);
    }
    member.idleUntilMs = 0;
    return leaveOrders(left);
  }

  /** Takes in what a partial source says it has: all of it at first, then what has come. */
  told(peer: PeerId, { claim, gained }: Told, nowMs: number): Order[] {
    const field = claim instanceof Uint8Array ? Bitfield.decode(claim, this.#pieces) : claim;
    if (field) this.join(peer, field, nowMs);
    return this.gained(peer, gained);
  }

  /** Who would be missed least: who has nothing for us, else who delivers far less than the others do. */
  leastUseful(nowMs: number): PeerId | undefined {
    const states = [...this.#members.keys()].map((peer) => ({ peer, ...this.stateOf(peer, nowMs) }));
    const useless = states.find(({ isUseful }) => !isUseful);
    if (useless) return useless.peer;
    const slowest = states.toSorted((a, b) => (a.bytesPerSecond ?? 0) - (b.bytesPerSecond ?? 0))[0];
    const sum = states.reduce((bytes, { bytesPerSecond = 0 }) => bytes + bytesPerSecond, 0);
    return (slowest?.bytesPerSecond ?? 0) < sum / states.length / 4 ? slowest?.peer : undefined;
  }

  /** What it was to fetch is free for others. */
  leave(peer: PeerId): void {
    this.#picker.leave(peer);
    this.#members.delete(peer);
    this.#wakeAll();
  }

  queued(peer: PeerId, queuePosition: number): void {
    const member = this.#members.get(peer);
    if (member) member.queuePosition = queuePosition;
  }

  /** Takes in what a source delivered. */
  delivered(peer: PeerId, delivery: Delivery, nowMs: number): Taken {
    const member = this.#members.get(peer);
    if (member && delivery.receivedBytes > 0) {
      member.meter.add(delivery.receivedBytes, nowMs);
      member.heardMs = nowMs;
    }
    const fresh: number[] = [];
    const spared = new Map<PeerId, number[]>();
    for (const piece of piecesOf(delivery.verified)) {
      if (!this.#picker.isVerified(piece)) fresh.push(piece);
      for (const other of this.#picker.verified(piece, peer))
        spared.set(other, [...(spared.get(other) ?? []), piece]);
    }
    for (const piece of piecesOf(delivery.spoiled)) this.#picker.spoiled(piece, peer);
    if (delivery.spoiled.length > 0) this.#wakeAll();
    const settled = countPieces(delivery.verified) + countPieces(delivery.spoiled);
    if (member) member.arrivingBytes += delivery.receivedBytes - settled * this.#pieceLength;
    this.#noteBusy(nowMs);
    const orders = leaveOrders(spared);
    const wasted = countPieces(delivery.spoiled) + countPieces(delivery.verified) - fresh.length;
    return { fresh, wasted, orders };
  }

  /** Pieces that were here turned out wrong: they are wanted again. */
  lost(pieces: Iterable<number>): void {
    for (const piece of pieces) this.#picker.lost(piece);
    this.#wakeAll();
  }

  /** Gives everybody enough to do. To be called after every change and now and then. */
  topUp(nowMs: number): Order[] {
    this.#nowMs = nowMs;
    const orders: Order[] = [];
    for (const [peer, member] of this.#members) {
      const backlog = this.#picker.backlog(peer);
      const room = this.#target(peer) - backlog;
      if (room <= 0 || nowMs < member.idleUntilMs) continue;
      const acquired = this.#picker.acquire(peer, room, this.#run(peer));
      if (acquired.kind === 'none') {
        member.idleUntilMs = nowMs + idleSourceLookMs;
        continue;
      }
      if (backlog === 0) member.askedMs = nowMs;
      if (acquired.kind === 'stolen') orders.push(leaveOrder(acquired.from, acquired.ranges));
      orders.push({ type: 'want', peer, ranges: acquired.ranges });
    }
    this.#noteBusy(nowMs);
    return orders;
  }

  /** Whether somebody delivers, or has what could be asked for. */
  hasWork(nowMs: number): boolean {
    const members = [...this.#members];
    return members.some(([peer, one]) => isDelivering(one, nowMs) || this.#picker.isUseful(peer));
  }

  /** Received of pieces under way; never more than those who were given them have to do. */
  get arrivingBytes(): number {
    let bytes = 0;
    for (const [peer, member] of this.#members) {
      const most = this.#picker.backlog(peer) * this.#pieceLength;
      // What a source had begun and was not to go on with, or a last piece that was shorter, is not to add up.
      member.arrivingBytes = Math.min(member.arrivingBytes, most);
      if (most === 0) member.arrivingBytes = 0;
      bytes += Math.max(0, member.arrivingBytes);
    }
    return bytes;
  }

  /** Sources at work: they deliver, or were given something to do just now and are believed to be about to. */
  working(nowMs: number): number {
    return [...this.#members].filter(
      ([peer, member]) =>
        isDelivering(member, nowMs) ||
        (member.queuePosition === 0 && this.#picker.backlog(peer) > 0 && hasCredit(member, nowMs)),
    ).length;
  }

  /** The best place in a queue, when every source that has something for us makes us wait. */
  get queuePosition(): number | undefined {
    let best: number | undefined;
    for (const [peer, { queuePosition }] of this.#members) {
      if (!this.#picker.isUseful(peer)) continue;
      if (queuePosition === 0) return undefined;
      best = Math.min(best ?? Infinity, queuePosition);
    }
    return best;
  }

  /** Undefined for who has not joined. */
  stateOf(peer: PeerId, nowMs: number): MemberState | undefined {
    const member = this.#members.get(peer);
    const claim = this.#picker.claimOf(peer);
    if (!member || claim === undefined) return undefined;
    return {
      havePieces: claim === 'everything' ? this.#pieces : claim.count,
      bytesPerSecond: isDelivering(member, nowMs) ? member.meter.bytesPerSecond(nowMs) : 0,
      queuePosition: member.queuePosition,
      isDelivering: isDelivering(member, nowMs),
      isUseful: this.#picker.isUseful(peer),
    };
  }

  /** How it stands with one piece. */
  pieceState(piece: number): 'have' | 'requested' | { readonly availability: number } {
    if (this.#picker.isVerified(piece)) return 'have';
    if (this.#picker.isReserved(piece)) return 'requested';
    return { availability: this.#picker.availability(piece) };
  }

  /**
   * How many pieces a source should have before it: some seconds of its speed. One that makes us wait, or stands
   * still, has a single one, so that it can show what it is worth.
   */
  #target(peer: PeerId): number {
    const speed = this.#speed(peer);
    if (speed === 0) return 1;
    const bytes = Math.min(Math.max(assignSeconds * speed, minAssignedBytes), maxAssignedBytes);
    return Math.max(1, Math.ceil(bytes / this.#pieceLength));
  }

  /** Long runs make large requests; short ones keep those who download the same from fetching it all in one order. */
  #run(peer: PeerId): number {
    if (!this.#picker.isShared) return Infinity;
    return Math.max(1, Math.round((this.#speed(peer) * swarmRunMs) / 1000 / this.#pieceLength));
  }

  #speed(peer: PeerId): number {
    const member = this.#members.get(peer);
    if (!member || member.queuePosition > 0) return 0;
    // An average never comes to nothing by itself.
    if (this.#picker.backlog(peer) > 0 && !hasCredit(member, this.#nowMs)) return 0;
    if (member.heardMs === -Infinity) return unknownSourceBytesPerSecond;
    return member.meter.bytesPerSecond(this.#nowMs);
  }

  /** Notes who has something to do. */
  #noteBusy(nowMs: number): void {
    for (const [peer, { meter }] of this.#members) meter.set(this.#picker.backlog(peer) > 0, nowMs);
  }

  #wakeAll(): void {
    for (const member of this.#members.values()) member.idleUntilMs = 0;
  }
}

/** Whether one that has something to do was heard of, or given it, not long ago. */
const hasCredit = ({ heardMs, askedMs }: Member, nowMs: number): boolean =>
  nowMs - Math.max(heardMs, askedMs) < sourceCreditMs;

const isDelivering = ({ heardMs }: Member, nowMs: number): boolean => nowMs - heardMs < deliveringMs;
