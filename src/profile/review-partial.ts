/**
 * A look at what an earlier run left of a download, before it is believed: some of what it claims, all of it if any
 * of that is wrong; and what it may have written without claiming it, unless it ended in order.
 * Invariant: afterwards the file has a piece only if it was claimed and no look said otherwise, or was read and right.
 */
import { maxSampledPieces } from '../core/limits/downloads.ts';
import { piecesOf, toRanges, countPieces, type PieceRange } from '../core/piece-ranges.ts';
import { ok, type Result } from '../core/result.ts';
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
  const claimed = [...claimedPieces(partial)];
  const sample = spread(claimed, maxSampledPieces);
  const sampled = await look(sample, false, check);
  if (!sampled.ok) return sampled;
  if (countPieces(sampled.value) < sample.length) {
    for (const piece of claimed) partial.remove(piece);
    const right = await look(claimed, false, check);
    if (!right.ok) return right;
    for (const piece of piecesOf(right.value)) partial.add(piece);
  }
  const claimedBytes = claimed.length * manifest.pieceLength;
  if (trust === 'clean' || (await partial.allocatedBytes()) <= claimedBytes) return ok(undefined);
  const isClaimed = new Set(claimed);
  const others = Array.from({ length: have.length }, (_, piece) => piece).filter(
    (piece) => !isClaimed.has(piece),
  );
  const found = await look(others, true, check);
  if (!found.ok) return found;
  for (const piece of piecesOf(found.value)) partial.add(piece);
  return ok(undefined);
}

async function look(
  pieces: readonly number[],
  skipsEmpty: boolean,
  check: Check,
): Promise<Result<readonly PieceRange[]>> {
  return pieces.length === 0 ? ok([]) : check(toRanges(pieces), skipsEmpty);
}

function* claimedPieces({ have }: PartialFile): Generator<number> {
  for (const { start, end } of have.ranges()) for (let piece = start; piece < end; piece++) yield piece;
}

/** At most `count` of the elements, evenly spread, the last one included. */
function spread(elements: readonly number[], count: number): number[] {
  if (elements.length <= count) return [...elements];
  const step = elements.length / count;
  return Array.from({ length: count }, (_, at) => elements[Math.ceil((at + 1) * step) - 1] ?? 0);
}
