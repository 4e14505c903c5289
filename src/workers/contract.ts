/**
 * What is said between a pool's owner and its jobs: types only, so that actors depend on no worker code.
 * Everything here is plain data that survives structured cloning. Expected failures come back as `Result`
 * values, because a thrown error loses its class and code between threads.
 */
import type { VirtualPath } from '../core/catalogue.ts';
import type { FileStamp } from '../core/share/file-stamp.ts';
import type { ContentId } from '../core/ids.ts';
import type { Manifest } from '../core/swarm/manifest.ts';
import type { Place } from '../core/share/place.ts';
import type { Problem, Result } from '../core/result.ts';
import type { FoundFiles } from './found-files.ts';
import type { HashedFiles } from './hashed-files.ts';

export type { FileStamp } from '../core/share/file-stamp.ts';

/** One kind of job: what is given to it and what it resolves to. */
export interface Job {
  readonly input: unknown;
  readonly output: unknown;
}

/** The jobs of one pool by name; each name is exported as a function by the pool's worker file. */
export type JobTable<Jobs> = { readonly [Name in keyof Jobs]: Job };

/** One file to hash. */
export interface HashRequest {
  readonly filePath: string;
  /** The file as it was seen; the job says `stale` when it has become another since. */
  readonly expected: FileStamp | undefined;
}

export interface HashInput {
  /** Hashed one after the other; small files come several to a job. */
  readonly files: readonly HashRequest[];
  /** Shared words by which the jobs of one owner are watched and stopped, see `core/share/hash-control.ts`. */
  readonly control: SharedArrayBuffer;
}

export interface HashedContent {
  readonly id: ContentId;
  readonly manifest: Manifest;
  readonly stamp: FileStamp;
}

/** Problems: `stale` (changed while hashed), `cancelled`, `bad-request` (no regular file), `not-found`, `io`. */
export type HashOutcome = Result<HashedContent>;

export interface HashJobs {
  /** An outcome for each file. */
  readonly hashFiles: { readonly input: HashInput; readonly output: HashedFiles };
}

/** What to look at: the files and folders directly in a folder, or one name in it. */
export interface ScanTarget {
  readonly place: Place;
  readonly name: string | undefined;
}

/** Something that is not shared, and why. */
export interface Skipped {
  readonly path: VirtualPath;
  readonly problem: Problem;
}

export interface ScanOutput {
  readonly found: readonly FoundFiles[];
  readonly skipped: readonly Skipped[];
  /** Folders found, still to be looked at. */
  readonly folders: readonly Place[];
  /** Folders looked at, and there. */
  readonly read: readonly Place[];
  /** So many targets, the last ones, have not been looked at: much has been found already. */
  readonly left: number;
}

export interface ScanJobs {
  readonly lookAt: { readonly input: readonly ScanTarget[]; readonly output: ScanOutput };
}
