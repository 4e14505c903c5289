/**
 * Opens what is on the disk of an unfinished download, or makes it, and says how far it can be believed.
 * Invariant: whoever has it open has its lock, and all of it has the full size.
 */
import { constants } from 'node:fs';
import type { BigIntStats } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Bitfield, type SharedBitfield } from '../core/swarm/bitfield.ts';
import { hasCode } from '../core/disk-problem.ts';
import type { ContentId } from '../core/ids.ts';
import { maxPartialFolderAttempts, maxPiecesWithoutJournal } from '../core/limits/downloads.ts';
import type { Manifest } from '../core/swarm/manifest.ts';
import { pieceCount } from '../core/swarm/piece-length.ts';
import type { Disk } from './disk.ts';
import { DownloadJournal, type Claims } from './download-journal.ts';
import { isUnopenable, type FileLock } from './file-lock.ts';
import { writeManifest } from './stored-manifest.ts';

/** How far what an earlier run left can be believed. */
export type Trust =
  /** Nothing was left. */
  | 'new'
  /** It ended in order and nobody has touched it since: what it claims is right, and there is nothing else. */
  | 'clean'
  /** It was killed, or touched since: what it claims is in doubt, and there may be more than it claims. */
  | 'unclean'
  /** It is not as it was left, or nobody knows how it was left: nothing is claimed, and there may be a lot. */
  | 'doubtful';

export interface OpenedPartial {
  readonly path: string;
  readonly file: FileHandle;
  readonly lock: FileLock;
  /** None for a file of few pieces. */
  readonly journal: DownloadJournal | undefined;
  readonly inode: bigint;
  readonly have: SharedBitfield;
  /** Claimed, and not in `have` before somebody has read it. */
  readonly doubted: Bitfield;
  readonly trust: Trust;
  /** What is not claimed may read back right and be lost all the same: it is not to be looked for. */
  readonly hasLostWrites: boolean;
}

export const partialFolder = '.shoal';

/** Where the unfinished downloads into a folder lie. */
export const partialFolderOf = (outDir: string): string => join(outDir, partialFolder);

/** All that is kept of one unfinished download. */
export function partialPaths(outDir: string, id: ContentId) {
  const folder = partialFolderOf(outDir);
  const at = (kind: string): string => join(folder, `${id}.${kind}`);
  return { folder, part: at('part'), have: at('have'), manifest: at('manifest'), lock: at('lock') };
}

/** Undefined when somebody else has it open. Throws what the disk says. */
export async function openPartial(
  disk: Disk,
  outDir: string,
  id: ContentId,
  manifest: Manifest,
): Promise<OpenedPartial | undefined> {
  const paths = partialPaths(outDir, id);
  const { folder, part } = paths;
  const pieces = pieceCount(manifest.sizeBytes);
  const lock = await lockIn(disk, folder, paths.lock);
  if (!lock) return undefined;
  let file: FileHandle | undefined;
  let journal: DownloadJournal | undefined;
  try {
    if (pieces > maxPiecesWithoutJournal) journal = await DownloadJournal.open(disk, paths.have, id, pieces);
    const existing = journal && (await openExisting(disk, part));
    file = existing ?? (await createNew(disk, part));
    const stats = await file.stat({ bigint: true });
    const trust = existing ? trustIn(stats, BigInt(manifest.sizeBytes), journal?.earlier) : 'new';
    await file.truncate(manifest.sizeBytes);
    const have = Bitfield.shared(pieces);
    const doubted = new Bitfield(pieces);
    const claimed = trust === 'clean' ? have : trust === 'unclean' ? doubted : undefined;
    if (journal?.earlier) claimed?.take(journal.earlier.have, Infinity);
    const isSame = existing !== undefined && journal?.earlier?.inode === inodeOf(stats);
    const hasLostWrites = isSame && journal?.earlier?.hasLostWrites === true;
    if (journal) {
      if (trust === 'new' || trust === 'doubtful') await writeManifest(paths.manifest, manifest, disk);
      await file.datasync();
      await journal.write({ have: claimed ?? have, inode: inodeOf(stats), closed: undefined, hasLostWrites });
      if (trust === 'new') await disk.syncFolder(folder);
    }
    return { path: part, file, lock, journal, inode: inodeOf(stats), have, doubted, trust, hasLostWrites };
  } catch (error) {
    await file?.close();
    await journal?.close();
    lock.release();
    throw error;
  }
}

