/**
 * What a download does with the disk before the first and after the last piece. Nothing an earlier run claims
 * is believed without a look.
 */
import { lstat, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { diskProblem, hasCode } from '../../core/disk-problem.ts';
import type { ContentTarget } from '../../core/engine-api.ts';
import { stampOf } from '../../core/file-stamp.ts';
import type { ContentId } from '../../core/ids.ts';
import { maxSampledPieces } from '../../core/limits.ts';
import type { Manifest } from '../../core/manifest.ts';
import { pieceCount } from '../../core/piece-length.ts';
import { countPieces, piecesOf, toRanges, type PieceRange } from '../../core/piece-ranges.ts';
import { ok, type Result } from '../../core/result.ts';
import { safeName, safePath } from '../../core/safe-name.ts';
import { makeFolders } from '../../profile/place-file.ts';
import { PartialFile } from '../../profile/partial-file.ts';
import { settleFolder } from '../../profile/target-folder.ts';
import type { Pool } from '../../workers/pool.ts';
import type { TransferJobs } from '../../workers/transfer-contract.ts';
import type { LibraryCommand } from './library-messages.ts';
import type { DownloadRequest, TransferRecord } from './transfer-record.ts';

type ContentRequest = DownloadRequest<ContentTarget>;

/** Where the file is to be: its names made safe. */
export interface Place {
  readonly folders: readonly string[];
  readonly name: string;
}

/** Problems: `bad-name`. */
export function placeOf({ target }: ContentRequest): Result<Place> {
  const folders = safePath(target.folders, rules);
  return folders.ok ? ok({ folders: folders.value, name: safeName(target.name, rules) }) : folders;
}

/** A tree keeps its names where this system takes them: `Net::HTTP.3pm` is no trouble outside Windows. */
const rules = process.platform === 'win32' ? 'everywhere' : 'posix';

export type Prepared =
  /** The very file is there already under the name wanted. */
  | { readonly kind: 'here'; readonly path: string }
  | { readonly kind: 'partial'; readonly partial: PartialFile };

/** Problems: `bad-name`, `busy`, and what the disk says. */
export async function prepare(
  transfers: Pool<TransferJobs>,
  record: TransferRecord<ContentTarget>,
  place: Place,
  manifest: Manifest,
): Promise<Result<Prepared>> {
  const { outDir, target } = record.request;
  const settled = await settleFolder(outDir, record.folder);
  if (!settled.ok) return settled;
  record.folder = settled.value;
  try {
    const folder = await makeFolders(outDir, place.folders);
    if (!folder.ok) return folder;
    const path = join(folder.value, place.name);
    if (await isThere(transfers, path, manifest)) {
      // A run that lost its power may have given it its name and no more.
      await PartialFile.discard(outDir, target.id);
      return ok({ kind: 'here', path });
    }
  } catch (error) {
    return { ok: false, problem: diskProblem(error, outDir) };
  }
  const opened = await PartialFile.open(outDir, target.id, manifest);
  if (!opened.ok) return opened;
  const problem = await review(transfers, opened.value);
  if (problem === undefined) return ok({ kind: 'partial', partial: opened.value });
  await opened.value.close(false);
  return problem;
}

/** Tells the library of a finished file, so that it is shared without being hashed if it lies in a share. */
export async function adoption(
  filePath: string,
  id: ContentId,
  manifest: Manifest,
): Promise<Extract<LibraryCommand, { readonly type: 'adopt' }>> {
  const stamp = stampOf(await stat(filePath, { bigint: true }));
  return { type: 'adopt', filePath, id, manifest, stamp };
}

/**
 * Takes a download off the disk, finished or not. A finished file that has another size by now is somebody
 * else's work, and stays.
 */
export async function discardContent({
  request,
  path,
  sizeBytes,
}: TransferRecord<ContentTarget>): Promise<void> {
  await PartialFile.discard(request.outDir, request.target.id);
  if (path === undefined) return;
  try {
    const stats = await lstat(path);
    if (stats.isFile() && stats.size === sizeBytes) await rm(path);
  } catch (error) {
    // It is gone already, or may not be removed: then it stays.
    diskProblem(error, path);
  }
}

async function isThere(transfers: Pool<TransferJobs>, path: string, manifest: Manifest): Promise<boolean> {
  try {
    const stats = await stat(path);
    if (!stats.isFile() || stats.size !== manifest.sizeBytes) return false;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return false;
    throw error;
  }
  const pieces = pieceCount(manifest.sizeBytes);
  const right = await check(transfers, path, manifest, wholeRange(pieces));
  return right.ok && countPieces(right.value) === pieces;
}

/**
 * Looks at what an earlier run left: some of what it claims, all of it if any was wrong; and what it may have
 * written without claiming it, unless it ended in order. Returns a problem or nothing.
 */
async function review(
  transfers: Pool<TransferJobs>,
  partial: PartialFile,
): Promise<Result<never> | undefined> {
  const { have, manifest, path, trust } = partial;
  if (trust === 'new') return undefined;
  const claimed = [...claimedPieces(partial)];
  const sample = spread(claimed, maxSampledPieces);
  const sampled = await check(transfers, path, manifest, toRanges(sample));
  if (!sampled.ok) return sampled;
  let doubtful: number[] = [];
  if (countPieces(sampled.value) < sample.length) doubtful = claimed;
  for (const piece of doubtful) partial.remove(piece);
  const claimedBytes = claimed.length * manifest.pieceLength;
  if (trust !== 'clean' && (await partial.allocatedBytes()) > claimedBytes)
    for (let piece = 0; piece < have.length; piece++) if (!have.has(piece)) doubtful.push(piece);
  const found = await check(
    transfers,
    path,
    manifest,
    toRanges([...new Set(doubtful)].toSorted((a, b) => a - b)),
    true,
  );
  if (!found.ok) return found;
  for (const piece of piecesOf(found.value)) partial.add(piece);
  return undefined;
}

async function check(
  transfers: Pool<TransferJobs>,
  filePath: string,
  manifest: Manifest,
  ranges: readonly PieceRange[],
  skipsEmpty = false,
): Promise<Result<readonly PieceRange[]>> {
  if (ranges.length === 0) return ok([]);
  return transfers.run('checkPieces', { filePath, manifest, ranges, skipsEmpty });
}

const wholeRange = (pieces: number): PieceRange[] => (pieces > 0 ? [{ first: 0, count: pieces }] : []);

function* claimedPieces({ have }: PartialFile): Generator<number> {
  for (const { start, end } of have.ranges()) for (let piece = start; piece < end; piece++) yield piece;
}

/** At most `count` of the elements, evenly spread, the last one included. */
function spread(elements: readonly number[], count: number): number[] {
  if (elements.length <= count) return [...elements];
  const step = elements.length / count;
  return Array.from({ length: count }, (_, at) => elements[Math.ceil((at + 1) * step) - 1] ?? 0);
}
