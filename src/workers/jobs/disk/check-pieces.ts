/** The job that looks which pieces of a file on the disk are right. */
import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { verifyPiece } from '../../../content/content-id.ts';
import { diskProblem } from '../../../core/disk-problem.ts';
import { pieceSize } from '../../../core/swarm/piece-length.ts';
import { piecesOf, toRanges, type PieceRange } from '../../../core/swarm/piece-ranges.ts';
import { ok, type Result } from '../../../core/result.ts';
import type { CheckInput } from '../../transfer-contract.ts';

/** Those of `ranges` that are right. A file that is shorter than the manifest says has fewer right ones. */
export async function checkPieces(input: CheckInput): Promise<Result<readonly PieceRange[]>> {
  const { filePath, manifest, ranges, skipsEmpty } = input;
  const right: number[] = [];
  let file: FileHandle | undefined;
  try {
    file = await open(filePath, constants.O_RDONLY | constants.O_NONBLOCK);
    const buffer = Buffer.allocUnsafeSlow(manifest.pieceLength);
    for (const piece of piecesOf(ranges)) {
      const length = pieceSize(manifest.sizeBytes, piece);
      const position = piece * manifest.pieceLength;
      if (skipsEmpty && (await isEmpty(file, position, length))) continue;
      const { bytesRead } = await file.read(buffer, 0, length, position);
      if (verifyPiece(manifest, piece, buffer.subarray(0, bytesRead))) right.push(piece);
    }
    return ok(toRanges(right));
  } catch (error) {
    return { ok: false, problem: diskProblem(error, filePath) };
  } finally {
    await file?.close();
  }
}

const zeros = Buffer.alloc(4096);

/** Whether its first page, its middle and its last are nothing but zeros. */
async function isEmpty(file: FileHandle, position: number, length: number): Promise<boolean> {
  const page = Buffer.allocUnsafe(zeros.length);
  for (const at of [0, length / 2, length - zeros.length]) {
    const from = position + Math.max(0, Math.floor(at));
    const { bytesRead } = await file.read(page, 0, Math.min(page.length, length), from);
    if (!page.subarray(0, bytesRead).equals(zeros.subarray(0, bytesRead))) return false;
  }
  return true;
}
