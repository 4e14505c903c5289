/** Runs of pieces, as they are asked for and reported: short to send, whatever the length of a run. */

/** The pieces `first` to `first + count - 1`; `count` is at least 1. */
export interface PieceRange {
  readonly first: number;
  readonly count: number;
}

/** Joins neighbours of an ascending sequence to ranges; any other order only makes more of them. */
export function toRanges(pieces: Iterable<number>): PieceRange[] {
  const ranges: { first: number; count: number }[] = [];
  for (const piece of pieces) {
    const last = ranges.at(-1);
    if (last && last.first + last.count === piece) last.count++;
    else ranges.push({ first: piece, count: 1 });
  }
  return ranges;
}

export function* piecesOf(ranges: Iterable<PieceRange>): Generator<number> {
  for (const { first, count } of ranges) for (let piece = first; piece < first + count; piece++) yield piece;
}

export function countPieces(ranges: Iterable<PieceRange>): number {
  let pieces = 0;
  for (const { count } of ranges) pieces += count;
  return pieces;
}
