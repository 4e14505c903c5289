/**
 * What of a content this machine has before anybody is asked for it: its manifest, and the same bytes elsewhere, which
 * are copied and not fetched. Invariant: what is not there, not right or not to be read is fetched like all else.
 */
import { setTimeout } from 'node:timers/promises';
import type { ContentId } from '../../../core/ids.ts';
import { checkedAtOnceBytes, copiedTimeoutMs, flushBytes } from '../../../core/limits/downloads.ts';
import type { Manifest } from '../../../core/swarm/manifest.ts';
import { countPieces, piecesOf, toRanges, type PieceRange } from '../../../core/swarm/piece-ranges.ts';
import { fail, ok, type Result } from '../../../core/result.ts';
import { leftManifest } from '../../../profile/left-partial.ts';
import type { PartialFile } from '../../../profile/partial-file.ts';
import type { Pool } from '../../../workers/pool.ts';
import type { TransferJobs } from '../../../workers/transfer-contract.ts';
import type { LocalCopies } from './local-copies.ts';

export interface KnownHere {
  readonly manifest: Manifest | undefined;
  /** A file that should be the content. */
  readonly copy: string | undefined;
}

/** What an earlier run left in the folder, and what the share of the profile has. */
export async function knownHere(
  outDir: string,
  id: ContentId,
  copies: LocalCopies | undefined,
): Promise<KnownHere> {
  const [stored, found] = await Promise.all([leftManifest(outDir, id), copies?.find([id])]);
  const copy = found?.get(id);
  const manifest = stored ?? (copy === undefined ? undefined : await copies?.manifest(id));
  return { manifest, copy };
}

/** Ends the copying, and is told of what has been copied since it last was. */
export interface Copying {
  readonly from: string;
  readonly signal: AbortSignal | undefined;
  readonly copied: (pieces: number) => void;
}

/**
 * Copies what is missing of a partial file from another, a portion at a time, until a portion is not all right or does
 * not come. Problems: what the disk says of the partial file, `cancelled` once it was aborted.
 */
export async function copyInto(
  transfers: Pool<TransferJobs>,
  partial: PartialFile,
  { from, signal, copied }: Copying,
): Promise<Result<void>> {
  const { manifest, claimed, path: to } = partial;
  const missing: number[] = [];
  for (let piece = 0; piece < claimed.length; piece++) if (!claimed.has(piece)) missing.push(piece);
  const portion = Math.max(1, Math.floor(checkedAtOnceBytes / manifest.pieceLength));
  for (let at = 0; at < missing.length; at += portion) {
    if (signal?.aborted === true) return stopped;
    const ranges = toRanges(missing.slice(at, at + portion));
    // Who does not wait for it any more leaves it writing, until the partial file ends.
    const copying = transfers
      .run('copyPieces', { from, to, manifest, ranges, writers: partial.writers.shared })
      .finally(partial.writers.begin());
    const done = await inTime(copying, signal);
    if (!done.ok) return done;
    for (const piece of piecesOf(done.value)) partial.add(piece);
    copied(countPieces(done.value));
    if (partial.unflushedPieces * manifest.pieceLength >= flushBytes) {
      const flushed = await partial.flush();
      if (!flushed.ok) return flushed;
    }
    if (countPieces(done.value) < countPieces(ranges)) break;
  }
  return ok(undefined);
}

/** The other file may lie on a disk that does not answer: then nothing of it has come. */
async function inTime(
  copying: Promise<Result<readonly PieceRange[]>>,
  signal: AbortSignal | undefined,
): Promise<Result<readonly PieceRange[]>> {
  const answered = new AbortController();
  const ends = signal ? AbortSignal.any([answered.signal, signal]) : answered.signal;
  const late = setTimeout(copiedTimeoutMs, ok([]), { signal: ends, ref: false }).catch(() => stopped);
  try {
    return await Promise.race([copying, late]);
  } finally {
    answered.abort();
  }
}

const stopped = fail('cancelled', 'It was stopped');
