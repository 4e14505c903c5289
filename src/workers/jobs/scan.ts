/**
 * The scan job: looks at what lies in shared folders, without reading any file. It runs on a thread of its own
 * and asks the system synchronously, which takes a quarter of the time that asking asynchronously takes.
 * Invariant: nothing outside of a share is ever found. Links to folders are not followed, links to files only
 * where they stay inside, and nothing hidden is found by any way.
 */
import { accessSync, constants, lstatSync, readdirSync, realpathSync, type BigIntStats } from 'node:fs';
import path from 'node:path';
import { fileProblem } from '../../content/file-problem.ts';
import { scanFilesAtOnce } from '../../core/limits/library.ts';
import { filePathIn, isHidden, pathIn, placeIn, type Place } from '../../core/share/place.ts';
import type { Problem, ProblemCode } from '../../core/result.ts';
import { byteLength } from '../../core/safe-name.ts';
import { isComponent, roomIn } from '../../core/share/virtual-path.ts';
import type { ScanOutput, ScanTarget, Skipped } from '../contract.ts';
import { FoundList } from '../found-files.ts';

/** One level only: the folders found are for the next job, so that they can be watched first. */
export function lookAt(targets: readonly ScanTarget[]): ScanOutput {
  const look = new Look();
  let done = 0;
  for (; done < targets.length && look.files < scanFilesAtOnce; done++) {
    const { place, name } = targets[done] ?? {};
    if (place && name === undefined) look.folder(place);
    else if (place && name !== undefined) look.name(place, name);
  }
  const { found, skipped, folders, read } = look;
  return { found: found.map(({ files }) => files), skipped, folders, read, left: targets.length - done };
}

class Look {
  /** How many files it has found. */
  files = 0;
  readonly found: FoundList[] = [];
  readonly skipped: Skipped[] = [];
  readonly folders: Place[] = [];
  readonly read: Place[] = [];
  /** Whether the folders looked at are where their names say. */
  readonly #isInside = new Map<string, boolean>();
  #lastDevice = -1n;
  #deviceText = '';

  folder(place: Place): void {
    if (!this.#inside(place)) return;
    let names: string[];
    try {
      names = readdirSync(place.filePath);
    } catch (error) {
      const problem = fileProblem(error);
      const isShare = place.filePath === place.root;
      // A folder that is gone since it was seen needs no explanation, but a shared folder does.
      if (problem.code !== 'not-found' || isShare) this.skipped.push({ path: place.path, problem });
      return;
    }
    this.read.push(place);
    const room = roomIn(place.path);
    for (const name of names) if (!isHidden(name)) this.#entry(place, name, room);
  }

  name(place: Place, name: string): void {
    if (!isHidden(name) && this.#inside(place)) this.#entry(place, name, roomIn(place.path));
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

  /** `room`: bytes that a name may have here. */
  #entry(place: Place, name: string, room: number): void {
    const filePath = filePathIn(place, name);
    const stats = statsOf(filePath);
    const isNothing = isProblem(stats) && stats.code === 'not-found';
    // Node puts this character where a name is not UTF-8, and under that name there is nothing.
    const isGone = isNothing && !name.includes('\ufffd');
    if (isGone) return;
    if (!fits(name.normalize('NFC'), room)) this.#skip(place, name, 'bad-name', badName);
    else if (isNothing) this.#skip(place, name, 'bad-name', 'Its name is not valid UTF-8');
    else if (isProblem(stats)) this.#skip(place, name, stats.code, stats.message);
    else if (stats.isDirectory()) this.folders.push(placeIn(place, name));
    else if (stats.isFile()) this.#file(place, name, filePath, stats);
    else if (stats.isSymbolicLink()) this.#link(place, name);
    else this.#skip(place, name, 'bad-request', 'It is not a regular file');
  }

  /** `filePath`: where its bytes are. */
  #file(place: Place, name: string, filePath: string, stats: BigIntStats, linkedTo?: string): void {
    if (!isReadable(filePath, stats)) return this.#skip(place, name, 'io', 'Permission denied');
    const quietSinceNs = stats.mtimeNs > stats.ctimeNs ? stats.mtimeNs : stats.ctimeNs;
    const inode = Number(stats.ino);
    const device = this.#deviceOf(stats);
    let list = this.found.at(-1);
    if (list?.place !== place || list.device !== device) {
      list = new FoundList(place, device);
      this.found.push(list);
    }
    this.files += 1;
    list.add({
      name,
      linkedTo,
      device,
      inode: Number.isSafeInteger(inode) ? inode : String(stats.ino),
      sizeBytes: Number(stats.size),
      mtimeSeconds: Number(stats.mtimeNs / nsPerSecond),
      mtimeNs: Number(stats.mtimeNs % nsPerSecond),
      quietSinceMs: Number(quietSinceNs / 1_000_000n),
    });
  }

  /** The same text for all files of a device. */
  #deviceOf({ dev }: BigIntStats): string {
    if (dev !== this.#lastDevice) {
      this.#lastDevice = dev;
      this.#deviceText = String(dev);
    }
    return this.#deviceText;
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
    const stats = statsOf(real);
    if (isProblem(stats))
      return stats.code === 'not-found' ? undefined : this.#skip(place, name, stats.code, stats.message);
    if (stats.isDirectory())
      this.#skip(place, name, 'bad-request', 'It is a link to a folder: share what it leads to by itself');
    else if (stats.isFile()) this.#file(place, name, real, stats, real);
    else this.#skip(place, name, 'bad-request', 'It is not a regular file');
  }

  #skip(place: Place, name: string, code: ProblemCode, message: string): void {
    this.skipped.push({ path: pathIn(place, name), problem: { code, message } });
  }
}

const badName = 'Its path is too long, or its name has characters that no name may have';
const nsPerSecond = 1_000_000_000n;
const ownUser = process.geteuid === undefined ? undefined : BigInt(process.geteuid());

const fits = (name: string, room: number): boolean => isComponent(name) && byteLength(name) <= room;

/** The problem is `not-found` when it is gone since it was listed. */
function statsOf(filePath: string): BigIntStats | Problem {
  try {
    return lstatSync(filePath, { bigint: true });
  } catch (error) {
    return fileProblem(error);
  }
}

function isProblem(stats: BigIntStats | Problem): stats is Problem {
  return 'code' in stats;
}

/** By the mode bits, which cost no system call; what they deny, access lists may still allow. */
function isReadable(filePath: string, stats: BigIntStats): boolean {
  if (ownUser === undefined || stats.mode & (stats.uid === ownUser ? 0o400n : 0o004n)) return true;
  try {
    accessSync(filePath, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}
