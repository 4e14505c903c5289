/**
 * What a source that has nothing left to do takes over from another: pure arithmetic on the other's backlog.
 * Invariant: what is taken comes clearly sooner for it, or frees its owner for what nobody has begun; so no piece
 * goes back and forth.
 */
import { raceFromMs, raceMargin, stealFromMs, stealMargin } from '../limits/downloads.ts';

export interface Backlog {
  /** In the order in which its owner will deliver. */
  readonly pieces: readonly number[];
  /** How many times as fast as the taker its owner is. */
  readonly ratio: number;
  /** How long its owner takes for one of them; infinite for one that stands still. */
  readonly pieceMs: number;
  /** Whether its owner can be given something else. */
  readonly hasOther: boolean;
}

/**
 * Up to `max` pieces from the end of a backlog, in its order: as far as the taker would be done with them clearly
 * sooner, or all but the first, which may be half here, if both are of use then. None that will be here in a moment: its
 * owner would hear of it too late. All if the owner stands still.
 */
export function toTakeOver(backlog: Backlog, max: number, isFree: (piece: number) => boolean): number[] {
  const { pieces, ratio, pieceMs, hasOther } = backlog;
  const taken: number[] = [];
  for (let at = pieces.length - 1; at >= 0 && taken.length < max; at--) {
    const isSooner = at + 1 > stealMargin * ratio * (taken.length + 1);
    const isSoonHere = at === 0 || (at + 1) * pieceMs < stealFromMs;
    if (ratio > 0 && (isSoonHere || !(isSooner || hasOther))) break;
    const piece = pieces[at];
    if (piece !== undefined && isFree(piece)) taken.push(piece);
  }
  return taken.toReversed();
}

/** The first piece of a backlog that the racer would have much sooner, and that is not here in a moment anyway. */
export function toRaceFor(
  { pieces, ratio, pieceMs }: Backlog,
  isFree: (piece: number) => boolean,
): number | undefined {
  const isWorthIt = (at: number): boolean => at + 1 > raceMargin * ratio && (at + 1) * pieceMs >= raceFromMs;
  return pieces.find((piece, at) => isWorthIt(at) && isFree(piece));
}
