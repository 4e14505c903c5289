/**
 * Looks at what lies in the shares, without reading any file: which regular files there are, their stamps, and
 * what cannot be shared and why. It gives batches when asked, so whoever asks sets the pace.
 * Invariant: nothing outside of a share is ever found. Links to folders are not followed, links to files only
 * where they stay inside, and nothing hidden is found by any way.
 */
import { access, constants, lstat, readdir, realpath, type BigIntStats, type Dirent } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { fileProblem } from '../../content/file-problem.ts';
import type { VirtualPath } from '../../core/catalogue.ts';
import { stampOf, type FileStamp } from '../../core/file-stamp.ts';
import { scanBatchFiles, scanFoldersAtOnce, scanStatsAtOnce } from '../../core/limits.ts';
import type { Problem, ProblemCode } from '../../core/result.ts';
import { isComponent, isValidVirtualPath } from '../../core/virtual-path.ts';
import { isHidden, pathIn, placeIn, type Place } from './share-places.ts';

/** What to look at: one name in a folder, or the whole folder; always with everything below. */
export interface Target {
  readonly place: Place;
  readonly name: string | undefined;
}

export interface FoundFile {
  /** The folder it was found in, and its name there: what to look at to see it again. */
  readonly place: Place;
  readonly name: string;
  readonly path: VirtualPath;
  /** Where its bytes are: elsewhere in the share when it was found by a link. */
  readonly filePath: string;
  readonly stamp: FileStamp;
  /** When its content or status last changed, in milliseconds since 1970 by the file system's clock. */
  readonly quietSinceMs: number;
}

export interface SkippedFile {
  readonly path: VirtualPath;
  readonly problem: Problem;
}

export interface ScanBatch {
  readonly files: FoundFile[];
  readonly skipped: SkippedFile[];
}

type Look =
  | { readonly kind: 'file'; readonly file: FoundFile }
  | { readonly kind: 'folder'; readonly place: Place }
  | { readonly kind: 'skipped'; readonly skipped: SkippedFile }
  | undefined;

// The promise API of node:fs takes half as much again for each of a hundred thousand files.
const statOf = promisify(lstat) as (file: string, options: { bigint: true }) => Promise<BigIntStats>;
const canAccess = promisify(access);
const entriesOf = promisify(readdir) as (
  folder: string,
  options: { withFileTypes: true },
) => Promise<Dirent[]>;
const realPathOf = promisify(realpath) as (file: string) => Promise<string>;

/** Scans targets to the end. `enter` is called with each folder before it is read. */
export async function* scan(
  targets: readonly Target[],
  enter: (place: Place) => void,
): AsyncGenerator<ScanBatch, void, void> {
  const folders: Place[] = [];
  let batch: ScanBatch = { files: [], skipped: [] };

  function take(look: Look): void {
    if (look?.kind === 'file') batch.files.push(look.file);
    else if (look?.kind === 'skipped') batch.skipped.push(look.skipped);
    else if (look) folders.push(look.place);
  }

  function* fullBatch(): Generator<ScanBatch> {
    if (batch.files.length + batch.skipped.length < scanBatchFiles) return;
    yield batch;
    batch = { files: [], skipped: [] };
  }

  for (const some of chunks(targets, scanStatsAtOnce)) {
    for (const look of await Promise.all(some.map(lookAtTarget))) take(look);
    yield* fullBatch();
  }
  while (folders.length > 0) {
    const places = folders.splice(-scanFoldersAtOnce);
    for (const place of places) enter(place);
    const listings = await Promise.all(places.map(list));
    for (const { place, entries, problem } of listings) {
      if (problem) batch.skipped.push({ path: place.path, problem });
      for (const some of chunks(entries, scanStatsAtOnce)) {
        for (const look of await Promise.all(some.map((entry) => lookAt(place, entry)))) take(look);
        yield* fullBatch();
      }
    }
  }
  yield batch;
}

interface Listing {
  readonly place: Place;
  readonly entries: readonly Dirent[];
  readonly problem: Problem | undefined;
}

async function list(place: Place): Promise<Listing> {
  try {
    return { place, entries: await entriesOf(place.filePath, { withFileTypes: true }), problem: undefined };
  } catch (error) {
    const problem = fileProblem(error);
    const isShare = place.filePath === place.root;
    const isGone = problem.code === 'not-found' && !isShare;
    return { place, entries: [], problem: isGone ? undefined : problem };
  }
}

