/**
 * What is said between a pool's owner and its jobs: types only, so that actors depend on no worker code.
 * Everything here is plain data that survives structured cloning. Expected failures come back as `Result`
 * values, because a thrown error loses its class and code between threads.
 */
import type { Result } from '../core/result.ts';
import type { Manifest } from '../core/manifest.ts';

/** One kind of job: what is given to it and what it resolves to. */
export interface Job {
  readonly input: unknown;
  readonly output: unknown;
}

/** The jobs of one pool by name; each name is exported as a function by the pool's worker file. */
export type JobTable<Jobs> = { readonly [Name in keyof Jobs]: Job };

/** What tells one version of a file from another; bigints as decimal strings, times in nanoseconds. */
export interface FileStamp {
  readonly device: string;
  readonly inode: string;
  readonly sizeBytes: number;
  readonly mtimeNs: string;
}

export interface HashInput {
  readonly filePath: string;
  /** The file as it was seen; when it has become another since, the job says so before reading. */
  readonly expected: FileStamp | undefined;
  /** Shared words by which the job is watched and stopped, see `HashControl`. */
  readonly control: SharedArrayBuffer | undefined;
}

export interface HashOutput {
  readonly manifest: Manifest;
  readonly stamp: FileStamp;
}

export interface HashJobs {
  /** Problems: `stale` (changed while hashed), `cancelled`, `bad-request` (not a regular file), `not-found`, `io`. */
  readonly hashFile: { readonly input: HashInput; readonly output: Result<HashOutput> };
}
