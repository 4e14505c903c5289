/** What went wrong with a file, from the system's error codes to ours. */
import type { Problem, ProblemCode } from '../core/result.ts';

const codes: Readonly<Record<string, readonly [ProblemCode, string]>> = {
  ENOENT: ['not-found', 'It does not exist'],
  ENOTDIR: ['not-found', 'It does not exist'],
  // What a symbolic link, socket or folder gives where a regular file is expected.
  ELOOP: ['bad-request', 'It is not a regular file'],
  ENXIO: ['bad-request', 'It is not a regular file'],
  EISDIR: ['bad-request', 'It is a folder'],
  EACCES: ['io', 'Permission denied'],
  EPERM: ['io', 'Permission denied'],
  ENOSPC: ['disk-full', 'The disk is full'],
  EDQUOT: ['disk-full', 'The disk quota is used up'],
  ENAMETOOLONG: ['bad-name', 'Its name is too long'],
};

/** The problem of a file operation that threw. What the system did not report is our own fault, and thrown on. */
export function fileProblem(error: unknown): Problem {
  const { code, syscall } = (error ?? {}) as NodeJS.ErrnoException;
  if (code === undefined || syscall === undefined) throw error;
  const [problem, message] = codes[code] ?? ['io', `The system refused it (${code})`];
  return { code: problem, message };
}
