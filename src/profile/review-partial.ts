/**
 * A look at what an earlier run left of a download, before it is believed: some of what it claims, all of it if any
 * of that is wrong; and what it may have written without claiming it, unless it ended in order.
 * Invariant: afterwards the file has a piece only if it was read and right, or claimed by a run that ended in order.
 * What else was claimed is in doubt until somebody reads it.
 */
import { maxSampledPieces } from '../core/limits/downloads.ts';
import { piecesOf, toRanges, type PieceRange } from '../core/swarm/piece-ranges.ts';
import { ok, type Result } from '../core/result.ts';
import type { Bitfield } from '../core/swarm/bitfield.ts';
import type { PartialFile } from './partial-file.ts';

/** Which of these pieces are right on the disk. `skipsEmpty`: what was likely never written need not be read. */
export type Check = (
  ranges: readonly PieceRange[],
  skipsEmpty: boolean,
) => Promise<Result<readonly PieceRange[]>>;

/** Problems: those of `check`. */
export async function reviewPartial(partial: PartialFile, check: Check): Promise<Result<void>> {
  const { have, manifest, trust } = partial;
  if (trust === 'new') return ok(undefined);
  const claimed = piecesIn(partial.claimed);
  const sampled = await readClaimed(partial, spread(claimed, maxSampledPieces), check);
  if (!sampled.ok) return sampled;
  if (sampled.value.length > 0) {
    partial.doubtAll();
    const read = await readClaimed(partial, piecesIn(partial.doubted), check);
    if (!read.ok) return read;
  }
  if (trust === 'clean' || partial.hasLostWrites) return ok(undefined);
  const claimedBytes = claimed.length * manifest.pieceLength;
  if ((await partial.allocatedBytes()) <= claimedBytes) return ok(undefined);
  const isClaimed = new Set(claimed);
  const others = Array.from({ length: have.length }, (_, piece) => piece).filter(
    (piece) => !isClaimed.has(piece),
  );
  const found = await look(others, true, check);
  if (!found.ok) return found;
  for (const piece of piecesOf(found.value)) partial.add(piece);
  return ok(undefined);
}

/**
 * Reads the first pieces in doubt, at most `maxPieces`. Gives those that are wrong, which are not claimed any more.
 * Problems: those of `check`.
 */
export function readDoubted(
  partial: PartialFile,
  maxPieces: number,
  check: Check,
): Promise<Result<readonly number[]>> {
  return readClaimed(partial, piecesIn(partial.doubted, maxPieces), check);
}

async function readClaimed(
  partial: PartialFile,
  pieces: readonly number[],
  check: Check,
): Promise<Result<readonly number[]>> {
  const right = await look(pieces, false, check);
  if (!right.ok) return right;
  const areRight = new Set(piecesOf(right.value));
  const wrong = pieces.filter((piece) => !areRight.has(piece));
  for (const piece of areRight) partial.confirm(piece);
  for (const piece of wrong) partial.remove(piece);
  return ok(wrong);
}

async function look(
  pieces: readonly number[],
  skipsEmpty: boolean,
  check: Check,
): Promise<Result<readonly PieceRange[]>> {
  return pieces.length === 0 ? ok([]) : check(toRanges(pieces), skipsEmpty);
}

function piecesIn(field: Bitfield, maxPieces = Infinity): number[] {
  const pieces: number[] = [];
  for (const { start, end } of field.ranges())
    for (let piece = start; piece < end; piece++) {
      if (pieces.length >= maxPieces) return pieces;
      pieces.push(piece);
    }
  return pieces;
}

/** At most `count` of the elements, evenly spread, the last one included. */
function spread(elements: readonly number[], count: number): number[] {
  if (elements.length <= count) return [...elements];
  const step = elements.length / count;
  return Array.from({ length: count }, (_, at) => elements[Math.ceil((at + 1) * step) - 1] ?? 0);
}
