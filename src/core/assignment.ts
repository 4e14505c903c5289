/**
 * Who is asked for what, and how much ahead, while one content is fetched from several sources. Turns what the
 * sources report into orders for them; it sends nothing itself.
 * Invariant: a source is ordered to fetch exactly the pieces that the picker has reserved for it.
 */
import type { PeerId } from './ids.ts';
import { assignSeconds, maxAssignedBytes, minAssignedBytes, unknownSourceBytesPerSecond } from './limits.ts';
import type { Manifest } from './manifest.ts';
import { pieceCount } from './piece-length.ts';
import { PiecePicker } from './piece-picker.ts';
import { piecesOf, toRanges, type PieceRange } from './piece-ranges.ts';
import { RateMeter } from './rate-meter.ts';

export interface Order {
  readonly type: 'want' | 'leave';
  readonly peer: PeerId;
  readonly ranges: readonly PieceRange[];
}

export interface Delivery {
  readonly verified: readonly PieceRange[];
  readonly spoiled: readonly PieceRange[];
  readonly receivedBytes: number;
}

interface Member {
  readonly sinceMs: number;
  readonly meter: RateMeter;
  queuePosition: number;
  heardMs: number;
  /** How fast it was when it last delivered: what an idle source is good for. */
  lastSpeed: number;
}

/** For how long a source that has delivered nothing yet is given credit. */
const creditMs = 5_000;
/** A source that delivered this recently is delivering now. */
const deliveringMs = 3_000;

export class Assignment {
  readonly #pieceLength: number;
  readonly #picker: PiecePicker<PeerId>;
  readonly #members = new Map<PeerId, Member>();
  #nowMs = 0;

  constructor(manifest: Manifest, have: (piece: number) => boolean) {
    this.#pieceLength = manifest.pieceLength;
    const swarm = { has: () => true, speed: (peer: PeerId) => this.#speed(peer) };
    this.#picker = new PiecePicker(pieceCount(manifest.sizeBytes), swarm, have);
  }

  get isComplete(): boolean {
    return this.#picker.complete;
  }

  get size(): number {
    return this.#members.size;
  }

  join(peer: PeerId, nowMs: number): void {
    this.#picker.join(peer);
    const meter = new RateMeter(nowMs);
    const member = { sinceMs: nowMs, meter, queuePosition: 0, heardMs: -Infinity, lastSpeed: 0 };
    this.#members.set(peer, member);
  }

  /** What it was to fetch is free for others. */
  leave(peer: PeerId): void {
    this.#picker.leave(peer);
    this.#members.delete(peer);
  }

  queued(peer: PeerId, queuePosition: number): void {
    const member = this.#members.get(peer);
    if (member) member.queuePosition = queuePosition;
  }

  /** Takes in what a source delivered. Gives the pieces that are news, and what others need not fetch any more. */
  delivered(peer: PeerId, delivery: Delivery, nowMs: number): { fresh: number[]; orders: Order[] } {
    const member = this.#members.get(peer);
    if (member && delivery.receivedBytes > 0) {
      member.meter.add(delivery.receivedBytes, nowMs);
      member.heardMs = nowMs;
      member.lastSpeed = member.meter.bytesPerSecond(nowMs);
    }
    const fresh: number[] = [];
    const spared = new Map<PeerId, number[]>();
    for (const piece of piecesOf(delivery.verified)) {
      if (!this.#picker.isVerified(piece)) fresh.push(piece);
      const other = this.#picker.verified(piece, peer);
      if (other !== undefined) spared.set(other, [...(spared.get(other) ?? []), piece]);
    }
    for (const piece of piecesOf(delivery.spoiled)) this.#picker.spoiled(piece, peer);
    const orders = Array.from(spared, ([other, pieces]) => leaveOrder(other, toRanges(pieces)));
    return { fresh, orders };
  }

  /** Gives everybody enough to do. To be called after every change and now and then. */
  topUp(nowMs: number): Order[] {
    this.#nowMs = nowMs;
    const orders: Order[] = [];
    for (const peer of this.#members.keys()) {
      const room = this.#target(peer) - this.#picker.backlog(peer);
      if (room <= 0) continue;
      const acquired = this.#picker.acquire(peer, room);
      if (acquired.kind === 'none') continue;
      if (acquired.kind === 'stolen') orders.push(leaveOrder(acquired.from, acquired.ranges));
      orders.push({ type: 'want', peer, ranges: acquired.ranges });
    }
    return orders;
  }

  /** Sources that deliver now. */
  delivering(nowMs: number): number {
    return [...this.#members.values()].filter(({ heardMs }) => nowMs - heardMs < deliveringMs).length;
  }

  /** The best place in a queue, when every source makes us wait. */
  get queuePosition(): number | undefined {
    const places = [...this.#members.values()].map(({ queuePosition }) => queuePosition);
    return places.length > 0 && places.every((place) => place > 0) ? Math.min(...places) : undefined;
  }

  /** How many pieces a source should have before it: some seconds of its speed; little while it makes us wait. */
  #target(peer: PeerId): number {
    const waits = (this.#members.get(peer)?.queuePosition ?? 0) > 0;
    const bytes = waits ? 0 : assignSeconds * this.#speed(peer);
    const bounded = Math.min(Math.max(bytes, minAssignedBytes), maxAssignedBytes);
    return Math.max(1, Math.ceil(bounded / this.#pieceLength));
  }

  #speed(peer: PeerId): number {
    const member = this.#members.get(peer);
    if (!member || member.queuePosition > 0) return 0;
    const isNew = member.heardMs === -Infinity && this.#nowMs - member.sinceMs < creditMs;
    if (isNew) return unknownSourceBytesPerSecond;
    return this.#picker.backlog(peer) === 0 ? member.lastSpeed : member.meter.bytesPerSecond(this.#nowMs);
  }
}

const leaveOrder = (peer: PeerId, ranges: readonly PieceRange[]): Order => ({ type: 'leave', peer, ranges });
