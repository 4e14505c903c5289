/**
 * The URL of a tracker's catalogue, with the password for Redis from where only this user can read it: everybody on
 * a machine sees the arguments of a program. Invariant: what is completed here is never shown.
 */
import { readFileSync } from 'node:fs';
import { diskProblem } from '../core/disk-problem.ts';
import { fail, ok, type Result } from '../core/result.ts';

const variable = 'SHOAL_REDIS_PASSWORD';
const fileVariable = 'SHOAL_REDIS_PASSWORD_FILE';
export const redisPasswordHelp = `${variable}, or the file named by ${fileVariable}`;

const redisUrl = /^(?<scheme>rediss?:\/\/)(?:(?<user>[^@/?:]*)(?<password>:[^@/?]*)?@)?(?<rest>[^@]*)$/;

/** Whether a password stands in it. */
export function holdsPassword(url: string): boolean {
  return redisUrl.exec(url)?.groups?.['password'] !== undefined;
}

/**
 * Adds the password of the environment to a URL of Redis that has none. Problems: `bad-request`, when it is not clear
 * which one is meant or it is empty, and what the disk says of the file.
 */
export function storeUrl(url: string, env: Readonly<Record<string, string | undefined>>): Result<string> {
  const { scheme, user = '', rest } = redisUrl.exec(url)?.groups ?? {};
  if (scheme === undefined || rest === undefined || holdsPassword(url)) return ok(url);
  const password = passwordIn(env);
  if (!password.ok) return password;
  if (password.value === undefined) return ok(url);
  return ok(`${scheme}${user}:${encodeURIComponent(password.value)}@${rest}`);
}

function passwordIn(env: Readonly<Record<string, string | undefined>>): Result<string | undefined> {
  const { [variable]: password, [fileVariable]: file } = env;
  const isGiven = password !== undefined && password !== '';
  if (file === undefined || file === '') return ok(isGiven ? password : undefined);
  if (isGiven) return fail('bad-request', `Expected one of ${variable} and ${fileVariable}, got both`);
  try {
    const text = readFileSync(file, 'utf8').replace(/\r?\n$/, '');
    if (text === '')
      return fail('bad-request', `${fileVariable}: expected a file with a password, got an empty one`);
    return ok(text);
  } catch (error) {
    const { code, message } = diskProblem(error, file);
    return fail(code === 'not-found' ? 'bad-request' : code, `${fileVariable}: ${message}`);
  }
}
