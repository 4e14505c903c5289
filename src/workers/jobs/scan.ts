/**
 * The scan job: looks at what lies in shared folders, without reading any file. It runs on a thread of its own
 * and asks the system synchronously, which takes a quarter of the time that asking asynchronously takes.
 * Invariant: nothing outside of a share is ever found. Links to folders are not followed, links to files only
 * where they stay inside, and nothing hidden is found by any way.
 */
import {
  accessSync,
  constants,
  lstatSync,
  readdirSync,
  realpathSync,
  type BigIntStats,
  type Dirent,
} from 'node:fs';
import path from 'node:path';
import { fileProblem } from '../../content/file-problem.ts';
import { stampOf } from '../../core/file-stamp.ts';
import { filePathIn, isHidden, pathIn, placeIn, type Place } from '../../core/place.ts';
import type { ProblemCode } from '../../core/result.ts';
import { isComponent, isValidVirtualPath } from '../../core/virtual-path.ts';
import type { FoundFile, FoundFiles, ScanOutput, ScanTarget, Skipped } from '../contract.ts';

/** What a directory entry and a file's status have in common. */
type Kind = Pick<Dirent, 'isFile' | 'isDirectory' | 'isSymbolicLink'>;

/** One level only: the folders found are for the next job, so that they can be watched first. */
export function lookAt(targets: readonly ScanTarget[]): ScanOutput {
  const look = new Look();
  for (const { place, name } of targets) {
    if (name === undefined) look.folder(place);
    else look.name(place, name);
  }
  return look;
}

class Look implements ScanOutput {
  readonly found: (FoundFiles & { readonly files: FoundFile[] })[] = [];
  readonly skipped: Skipped[] = [];
  readonly folders: Place[] = [];
  readonly read: Place[] = [];
  /** Whether the folders looked at are where their names say. */
  readonly #isInside = new Map<string, boolean>();

  folder(place: Place): void {
    if (!this.#inside(place)) return;
    let entries: Dirent[];
    try {
      entries = readdirSync(place.filePath, { withFileTypes: true });
    } catch (error) {
      const problem = fileProblem(error);
      const isShare = place.filePath === place.root;
      // A folder that is gone since it was seen needs no explanation, but a shared folder does.
      if (problem.code !== 'not-found' || isShare) this.skipped.push({ path: place.path, problem });
      return;
    }
    this.read.push(place);
    for (const entry of entries) if (!isHidden(entry.name)) this.#entry(place, entry.name, entry);
  }

  name(place: Place, name: string): void {
    const stats = isHidden(name) || !this.#inside(place) ? undefined : statsOf(filePathIn(place, name));
    if (stats) this.#entry(place, name, stats);
  }

  /** False when a folder on the way has become a link since it was found. A folder that is gone is not a link. */
  #inside({ root, filePath }: Place): boolean {
    if (filePath === root) return true;
    const known = this.#isInside.get(filePath);
    if (known !== undefined) return known;
    let inside = true;
    try {
      const real = path.relative(realpathSync.native(root), realpathSync.native(filePath));
      inside = real === path.relative(root, filePath);
    } catch (error) {
      fileProblem(error);
    }
    this.#isInside.set(filePath, inside);
    return inside;
  }

  #entry(place: Place, name: string, kind: Kind): void {
    if (!isComponent(name.normalize('NFC')) || !isValidVirtualPath(pathIn(place, name)))
      this.#skip(
        place,
        name,
        'bad-name',
        'Its path is too long, or its name has characters that no name may have',
      );
    else if (kind.isDirectory()) this.folders.push(placeIn(place, name));
    else if (kind.isFile()) this.#file(place, name, undefined);
    else if (kind.isSymbolicLink()) this.#link(place, name);
    else this.#skip(place, name, 'bad-request', 'It is not a regular file');
  }

  #file(place: Place, name: string, linkedTo: string | undefined): void {
    const filePath = linkedTo ?? filePathIn(place, name);
    const stats = statsOf(filePath);
    if (!stats) {
      // Node puts this character where a name is not UTF-8, and under that name there is nothing.
      if (name.includes('\ufffd')) this.#skip(place, name, 'bad-name', 'Its name is not valid UTF-8');
      return;
    }
    if (!stats.isFile()) return this.#skip(place, name, 'bad-request', 'It is not a regular file');
    if (!isReadable(filePath, stats)) return this.#skip(place, name, 'io', 'Permission denied');
    const quietSinceNs = stats.mtimeNs > stats.ctimeNs ? stats.mtimeNs : stats.ctimeNs;
    const quietSinceMs = Number(quietSinceNs / 1_000_000n);
    if (this.found.at(-1)?.place !== place) this.found.push({ place, files: [] });
    this.found.at(-1)?.files.push({ name, linkedTo, stamp: stampOf(stats), quietSinceMs });
  }

  #link(place: Place, name: string): void {
    let real: string;
    try {
      real = realpathSync(filePathIn(place, name));
    } catch {
      return this.#skip(place, name, 'not-found', 'It is a link to nothing');
    }
    const names = path.relative(place.root, real).split(path.sep);
    if (names.some(isHidden) || path.isAbsolute(names.join(path.sep)))
      return this.#skip(place, name, 'bad-request', 'It is a link that leaves the shared folder');
    if (statsOf(real)?.isDirectory())
      return this.#skip(place, name, 'bad-request', 'It is a link to a folder');
    this.#file(place, name, real);
  }

  #skip(place: Place, name: string, code: ProblemCode, message: string): void {
    this.skipped.push({ path: pathIn(place, name), problem: { code, message } });
  }
}

function statsOf(filePath: string): BigIntStats | undefined {
  try {
    return lstatSync(filePath, { bigint: true });
  } catch (error) {
    // Gone since it was listed, or not to be looked at: either way it is not there for us.
    fileProblem(error);
    return undefined;
  }
}

/** By the mode bits, which cost no system call; what they deny, access lists may still allow. */
function isReadable(filePath: string, stats: BigIntStats): boolean {
  const isOwner = process.geteuid !== undefined && stats.uid === BigInt(process.geteuid());
  if (process.geteuid === undefined || stats.mode & (isOwner ? 0o400n : 0o004n)) return true;
  try {
    accessSync(filePath, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}
