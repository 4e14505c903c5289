/**
 * What of a content this machine has before anybody is asked for it: its manifest, and the same bytes elsewhere, which
 * are copied and not fetched. Invariant: what is not there, not right or not to be read is fetched like all else.
 */
import type { ContentId } from '../../../core/ids.ts';
import { checkedAtOnceBytes, flushBytes } from '../../../core/limits/downloads.ts';
import type { Manifest } from '../../../core/swarm/manifest.ts';
import { countPieces, piecesOf, toRanges } from '../../../core/swarm/piece-ranges.ts';
import { fail, ok, type Result } from '../../../core/result.ts';
import { leftManifest } from '../../../profile/left-partial.ts';
import type { PartialFile } from '../../../profile/partial-file.ts';
import type { Pool } from '../../../workers/pool.ts';
import type { TransferJobs } from '../../../workers/transfer-contract.ts';
import { CopyTurns } from './copy-turns.ts';
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

type CopyOutput = TransferJobs['copyPieces']['output'];

/** Ends the copying, and is told of what has been copied since it last was. */
export interface Copying {
  readonly from: string;
  readonly signal: AbortSignal | undefined;
  readonly copied: (pieces: number) => void;
  /** Its disk does not answer. */
  readonly hangs?: () => void;
}

/**
 * Copies what is missing of a partial file from another, a portion at a time, until a portion is not all right or does
 * not come. Problems: what the disk says of the partial file, `cancelled` once it was aborted.
 */
export async function copyInto(
  transfers: Pool<TransferJobs>,
  partial: PartialFile,
  { from, signal, copied, hangs }: Copying,
): Promise<Result<void>> {
  const { manifest, claimed, path: to } = partial;
  const isStopped = (): boolean => signal?.aborted === true;
  const missing: number[] = [];
  for (let piece = 0; piece < claimed.length; piece++) if (!claimed.has(piece)) missing.push(piece);
  const portion = Math.max(1, Math.floor(checkedAtOnceBytes / manifest.pieceLength));
  for (let at = 0; at < missing.length; at += portion) {
    if (isStopped()) return stopped;
    const ranges = toRanges(missing.slice(at, at + portion));
    // Who does not wait for it any more leaves it writing, until the partial file ends.
    const copy = (): Promise<CopyOutput> =>
      transfers
        .run('copyPieces', { from, to, manifest, ranges, writers: partial.writers.shared })
        .finally(partial.writers.begin());
    const done = await turns.run(copy, signal);
    if (isStopped()) return stopped;
    if (!done) {
      hangs?.();
      break;
    }
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

/** Of all downloads of the program. */
const turns = new CopyTurns();

const stopped = fail('cancelled', 'It was stopped');
