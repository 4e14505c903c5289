/** What the program's exit says, and which code each kind of problem ends with. Scripts rely on it. */
import type { Problem, ProblemCode } from '../core/result.ts';

export const exitCode = {
  done: 0,
  failed: 1,
  usage: 64,
  notFound: 66,
  unavailable: 69,
  fault: 70,
  io: 74,
  stopped: 130,
} as const;

const codes: Readonly<Record<ProblemCode, number>> = {
  'bad-request': exitCode.usage,
  'bad-name': exitCode.usage,
  'name-taken': exitCode.usage,
  'not-found': exitCode.notFound,
  ambiguous: exitCode.notFound,
  'not-shared': exitCode.failed,
  stale: exitCode.failed,
  busy: exitCode.unavailable,
  limit: exitCode.failed,
  unauthorised: exitCode.unavailable,
  'key-changed': exitCode.unavailable,
  version: exitCode.unavailable,
  unreachable: exitCode.unavailable,
  timeout: exitCode.unavailable,
  closed: exitCode.unavailable,
  cancelled: exitCode.failed,
  'piece-mismatch': exitCode.failed,
  protocol: exitCode.unavailable,
  'disk-full': exitCode.io,
  io: exitCode.io,
  internal: exitCode.fault,
};

export function exitCodeOf(problem: Problem): number {
  return codes[problem.code];
}

/** The code of a run of which parts failed: theirs where all agree, else `failed`. Done when none did. */
export function exitCodeOfAll(problems: readonly Problem[]): number {
  const [first = exitCode.done, ...others] = new Set(problems.map(exitCodeOf));
  return others.length === 0 ? first : exitCode.failed;
}
