/**
 * The job that copies pieces from a file of this machine into a partial file. Invariant: only a piece that is right is
 * written, and none once the partial file has ended; a file that cannot be read, or is another by now, has none.
 */
import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { verifyPiece } from '../../../content/content-id.ts';
import { diskProblem } from '../../../core/disk-problem.ts';
import { copyStepTimeoutMs } from '../../../core/limits/trees.ts';
import { pieceSize } from '../../../core/swarm/piece-length.ts';
import { piecesOf, toRanges, type PieceRange } from '../../../core/swarm/piece-ranges.ts';
import { PieceWriters } from '../../../core/swarm/piece-writers.ts';
import { ok, type Result } from '../../../core/result.ts';
import type { CopyInput } from '../../transfer-contract.ts';
import { realDisk, type CopyDisk } from './disk-files.ts';
import { DiskHangs, isAnyHanging, orLeaveBehind } from './left-behind.ts';

/** Those of `ranges` that were copied. Problems: what the disk says of the file that is written. */
export async function copyPieces(
  input: CopyInput,
  disk: Pick<CopyDisk, 'open'> = realDisk,
): Promise<Result<readonly PieceRange[]>> {
  if (isAnyHanging()) return ok([]);
  let copying: Promise<Result<readonly PieceRange[]>> | undefined;
  try {
    return await orLeaveBehind({ timeoutMs: copyStepTimeoutMs }, (left, moved) => {
      copying = copy(input, disk, left, moved);
      return copying;
    });
  } catch (error) {
    // Who waits is told only when nothing is written any more; others that copy here know at once.
    if (error instanceof DiskHangs && copying) return copying;
    throw error;
  }
}

async function copy(
  input: CopyInput,
  disk: Pick<CopyDisk, 'open'>,
  left: AbortSignal,
  moved: () => void,
): Promise<Result<readonly PieceRange[]>> {
  const { from, to, manifest, ranges } = input;
  const writers = new PieceWriters(input.writers);
  const source = await openSource(disk, from);
  if (!source) return ok([]);
  const copied: number[] = [];
  let target: FileHandle | undefined;
  try {
    target = await open(to, constants.O_WRONLY | constants.O_NOFOLLOW);
    const buffer = Buffer.allocUnsafeSlow(manifest.pieceLength);
    for (const piece of piecesOf(ranges)) {
      const position = piece * manifest.pieceLength;
      const bytes = await readAt(source, buffer, position, pieceSize(manifest.sizeBytes, piece));
      if (left.aborted || !bytes || !verifyPiece(manifest, piece, bytes)) break;
      // The read may have taken so long that the file has its name by now.
      for (let at = 0; at < bytes.length;) {
        if (writers.haveEnded) return ok(toRanges(copied));
        at += (await target.write(bytes, at, bytes.length - at, position + at)).bytesWritten;
      }
      writers.wrote(piece);
      copied.push(piece);
      moved();
    }
    return ok(toRanges(copied));
  } catch (error) {
    return { ok: false, problem: diskProblem(error, to) };
  } finally {
    await Promise.all([source.close(), target?.close()]);
  }
}

/** Never a link, nor what would keep who opens it waiting. */
async function openSource(
  { open: openIt }: Pick<CopyDisk, 'open'>,
  path: string,
): Promise<FileHandle | undefined> {
  return openIt(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(
    () => undefined,
  );
}

async function readAt(
  source: FileHandle,
  buffer: Buffer,
  position: number,
  length: number,
): Promise<Buffer | undefined> {
  const read = await source.read(buffer, 0, length, position).catch(() => undefined);
  return read?.bytesRead === length ? buffer.subarray(0, length) : undefined;
}
