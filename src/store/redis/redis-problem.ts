/** What can go wrong with a cluster, sorted by what to do about it. Invariant: an error of ours is never hidden. */
import type { Problem, Result } from '../../core/result.ts';

/** A part of the cluster does not answer now; trying again later can help. */
export class RedisUnavailable extends Error {
  readonly problem: Problem;

  constructor(message: string) {
    super(message);
    this.problem = { code: 'busy', message: `A part of the catalogue cannot be reached now: ${message}` };
  }
}

/** What comes of it, or the problem that a part of the cluster is away. */
export async function unlessAway<T, P extends Problem>(
  work: () => Promise<Result<T, P>>,
): Promise<Result<T, P | Problem>> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof RedisUnavailable) return { ok: false, problem: error.problem };
    throw error;
  }
}

/** No connection, or no answer in time. */
export class RedisConnectionError extends Error {}

/**
 * What to do about an error: follow it to another server, load the library, ask again a moment later, give up with
 * what it says (`refused`), or nothing because it is our own fault.
 */
export type Remedy = 'moved' | 'library' | 'retry' | 'refused' | 'fault';

/** Texts of src/cluster.c, src/script.c and src/server.c of Redis 7.0; Valkey's are the same. */
const remedies: readonly (readonly [pattern: RegExp, remedy: Remedy])[] = [
  [/^MOVED /, 'moved'],
  // While a slot moves its keys are at two places, so that no function may work on them: wait until it is done.
  [/^(?:ASK|TRYAGAIN|CLUSTERDOWN|LOADING|READONLY|MASTERDOWN|BUSY|NOREPLICAS|UNBLOCKED) /, 'retry'],
  [/attempted to access (?:a non local key|keys that)|undeclared key|rehashing of the slot/i, 'retry'],
  [/Function not found/i, 'library'],
  [/^(?:OOM|MISCONF|NOAUTH|WRONGPASS|NOPERM|DENIED) /, 'refused'],
];

export function remedyOf(error: unknown): Remedy {
  if (error instanceof RedisConnectionError) return 'retry';
  const message = messageOf(error);
  return remedies.find(([pattern]) => pattern.test(message))?.[1] ?? 'fault';
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
