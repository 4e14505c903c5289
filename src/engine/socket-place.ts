/**
 * Where an engine or a tracker is reached by other programs of the same user: `engine.sock` or `admin.sock` in its
 * folder, or where its path is too long for the system, one named by its hash in a folder of ours beside other
 * temporary files. Invariant: only we can reach into the folder it lies in, so nobody else can listen there.
 */
import { createHash } from 'node:crypto';
import { chmodSync, lstatSync, mkdirSync, realpathSync, unlinkSync } from 'node:fs';
import { userInfo } from 'node:os';
import path from 'node:path';
import { hasCode } from '../core/disk-problem.ts';
import { fail, ok, type Result } from '../core/result.ts';

/** `sun_path` holds 104 bytes on macOS and the BSDs, 108 on Linux, the zero at its end included. */
const maxSocketPathBytes = 103;
const temporaryFolder = '/tmp';
const othersMask = 0o077;

/** The path to listen or connect at: a peer's engine, or the admin door of a tracker. Nothing is made, nothing is looked at but the folder's own path. */
export function socketPath(
  home: string,
  platform: NodeJS.Platform = process.platform,
  whose: 'engine' | 'admin' = 'engine',
): string {
  const real = realPath(home);
  const owner = whose === 'engine' ? '' : `-${whose}`;
  if (platform === 'win32')
    return `\\\\.\\pipe\\shoal${owner}-${hashOf(`${userInfo().username}\0${real.toLowerCase()}`)}`;
  const direct = path.join(real, `${whose}.sock`);
  if (Buffer.byteLength(direct) <= maxSocketPathBytes) return direct;
  return path.join(temporaryFolder, `shoal-${process.getuid?.() ?? 0}`, `${hashOf(real)}${owner}.sock`);
}

/** Makes the folder of a socket where it is missing; `io` when it is not ours alone. */
export function makeSocketFolder(socket: string): Result<void> {
  if (process.platform === 'win32') return ok(undefined);
  const folder = path.dirname(socket);
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) return fail('io', `The folder ${folder} cannot be made: ${String(error)}`);
  }
  return checkFolder(folder);
}

/** Whether what lies at a path may be spoken to: a socket of ours in a folder of ours alone. */
export function checkSocket(socket: string): Result<void> {
  if (process.platform === 'win32') return ok(undefined);
  try {
    const found = lstatSync(socket);
    if (!found.isSocket()) return fail('io', `${socket} is in the way of a socket; remove it`);
    if (!isOurs(found.uid)) return fail('io', `${socket} belongs to another user`);
    return checkFolder(path.dirname(socket));
  } catch (error) {
    return hasCode(error, 'ENOENT')
      ? fail('not-found', `Nothing at ${socket}`)
      : fail('io', `${socket} cannot be looked at: ${String(error)}`);
  }
}

/** Whether a socket may be made in the folder that it would lie in; ok when that is not there yet. */
export function checkSocketFolder(socket: string): Result<void> {
  const folder = path.dirname(socket);
  if (process.platform === 'win32' || lstatSync(folder, { throwIfNoEntry: false }) === undefined)
    return ok(undefined);
  return checkFolder(folder);
}

/** Makes the socket readable and writable by us only. */
export function closeToOthers(socket: string): void {
  if (process.platform !== 'win32') chmodSync(socket, 0o600);
}

/** Removes a socket that nobody answers at; `io` where that is refused. */
export function removeSocket(socket: string): Result<void> {
  if (process.platform === 'win32') return ok(undefined);
  try {
    unlinkSync(socket);
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) return fail('io', `${socket} cannot be removed: ${String(error)}`);
  }
  return ok(undefined);
}

function checkFolder(folder: string): Result<void> {
  const found = lstatSync(folder, { throwIfNoEntry: false });
  if (found?.isDirectory() !== true) return fail('io', `${folder} is no folder`);
  const { uid, mode } = found;
  if (!isOurs(uid) || (mode & othersMask) !== 0)
    return fail('io', `The folder ${folder} must be yours alone: chmod 700 ${folder}`);
  return ok(undefined);
}

const isOurs = (uid: number): boolean => process.getuid === undefined || uid === process.getuid();

/** Two ways to one folder are one profile. */
function realPath(home: string): string {
  try {
    return realpathSync(home);
  } catch {
    return path.resolve(home);
  }
}

const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 32);
