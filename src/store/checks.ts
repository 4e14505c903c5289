/** What every store checks before it takes something: the same refusals whichever engine is below. */
import { deniedFile } from '../core/tracker/deny-list.ts';
import { maxFilesPerShare } from '../core/limits/stores.ts';
import { fail, type Problem, type Result } from '../core/result.ts';
import { displayName } from '../core/safe-name.ts';
import { isValidVirtualPath } from '../core/share/virtual-path.ts';
import type { AddedFile, AttachProblem } from './catalog-store.ts';

/** Why a file cannot be in any share. */
export type Flaw = 'denied' | 'bad-name';

/** Undefined: it can. Depends on nothing but the file. */
export function flawOf({ isDenied, path }: Pick<AddedFile, 'isDenied' | 'path'>): Flaw | undefined {
  if (isDenied === true) return 'denied';
  return isValidVirtualPath(path) ? undefined : 'bad-name';
}

/** Why a file cannot be added to a share that has `count` files already, of `most`; undefined when it can. */
export function refusalOf(
  file: Pick<AddedFile, 'isDenied' | 'path'>,
  count: number,
  most = maxFilesPerShare,
): Problem | undefined {
  return refusalFor(flawOf(file), count, most);
}

/** The same of a file whose flaw, if any, is known. */
export function refusalFor(
  flaw: Flaw | undefined,
  count: number,
  most = maxFilesPerShare,
): Problem | undefined {
  if (flaw === 'denied') return deniedFile;
  if (count >= most) return { code: 'limit', message: `At most ${most} files of one peer are listed` };
  if (flaw === 'bad-name') return { code: 'bad-name', message: 'Not a path in a share' };
  return undefined;
}

export function notAttached(): Result<never> {
  return fail('not-found', 'This peer is not online here');
}

export function staleShare(): Result<never> {
  return fail('stale', 'The files known here are not those of the peer: compare them');
}

/** An asked-for limit, cut to its bound. */
export function bounded(limit: number, most: number): number {
  return Math.max(0, Math.min(Math.floor(limit), most));
}

/** The order of numbers that goes round: those from `from` on first. */
export function inTurn(a: number, b: number, from: number): number {
  const [isALate, isBLate] = [a < from, b < from];
  return isALate === isBLate ? a - b : Number(isALate) - Number(isBLate);
}

/** `name-taken`, with a name that is free if one was found. */
export function takenName(
  name: string,
  suggestion: string | undefined,
): { ok: false; problem: AttachProblem } {
  const offer = suggestion === undefined ? '' : `; ${suggestion} is free`;
  const message = `The name ${displayName(name)} belongs to somebody else${offer}`;
  return { ok: false, problem: { code: 'name-taken', message, ...(suggestion && { suggestion }) } };
}
