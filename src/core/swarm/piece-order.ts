/** What a source is told to fetch of one content, or to fetch no more. */
import type { PeerId } from '../ids.ts';
import { toRanges, type PieceRange } from './piece-ranges.ts';

export interface Order {
  readonly type: 'want' | 'leave';
  readonly peer: PeerId;
  readonly ranges: readonly PieceRange[];
}

export function leaveOrder(peer: PeerId, ranges: readonly PieceRange[]): Order {
  return { type: 'leave', peer, ranges };
}

/** `pieces`: what each of them is to leave. */
export function leaveOrders(pieces: ReadonlyMap<PeerId, readonly number[]>): Order[] {
  return Array.from(pieces, ([peer, left]) => leaveOrder(peer, toRanges(left)));
}
