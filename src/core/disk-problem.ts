/** What went wrong with a disk, told to people: any system error of a file operation as a `Problem`. */
import type { Problem, ProblemCode } from './result.ts';

const codes: Readonly<Record<string, readonly [ProblemCode, string]>> = {
  ENOSPC: ['disk-full', 'The disk is full'],
  EDQUOT: ['disk-full', 'The disk quota is used up'],
  ENOENT: ['not-found', 'There is no such file'],
  EACCES: ['io', 'Permission denied'],
  EPERM: ['io', 'Not permitted'],
  EROFS: ['io', 'The file system is read-only'],
  EIO: ['io', 'The disk reported an error'],
  EMFILE: ['io', 'Too many files are open'],
  ENFILE: ['io', 'Too many files are open'],
  ESTALE: ['io', 'It was changed by another program'],
  ENOTDIR: ['io', 'A part of the path is not a folder'],
  ENODEV: ['io', 'The disk is gone'],
  ENXIO: ['io', 'The disk is gone'],
  EFBIG: ['io', 'The file is too large for this file system'],
};

/** Rethrows what is no system error: that is a fault of ours. */
export function diskProblem(error: unknown, path: string): Problem {
  const systemCode = codeOf(error);
  if (systemCode === undefined) throw error;
  const [code, text] = codes[systemCode] ?? ['io', systemCode];
  return { code, message: `${text}: ${path}` };
}

/** Whether a system error has this code, such as `ENOENT`. */
export function hasCode(error: unknown, code: string): boolean {
  return codeOf(error) === code;
}

function codeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
