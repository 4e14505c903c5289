/**
 * Single files of a tree on the disk: written, read back, copied, recognised. Invariant: what is said to be the
 * file of an id was read from the disk, or came from memory, and hashed to that id.
 */
import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  open as openWithCallback,
  openSync,
  read,
  readSync,
  writeSync,
  type Stats,
} from 'node:fs';
import { chmod, copyFile, lstat, open, rm, type FileHandle } from 'node:fs/promises';
import { contentIdOf } from '../../../content/content-id.ts';
import { ManifestHasher, manifestOf } from '../../../content/manifest-hasher.ts';
import { diskProblem, hasCode } from '../../../core/disk-problem.ts';
import { hashReadBytes } from '../../../core/limits/pools.ts';
import { maxSameNames, maxSmallFileBytes } from '../../../core/limits/trees.ts';
import type { Manifest } from '../../../core/swarm/manifest.ts';
import type { FailedFile, WantedFile } from '../../tree-contract.ts';
import { allBack, DiskHangs, isAnyHanging, orLeaveBehind } from './left-behind.ts';
import { pathsFor } from './placer.ts';

const newMode = 0o644;

/** Writes a file that must not exist. Throws what the disk says. */
export function writeNew(path: string, bytes: Uint8Array): void {
  const fd = openSync(path, 'wx', newMode);
  try {
    for (let at = 0; at < bytes.length;) at += writeSync(fd, bytes, at, bytes.length - at, at);
  } finally {
    closeSync(fd);
  }
}

export interface Reading {
  /** Ends it, at once. */
  readonly signal?: AbortSignal;
  /** Is told of every part of a large file that has been read. */
  readonly moved?: (bytes: number) => void;
  /** For a sign of life of the disk; default: as long as it takes. */
  readonly timeoutMs?: number;
}

/** What is asked of a disk that may hang. */
export interface CopyDisk {
  readonly lstat: (path: string) => Promise<Stats>;
  readonly open: typeof open;
  /** Fills a buffer from the beginning of a file, and gives how many bytes there were; undefined: it is no file. */
  readonly readStart: (path: string, into: Buffer) => Promise<number | undefined>;
  /** Makes a file share the bytes of another, or rejects where the file system cannot. */
  readonly clone: (from: string, to: string) => Promise<void>;
}

export const realDisk: CopyDisk = { lstat, open, readStart, clone: cloneFile };

const readFlags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/**
 * The manifest of the file that lies there, undefined when it has another size. Throws what the disk says, when it does
 * not answer, and once its `signal` is aborted.
 */
export async function manifestOfFile(
  path: string,
  sizeBytes: number,
  reading: Reading = {},
): Promise<Manifest | undefined> {
  if (sizeBytes <= maxSmallFileBytes) return manifestOfSmall(path, sizeBytes);
  return unlessItHangs(reading, (steps) => readThrough(realDisk, path, sizeBytes, steps));
}

type Steps = Required<Omit<Reading, 'timeoutMs'>>;

/** Nobody waits for a disk that does not answer: a step that comes back then ends by itself. */
function unlessItHangs<T>(
  { signal, moved, timeoutMs }: Reading,
  step: (steps: Steps) => Promise<T>,
): Promise<T> {
  return orLeaveBehind({ signal, timeoutMs }, (left, alive) =>
    step({
      signal: left,
      moved: (bytes) => {
        alive();
        moved?.(bytes);
      },
    }),
  );
}

/** Reads a file as a whole, and writes what it reads to `to`, where nothing may be. */
async function readThrough(
  disk: CopyDisk,
  path: string,
  sizeBytes: number,
  { signal, moved }: Steps,
  to?: string,
): Promise<Manifest | undefined> {
  const file = await disk.open(path, readFlags);
  let copy: FileHandle | undefined;
  try {
    signal.throwIfAborted();
    if (to !== undefined) copy = await open(to, 'wx', newMode);
    if (to !== undefined && signal.aborted) await rm(to, { force: true });
    const buffer = Buffer.allocUnsafeSlow(hashReadBytes);
    const hasher = new ManifestHasher(sizeBytes);
    for (let position = 0; position < sizeBytes;) {
      const wanted = Math.min(buffer.length, sizeBytes - position);
      const { bytesRead } = await file.read(buffer, 0, wanted, position);
      signal.throwIfAborted();
      if (bytesRead === 0) return undefined;
      const bytes = buffer.subarray(0, bytesRead);
      hasher.update(bytes);
      await copy?.writeFile(bytes);
      position += bytesRead;
      moved(bytesRead);
    }
    const { bytesRead } = await file.read(buffer, 0, 1, sizeBytes);
    return bytesRead === 0 ? hasher.finish() : undefined;
  } finally {
    await Promise.all([file.close(), copy?.close()]);
  }
}

/** Where the very file that is wanted lies already: under its name, or as it would have been named beside others. */
export async function findCopy(
  folder: string,
  { id, sizeBytes, name }: WantedFile & { readonly name: string },
  reading: Reading = {},
): Promise<{ readonly path: string; readonly manifest: Manifest } | undefined> {
  let tried = 0;
  for (const path of pathsFor(folder, name)) {
    const stats = lstatSync(path, { throwIfNoEntry: false });
    if (!stats || ++tried > maxSameNames) return undefined;
    if (!stats.isFile() || stats.size !== sizeBytes) continue;
    const manifest = await manifestOfFile(path, sizeBytes, reading);
    if (manifest && contentIdOf(manifest) === id) return { path, manifest };
  }
  return undefined;
}

