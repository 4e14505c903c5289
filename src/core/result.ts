/**
 * How expected outcomes travel: as values, across actors, threads and the wire alike. What is thrown is a
 * fault of ours; what a user or a remote may cause is a `Problem` with a stable code.
 */

/** A stable kebab-case code, a sentence for people, and whether trying again can help. */
export interface Problem {
  readonly code: ProblemCode;
  readonly message: string;
}

/** Every reason for which something asked for may not happen. Stable: scripts and the wire rely on them. */
export type ProblemCode =
  | 'bad-request'
  | 'bad-name'
  | 'name-taken'
  | 'not-found'
  | 'ambiguous'
  | 'not-shared'
  | 'stale'
  | 'busy'
  | 'limit'
  | 'unauthorised'
  | 'key-changed'
  | 'version'
  | 'unreachable'
  | 'timeout'
  | 'closed'
  | 'cancelled'
  | 'piece-mismatch'
  | 'protocol'
  | 'disk-full'
  | 'io'
  | 'internal';

export type Result<T, P = Problem> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: P };

export function ok<T>(value: T): Result<T, never> {
  return { ok: true, value };
}

export function fail(code: ProblemCode, message: string): Result<never> {
  return { ok: false, problem: { code, message } };
}
