/**
 * How a content is cut into pieces: decided by its size alone, so that everybody cuts the same bytes alike.
 * Invariant: the pieces are `pieceLength` long but for the last, cover the content exactly, and are at most
 * 65 536.
 */

/** 256 KiB: verifying stays nearly free, and a bad source wastes no more than this of a small file. */
export const minPieceLength = 256 * 1024;
/** With 32-byte leaves a manifest stays at or below 2 MiB. */
export const maxPieces = 65_536;

/** The smallest power of two from 256 KiB up with which `sizeBytes` makes at most 65 536 pieces. */
export function pieceLengthFor(sizeBytes: number): number {
  let length = minPieceLength;
  while (length * maxPieces < sizeBytes) length *= 2;
  return length;
}

/** How many pieces a content of this size has; none for an empty one. */
export function pieceCount(sizeBytes: number): number {
  return Math.ceil(sizeBytes / pieceLengthFor(sizeBytes));
}

/** How long the piece with this index is. Throws for an index the content does not have: our own mistake. */
export function pieceSize(sizeBytes: number, index: number): number {
  const length = pieceLengthFor(sizeBytes);
  const left = sizeBytes - index * length;
  if (!Number.isInteger(index) || index < 0 || left <= 0)
    throw new RangeError(`Expected a piece below ${pieceCount(sizeBytes)}, got ${index}`);
  return Math.min(length, left);
}