async function lookAtTarget({ place, name }: Target): Promise<Look> {
  if (name === undefined) return { kind: 'folder', place };
  if (isHidden(name)) return undefined;
  const stats = await statsOf(path.join(place.filePath, name));
  return stats && lookAt(place, { name, ...kindOf(stats) });
}

/** The part of a directory entry that matters here. */
interface Entry {
  readonly name: string;
  isFile(): boolean;
  isDirectory(): boolean;
  isSymbolicLink(): boolean;
}

function kindOf(stats: BigIntStats): Omit<Entry, 'name'> {
  return {
    isFile: () => stats.isFile(),
    isDirectory: () => stats.isDirectory(),
    isSymbolicLink: () => stats.isSymbolicLink(),
  };
}

async function lookAt(place: Place, entry: Entry): Promise<Look> {
  const { name } = entry;
  if (isHidden(name)) return undefined;
  const virtual = pathIn(place, name);
  if (!isComponent(name.normalize('NFC')) || !isValidVirtualPath(virtual))
    return skip(
      virtual,
      'bad-name',
      'Its name or path is too long or has characters that names may not have',
    );
  if (entry.isDirectory()) return { kind: 'folder', place: placeIn(place, name) };
  const filePath = path.join(place.filePath, name);
  if (entry.isFile()) return lookAtFile(place, name, filePath);
  if (entry.isSymbolicLink()) return lookAtLink(place, name, filePath);
  return skip(virtual, 'bad-request', 'It is not a regular file');
}

async function lookAtFile(place: Place, name: string, filePath: string): Promise<Look> {
  const virtual = pathIn(place, name);
  const stats = await statsOf(filePath);
  if (!stats)
    return virtual.includes('\ufffd') ? skip(virtual, 'bad-name', 'Its name is not valid UTF-8') : undefined;
  if (!stats.isFile()) return skip(virtual, 'bad-request', 'It is not a regular file');
  if (!(await isReadable(filePath, stats))) return skip(virtual, 'io', 'Permission denied');
  const quietSinceNs = stats.mtimeNs > stats.ctimeNs ? stats.mtimeNs : stats.ctimeNs;
  const quietSinceMs = Number(quietSinceNs / 1_000_000n);
  return {
    kind: 'file',
    file: { place, name, path: virtual, filePath, stamp: stampOf(stats), quietSinceMs },
  };
}

async function lookAtLink(place: Place, name: string, filePath: string): Promise<Look> {
  const virtual = pathIn(place, name);
  let real: string;
  try {
    real = await realPathOf(filePath);
  } catch {
    return skip(virtual, 'not-found', 'It is a link to nothing');
  }
  const names = path.relative(place.root, real).split(path.sep);
  if (names.includes('..') || path.isAbsolute(names.join(path.sep)) || names.some(isHidden))
    return skip(virtual, 'bad-request', 'It is a link that leaves the shared folder');
  const stats = await statsOf(real);
  if (stats?.isDirectory()) return skip(virtual, 'bad-request', 'It is a link to a folder');
  return lookAtFile(place, name, real);
}

async function statsOf(filePath: string): Promise<BigIntStats | undefined> {
  try {
    return await statOf(filePath, { bigint: true });
  } catch (error) {
    // Gone since it was listed, or not to be looked at: either way it is not there for us.
    fileProblem(error);
    return undefined;
  }
}

/** By the mode bits, which cost no system call; what they deny, access lists may still allow. */
async function isReadable(filePath: string, stats: BigIntStats): Promise<boolean> {
  if (process.geteuid === undefined || stats.mode & 0o004n) return true;
  if (stats.uid === BigInt(process.geteuid()) && stats.mode & 0o400n) return true;
  try {
    await canAccess(filePath, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}

function skip(virtual: VirtualPath, code: ProblemCode, message: string): Look {
  return { kind: 'skipped', skipped: { path: virtual, problem: { code, message } } };
}

function* chunks<T>(items: readonly T[], size: number): Generator<readonly T[]> {
  for (let at = 0; at < items.length; at += size) yield items.slice(at, at + size);
}
