/**
 * What a download does with the disk before the first and after the last piece. Nothing an earlier run claims
 * is believed without a look.
 */
import { lstat, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { diskProblem, hasCode } from '../../../core/disk-problem.ts';
import type { ContentTarget } from '../../../core/engine/engine-api.ts';
import { stampOf } from '../../../core/share/file-stamp.ts';
import type { ContentId } from '../../../core/ids.ts';
import {
  checkedAtOnceBytes,
  discardRetryMs,
  doubtedAtOnceBytes,
  maxDiscardAttempts,
} from '../../../core/limits/downloads.ts';
import type { Manifest } from '../../../core/swarm/manifest.ts';
import { pieceCount } from '../../../core/swarm/piece-length.ts';
import { countPieces, piecesOf, toRanges, type PieceRange } from '../../../core/swarm/piece-ranges.ts';
import { fail, ok, type Result } from '../../../core/result.ts';
import { safeName, safePath } from '../../../core/safe-name.ts';
import { makeFolders, namesFor } from '../../../profile/place-file.ts';
import { discardLeft } from '../../../profile/left-partial.ts';
import { PartialFile } from '../../../profile/partial-file.ts';
import { readDoubted, reviewPartial } from '../../../profile/review-partial.ts';
import { settleFolder } from '../../../profile/target-folder.ts';
import type { Pool } from '../../../workers/pool.ts';
import type { CheckInput, TransferJobs } from '../../../workers/transfer-contract.ts';
import { copyInto, type Copying } from './download-copy.ts';
import type { LibraryCommand } from '../library/library-messages.ts';
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

export interface Preparing {
  /** Says whether the disk has room for it, if it is not there already. */
  readonly room: () => Promise<Result<void>>;
  readonly signal?: AbortSignal | undefined;
  /** Another file that should be the content, and who is told what was copied of it. */
  readonly copy?: Omit<Copying, 'signal'> | undefined;
}

/**
 * Opens what is to be fetched into, or finds that nothing is to be fetched. Problems: `bad-name`, `busy`, `cancelled`
 * once `signal` is aborted, those of `room`, and what the disk says.
 */
export async function prepare(
  transfers: Pool<TransferJobs>,
  record: TransferRecord<ContentTarget>,
  place: Place,
  manifest: Manifest,
  { room, signal, copy }: Preparing,
): Promise<Result<Prepared>> {
  const { outDir, target } = record.request;
  const settled = await settleFolder(outDir, record.folder);
  if (!settled.ok) return settled;
  record.folder = settled.value;
  try {
    const folder = await makeFolders(outDir, place.folders);
    if (!folder.ok) return folder;
    const path = await whereItIs(transfers, folder.value, place.name, manifest, signal);
    if (path !== undefined) {
      // A run that lost its power may have given it its name and no more.
      await discardLeft(outDir, target.id);
      return ok({ kind: 'here', path });
    }
  } catch (error) {
    return { ok: false, problem: diskProblem(error, outDir) };
  }
  const granted = await room();
  if (!granted.ok) return granted;
  const opened = await PartialFile.open(outDir, target.id, manifest);
  if (!opened.ok) return opened;
  const partial = opened.value;
  try {
    const reviewed = await reviewPartial(partial, (ranges, skipsEmpty) =>
      check(transfers, { filePath: partial.path, manifest, ranges, skipsEmpty }, signal),
    );
    const filled = reviewed.ok && copy ? await copyInto(transfers, partial, { ...copy, signal }) : reviewed;
    if (filled.ok) return ok({ kind: 'partial', partial });
    // Of one that was not looked at to the end nobody knows what else there is.
    await partial.close(reviewed.ok && (await partial.settle()));
    return filled;
  } catch (error) {
    // A thread died: whoever tries again is not to find it locked.
    await partial.close(false);
    throw error;
  }
}

/**
 * Reads some of what an earlier run claimed and nobody has read since. Gives the pieces that are wrong, which are to be
 * fetched again. Problems: what the disk says.
 */
export function checkDoubted(
  transfers: Pool<TransferJobs>,
  partial: PartialFile,
): Promise<Result<readonly number[]>> {
  const { manifest, path: filePath } = partial;
  const atOnce = Math.max(1, Math.floor(doubtedAtOnceBytes / manifest.pieceLength));
  return readDoubted(partial, atOnce, (ranges, skipsEmpty) =>
    transfers.run('checkPieces', { filePath, manifest, ranges, skipsEmpty }),
  );
}

/**
 * Gives a partial file that has all its pieces its name. One with holes was cut short meanwhile and has grown again,
 * or its file system packs it: it is read once more, as no wrong byte may get a name. Returns the path, which is that
 * of the very file where somebody else has brought it meanwhile. Problems: `bad-name`, and what the disk says.
 */
export async function finish(
  transfers: Pool<TransferJobs>,
  partial: PartialFile,
  outDir: string,
  { folders, name }: Place,
): Promise<Result<string>> {
  const { manifest, path, have } = partial;
  try {
    const folder = await makeFolders(outDir, folders);
    if (!folder.ok) return folder;
    const there = await whereItIs(transfers, folder.value, name, manifest, undefined);
    if (there !== undefined) {
      await partial.discard();
      return ok(there);
    }
    if ((await partial.allocatedBytes()) >= manifest.sizeBytes) return await partial.finish(folders, name);
  } catch (error) {
    return { ok: false, problem: diskProblem(error, path) };
  }
  const whole = { filePath: path, manifest, ranges: wholeRange(have.length), skipsEmpty: false };
  const right = await check(transfers, whole);
  if (!right.ok) return right;
  const rightPieces = new Set(piecesOf(right.value));
  if (rightPieces.size === have.length) return partial.finish(folders, name);
  for (let piece = 0; piece < have.length; piece++) if (!rightPieces.has(piece)) partial.remove(piece);
  return fail('io', `Somebody else has written to it: ${path}`);
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

/** Whether the file of a finished download lies where it was put: a file of its size, at least. */
export async function isStillThere({ path, sizeBytes }: TransferRecord<ContentTarget>): Promise<boolean> {
  if (path === undefined) return false;
  const stats = await lstat(path).catch(() => undefined);
  return stats?.isFile() === true && stats.size === sizeBytes;
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
  await discardPartial(request.outDir, request.target.id);
  if (path === undefined) return;
  try {
    const stats = await lstat(path);
    if (stats.isFile() && stats.size === sizeBytes) await rm(path);
  } catch (error) {
    // It is gone already, or may not be removed: then it stays.
    diskProblem(error, path);
  }
}

/**
 * Under which of the names that it may be given in a folder the very file lies already: a run that ended right after
 * it had given a name may not have remembered that. Undefined when it is not there.
 */
async function whereItIs(
  transfers: Pool<TransferJobs>,
  folder: string,
  name: string,
  manifest: Manifest,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  for (const candidate of namesFor(name)) {
    const path = join(folder, candidate);
    const isIt = await isThere(transfers, path, manifest, signal);
    if (isIt === undefined) return undefined;
    if (isIt) return path;
  }
  return undefined;
}

/** Removes a partial file. */
export async function discardPartial(outDir: string, id: ContentId): Promise<void> {
  await onceLetGo(() => discardLeft(outDir, id));
}

/** Tries again while it is `busy`: who has just been told to let go of it is given the time to. */
export async function onceLetGo<T>(step: () => Promise<Result<T>>): Promise<Result<T>> {
  for (let attempt = 1; ; attempt++) {
    const done = await step();
    if (done.ok || done.problem.code !== 'busy' || attempt === maxDiscardAttempts) return done;
    await setTimeout(discardRetryMs);
  }
}

/** Undefined when nothing at all is there. */
async function isThere(
  transfers: Pool<TransferJobs>,
  path: string,
  manifest: Manifest,
  signal: AbortSignal | undefined,
): Promise<boolean | undefined> {
  try {
    const stats = await stat(path);
    if (!stats.isFile() || stats.size !== manifest.sizeBytes) return false;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    // A link that leads to itself.
    if (hasCode(error, 'ELOOP')) return false;
    throw error;
  }
  const pieces = pieceCount(manifest.sizeBytes);
  const whole = { filePath: path, manifest, ranges: wholeRange(pieces), skipsEmpty: false };
  const right = await check(transfers, whole, signal);
  return right.ok && countPieces(right.value) === pieces;
}

/** A portion at a time, so that who is stopped need not wait for the whole. Problem: `cancelled` then. */
async function check(
  transfers: Pool<TransferJobs>,
  { ranges, ...input }: CheckInput,
  signal?: AbortSignal,
): Promise<Result<readonly PieceRange[]>> {
  const pieces = [...piecesOf(ranges)];
  const portion = Math.max(1, Math.floor(checkedAtOnceBytes / input.manifest.pieceLength));
  const right: PieceRange[] = [];
  for (let at = 0; at < pieces.length; at += portion) {
    if (signal?.aborted === true) return fail('cancelled', 'It was stopped');
    const some = toRanges(pieces.slice(at, at + portion));
    const checked = await transfers.run('checkPieces', { ...input, ranges: some });
    if (!checked.ok) return checked;
    right.push(...checked.value);
  }
  return ok(right);
}

const wholeRange = (pieces: number): PieceRange[] => (pieces > 0 ? [{ first: 0, count: pieces }] : []);
