/**
 * The URL of a tracker's catalogue, with the password for Redis from where only this user can read it: everybody on
 * a machine sees the arguments of a program. Invariant: what is completed here is never shown.
 */
import { readFileSync, statSync } from 'node:fs';
import { diskProblem } from '../../core/disk-problem.ts';
import { redisUrlParts } from '../../core/tracker/redis-login.ts';
import { fail, ok, type Result } from '../../core/result.ts';

const variable = 'SHOAL_REDIS_PASSWORD';
const fileVariable = 'SHOAL_REDIS_PASSWORD_FILE';
export const redisPasswordHelp = `${variable}, or the file named by ${fileVariable}`;

/** A URL with its password, if it is to have one. */
export interface CompletedUrl {
  readonly url: string;
  /** What is wrong with where the password comes from. */
  readonly warning?: string;
}

/**
 * Adds the password of the environment to a URL of Redis that has none. Problems: `bad-request`, when it is not clear
 * which one is meant or it is empty, and what the disk says of the file.
 */
export function storeUrl(
  url: string,
  env: Readonly<Record<string, string | undefined>>,
): Result<CompletedUrl> {
  const parts = redisUrlParts(url);
  if (parts === undefined) return ok({ url });
  if (parts.password !== undefined) {
    const warning = `everybody on this machine can read a password that is given with --store; give it in ${redisPasswordHelp}`;
    return ok({ url, warning });
  }
  const found = passwordIn(env);
  if (!found.ok) return found;
  const { scheme, user, rest } = parts;
  const { password, warning } = found.value;
  if (password === undefined) return ok({ url });
  return ok({
    url: `${scheme}${user}:${encodeURIComponent(password)}@${rest}`,
    ...(warning !== undefined && { warning }),
  });
}

interface FoundPassword {
  readonly password?: string;
  readonly warning?: string;
}

function passwordIn(env: Readonly<Record<string, string | undefined>>): Result<FoundPassword> {
  const { [variable]: password, [fileVariable]: file } = env;
  const isGiven = password !== undefined && password !== '';
  if (file === undefined || file === '') return ok(isGiven ? { password } : {});
  if (isGiven) return fail('bad-request', `Expected one of ${variable} and ${fileVariable}, got both`);
  try {
    const text = readFileSync(file, 'utf8').replace(/\r?\n$/, '');
    if (text === '')
      return fail('bad-request', `${fileVariable}: expected a file with a password, got an empty one`);
    const warning = `other users of this machine can read ${file}, the file of ${fileVariable}; take that from them`;
    return ok({ password: text, ...(isOpenToOthers(file) && { warning }) });
  } catch (error) {
    const { code, message } = diskProblem(error, file);
    return fail(code === 'not-found' ? 'bad-request' : code, `${fileVariable}: ${message}`);
  }
}

/** Not so with a group alone: what looks like one is a single user where a service manager has put the file. */
function isOpenToOthers(file: string): boolean {
  return process.platform !== 'win32' && (statSync(file).mode & 0o004) !== 0;
}
