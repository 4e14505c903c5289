/**
 * What a content is made of: its size, how it is cut, and the hash of each piece. Whether a manifest belongs
 * to a content id is decided in `content/content-id.ts`; here is only its shape.
 * Invariant of a well-formed manifest: `pieceLength` and the number of leaves follow from `sizeBytes` alone.
 */
import { pieceCount, pieceLengthFor } from './piece-length.ts';

/** Bytes of one leaf, the BLAKE3 hash of one piece. */
export const leafBytes = 32;

export interface Manifest {
  readonly sizeBytes: number;
  readonly pieceLength: number;
  /** The leaves one after another, `leafBytes` each; empty for an empty file. */
  readonly leaves: Uint8Array;
}

/** Whether size, piece length and number of leaves agree with one another. */
export function isWellFormed({ sizeBytes, pieceLength, leaves }: Manifest): boolean {
  return (
    Number.isSafeInteger(sizeBytes) &&
    sizeBytes >= 0 &&
    pieceLength === pieceLengthFor(sizeBytes) &&
    leaves.length === pieceCount(sizeBytes) * leafBytes
  );
}

/** The leaf of one piece: a view into the manifest. Throws for a piece that is not there. */
export function leafOf(manifest: Manifest, piece: number): Uint8Array {
  const start = piece * leafBytes;
  if (piece < 0 || start + leafBytes > manifest.leaves.length)
    throw new RangeError(`Expected a piece below ${manifest.leaves.length / leafBytes}, got ${piece}`);
  return manifest.leaves.subarray(start, start + leafBytes);
}