/** Removes what lies there. False when somebody has it open. Throws what the disk says. */
export async function removePartial(disk: Disk, outDir: string, id: ContentId): Promise<boolean> {
  const { folder, part, have, manifest, lock: lockPath } = partialPaths(outDir, id);
  let lock: FileLock | undefined;
  try {
    lock = disk.tryLock(lockPath);
  } catch (error) {
    // There is not even a folder that it could lie in.
    if (isMissing(error)) return true;
    throw error;
  }
  if (!lock) return false;
  try {
    for (const path of [part, have, manifest, `${manifest}.new`]) await disk.rm(path, { force: true });
  } finally {
    lock.release();
  }
  // Fails while other downloads are in it, as it should.
  await disk.rmdir(folder).catch(() => undefined);
  return true;
}

/**
 * Sees that the file lies where it did: one that was removed can be written to its end, for nothing. Throws `ESTALE` for
 * another file, and what the disk says.
 */
export async function seeItLiesThere(
  disk: Disk,
  { path, inode }: Pick<OpenedPartial, 'path' | 'inode'>,
  sizeBytes: number,
): Promise<void> {
  const there = await disk.stat(path, { bigint: true });
  if (inodeOf(there) === inode && there.size === BigInt(sizeBytes)) return;
  throw Object.assign(new Error('It was replaced'), { code: 'ESTALE' });
}

/** Node gives the upper half of all inode numbers as negative ones. */
function inodeOf({ ino }: Pick<BigIntStats, 'ino'>): bigint {
  return BigInt.asUintN(64, ino);
}

function trustIn(stats: BigIntStats, sizeBytes: bigint, claims: Claims | undefined): Trust {
  const { size, mtimeNs, ctimeNs } = stats;
  if (!claims || claims.inode !== inodeOf(stats) || size !== sizeBytes) return 'doubtful';
  const { closed } = claims;
  if (closed !== undefined && closed.mtimeNs !== mtimeNs) return 'doubtful';
  // A backup may have done that, or somebody who wrote to it and put the old time back.
  return closed?.ctimeNs === ctimeNs ? 'clean' : 'unclean';
}

/** Takes the lock. A download that ends removes the folder, unless something of ours is in it by then. */
async function lockIn(disk: Disk, folder: string, path: string): Promise<FileLock | undefined> {
  for (let attempt = 1; ; attempt++) {
    try {
      return disk.tryLock(path);
    } catch (error) {
      if (attempt === maxPartialFolderAttempts || !isMissing(error)) throw error;
    }
    try {
      await disk.mkdir(folder, { mode: 0o700 });
      await disk.syncFolder(dirname(folder));
    } catch (error) {
      // Another download made it, or removed it between its being there already and the look at what it is.
      if (!hasCode(error, 'EEXIST')) throw error;
    }
  }
}

const isMissing = (error: unknown): boolean => hasCode(error, 'ENOENT') || isUnopenable(error);

/** Undefined when there is none, or something that is no ordinary file. */
async function openExisting(disk: Disk, path: string): Promise<FileHandle | undefined> {
  let file: FileHandle;
  try {
    file = await disk.open(path, constants.O_RDWR | constants.O_NOFOLLOW);
  } catch (error) {
    if (hasCode(error, 'ENOENT') || hasCode(error, 'ELOOP')) return undefined;
    throw error;
  }
  if ((await file.stat()).isFile()) return file;
  await file.close();
  return undefined;
}

async function createNew(disk: Disk, path: string): Promise<FileHandle> {
  try {
    return await disk.open(path, 'wx+', 0o644);
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
    await disk.rm(path, { force: true });
    return disk.open(path, 'wx+', 0o644);
  }
}
