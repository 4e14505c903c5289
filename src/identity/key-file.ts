/**
 * The private key of a profile on disk: `<home>/identity.pem`, PKCS #8, readable by its owner only. Invariant:
 * the file, once there, is never written again; of several processes that make it at once, one wins and all
 * use its key.
 */
import { createPrivateKey, generateKeyPairSync, type KeyObject, randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { copyFile, link, mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fail, ok, type Result } from '../core/result.ts';

const privateMode = 0o600;
const othersMask = 0o077;

/** The profile's Ed25519 key, made when there is none. Problems: `io`, with what to do. */
export async function loadPrivateKey(home: string): Promise<Result<KeyObject>> {
  const path = join(home, 'identity.pem');
  try {
    const pem = (await readPrivate(path)) ?? (await createPrivate(home, path));
    return parse(pem, path);
  } catch (error) {
    return fail('io', `The key ${path} cannot be used: ${messageOf(error)}`);
  }
}

function parse(pem: string, path: string): Result<KeyObject> {
  try {
    const key = createPrivateKey(pem);
    if (key.asymmetricKeyType === 'ed25519') return ok(key);
  } catch {
    // Said below.
  }
  return fail(
    'io',
    `${path} does not hold an Ed25519 private key. Restore it from a copy, or move it away to get a new identity`,
  );
}

/** The file's text, its mode repaired if others could read it; undefined when there is none. */
async function readPrivate(path: string): Promise<string | undefined> {
  const file = await open(path, 'r').catch(ignoring('ENOENT'));
  if (!file) return undefined;
  try {
    const { mode } = await file.stat();
    if (process.platform !== 'win32' && (mode & othersMask) !== 0) await file.chmod(privateMode);
    return await file.readFile('utf8');
  } finally {
    await file.close();
  }
}

async function createPrivate(home: string, path: string): Promise<string> {
  await mkdir(home, { recursive: true, mode: 0o700 });
  const { privateKey } = generateKeyPairSync('ed25519');
  const pem = privateKey.export({ format: 'pem', type: 'pkcs8' });
  const temporary = `${path}.${randomUUID()}`;
  try {
    const file = await open(temporary, 'wx', privateMode);
    try {
      await file.writeFile(pem);
      await file.sync();
    } finally {
      await file.close();
    }
    await claim(temporary, path);
  } finally {
    await rm(temporary, { force: true });
  }
  const winner = await readPrivate(path);
  if (winner === undefined) throw new Error('it vanished while it was made');
  return winner;
}

/** Gives a finished file its final name, unless another process was first. */
async function claim(temporary: string, path: string): Promise<void> {
  try {
    await link(temporary, path);
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return;
    // File systems without hard links: not atomic for readers, but still of one winner.
    await copyFile(temporary, path, constants.COPYFILE_EXCL).catch(ignoring('EEXIST'));
  }
}

function ignoring(code: string): (error: unknown) => undefined {
  return (error) => {
    if (codeOf(error) !== code) throw error;
  };
}

const codeOf = (error: unknown): unknown => (error as NodeJS.ErrnoException).code;
const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