/**
 * Copies a file to a path where nothing is, never as a link: who changes one of them changes that one alone. Undefined
 * when it is not the file of this id, and then something else may lie there. Throws what the disk says, when it does
 * not answer, and once its `signal` is aborted.
 */
export async function copyVerified(
  from: string,
  to: string,
  { id, sizeBytes }: WantedFile,
  reading: Reading = {},
  disk: CopyDisk = realDisk,
): Promise<Manifest | undefined> {
  if (isAnyHanging()) throw new DiskHangs('A disk has not answered yet what it was asked before');
  const manifest = await unlessItHangs(reading, async (steps) => {
    await allBack();
    steps.signal.throwIfAborted();
    if (sizeBytes <= maxSmallFileBytes) return copySmall(disk, from, to, sizeBytes, steps);
    const stats = await disk.lstat(from);
    steps.signal.throwIfAborted();
    if (!stats.isFile() || stats.size !== sizeBytes) return undefined;
    return (await isCloned(disk, from, to, steps))
      ? readThrough(disk, to, sizeBytes, steps)
      : readThrough(disk, from, sizeBytes, steps, to);
  });
  return manifest && contentIdOf(manifest) === id ? manifest : undefined;
}

/** Whether the file system has made it share the bytes of the other until one is written: nothing is written twice. */
async function isCloned({ clone }: CopyDisk, from: string, to: string, { signal }: Steps): Promise<boolean> {
  try {
    newFileMode ??= await modeOfNew(to);
    await clone(from, to);
  } catch {
    return false;
  }
  if (signal.aborted) await rm(to, { force: true });
  signal.throwIfAborted();
  // It has the mode of the other, whoever that lets write to it or run it.
  await chmod(to, newFileMode);
  return true;
}

function cloneFile(from: string, to: string): Promise<void> {
  return copyFile(from, to, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE_FORCE);
}

/** What the umask leaves of the mode that new files are made with: it can be asked for only by setting it. */
let newFileMode: number | undefined;

async function modeOfNew(path: string): Promise<number> {
  const file = await open(path, 'wx', newMode);
  try {
    return (await file.stat()).mode & newMode;
  } finally {
    await file.close();
    await rm(path);
  }
}

async function copySmall(
  disk: CopyDisk,
  from: string,
  to: string,
  sizeBytes: number,
  { signal }: Steps,
): Promise<Manifest | undefined> {
  // Kept by who reads into it for as long as that takes.
  const buffer = copyBuffer ?? Buffer.allocUnsafeSlow(maxSmallFileBytes + 1);
  copyBuffer = undefined;
  try {
    const bytesRead = await disk.readStart(from, buffer.subarray(0, sizeBytes + 1));
    signal.throwIfAborted();
    if (bytesRead !== sizeBytes) return undefined;
    const bytes = buffer.subarray(0, sizeBytes);
    writeNew(to, bytes);
    return manifestOf(bytes);
  } finally {
    copyBuffer = buffer;
  }
}

/** With callbacks: file handles cost twice as much, and many files are small. */
function readStart(path: string, into: Buffer): Promise<number | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<number | undefined>();
  openWithCallback(path, readFlags, (openError, fd) => {
    if (openError) return reject(openError);
    read(fd, into, 0, into.length, 0, (readError, bytesRead) => {
      try {
        const isFile = fstatSync(fd).isFile();
        closeSync(fd);
        if (readError) reject(readError);
        else resolve(isFile ? bytesRead : undefined);
      } catch (error) {
        reject(error as Error);
      }
    });
  });
  return promise;
}

/** Why a file failed; a fault of ours is thrown on. */
export function failureOf({ file }: WantedFile, path: string, error: unknown): FailedFile {
  return { file, problem: diskProblem(error, path), isDisk: isDiskTrouble(error) };
}

/** Whether the disk refuses whatever the file: there is no use in going on with others. */
export function isDiskTrouble(error: unknown): boolean {
  return diskTroubles.some((code) => hasCode(error, code));
}

/** Where no folder is found that was there, the output folder is away, or has been until now. */
const diskTroubles = ['ENOSPC', 'EDQUOT', 'EROFS', 'EIO', 'EMFILE', 'ENFILE', 'ENOENT', 'ESTALE'];

let smallBuffer: Buffer | undefined;
let copyBuffer: Buffer | undefined;

function manifestOfSmall(path: string, sizeBytes: number): Manifest | undefined {
  smallBuffer ??= Buffer.allocUnsafeSlow(maxSmallFileBytes + 1);
  const fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    let bytes = 0;
    for (;;) {
      const read = readSync(fd, smallBuffer, bytes, sizeBytes + 1 - bytes, bytes);
      bytes += read;
      if (bytes > sizeBytes) return undefined;
      if (read === 0) return bytes === sizeBytes ? manifestOf(smallBuffer.subarray(0, bytes)) : undefined;
    }
  } finally {
    closeSync(fd);
  }
}
