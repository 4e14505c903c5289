/**
 * What a source that has nothing left to do takes over from another: pure arithmetic on the other's backlog.
 * Invariant: what is taken comes clearly sooner for it, or frees its owner for what nobody has begun; so no piece
 * goes back and forth.
 */
import { raceMargin, stealMargin } from './limits/downloads.ts';

export interface Backlog {
  /** In the order in which its owner will deliver. */
  readonly pieces: readonly number[];
  /** How many times as fast as the taker its owner is. */
  readonly ratio: number;
  /** Whether its owner can be given something else. */
  readonly hasOther: boolean;
}

/**
 * Up to `max` pieces from the end of a backlog, in its order: as far as the taker would be done with them clearly
 * sooner, or all but the first, which may be half here, if both are of use then. All if the owner stands still.
 */
export function toTakeOver(backlog: Backlog, max: number, isFree: (piece: number) => boolean): number[] {
  const { pieces, ratio, hasOther } = backlog;
  const taken: number[] = [];
  for (let at = pieces.length - 1; at >= 0 && taken.length < max; at--) {
    const isSooner = at + 1 > stealMargin * ratio * (taken.length + 1);
    if (ratio > 0 && (at === 0 || !(isSooner || hasOther))) break;
    const piece = pieces[at];
    if (piece !== undefined && isFree(piece)) taken.push(piece);
  }
  return taken.toReversed();
}

/** The first piece of a backlog that the racer would have much sooner. */
export function toRaceFor(
  { pieces, ratio }: Backlog,
  isFree: (piece: number) => boolean,
): number | undefined {
  return pieces.find((piece, at) => at + 1 > raceMargin * ratio && isFree(piece));
}
