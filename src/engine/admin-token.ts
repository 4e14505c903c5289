/**
 * The token for a tracker's admin port, in a file of the tracker's folder that its owner alone may read. It stays the
 * same over restarts, so that a collector of metrics can be pointed at the file.
 */
import { randomBytes } from 'node:crypto';
import { lstat, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { diskProblem, hasCode } from '../core/disk-problem.ts';
import { fail, ok, type Result } from '../core/result.ts';

const othersMask = 0o077;

export function adminTokenFile(dataDir: string): string {
  return path.join(dataDir, 'admin.token');
}

/** The token, made when there is none; `io` when others may read it, or it cannot be read. */
export async function loadAdminToken(dataDir: string): Promise<Result<string>> {
  const file = adminTokenFile(dataDir);
  try {
    await writeFile(file, `${randomBytes(32).toString('base64url')}\n`, { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) return { ok: false, problem: diskProblem(error, file) };
  }
  try {
    const found = await lstat(file);
    if (!found.isFile() || (process.platform !== 'win32' && (found.mode & othersMask) !== 0))
      return fail('io', `${file} must be a file that you alone can read: chmod 600 it, or remove it`);
    const token = (await readFile(file, 'utf8')).trim();
    if (/^[\w-]{32,128}$/.test(token)) return ok(token);
    return fail(
      'io',
      `${file} holds no token of 32 to 128 letters, digits, - and _: remove it to get a new one`,
    );
  } catch (error) {
    return { ok: false, problem: diskProblem(error, file) };
  }
}
