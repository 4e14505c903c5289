/**
 * Has files hashed: keeps the pool busy from the queue and counts how far it is.
 * Invariant: never more jobs run than the pool has threads for, so that what waits waits here.
 */
import { HashControl } from '../../../core/share/hash-control.ts';
import { hashCommitFiles } from '../../../core/limits/presence.ts';
import type { HashJobs, HashOutcome, HashRequest } from '../../../workers/contract.ts';
import { outcomesOf, type HashedFiles } from '../../../workers/hashed-files.ts';
import type { Pool } from '../../../workers/pool.ts';
import type { Outcome } from '../../runtime/index.ts';
import { HashQueue, type Outstanding } from './hash-queue.ts';
import type { KnownFile } from './known-file.ts';

/** The files of one job, and what was asked for of each. */
export interface HashRun {
  readonly files: readonly KnownFile[];
  readonly requests: readonly HashRequest[];
}

export interface FinishedFile {
  readonly file: KnownFile;
  readonly outcome: HashOutcome;
}

const lost: HashOutcome = { ok: false, problem: { code: 'internal', message: 'Its hash job was lost' } };

export class ShareHasher {
  readonly queue: HashQueue;
  readonly #pool: Pool<HashJobs>;
  readonly #control = new HashControl();
  #running = 0;
  /** Kept as it came: it waits, and objects that wait are garbage that costs more. */
  #finished: (HashRun & { readonly hashed: HashedFiles | undefined })[] = [];
  #finishedFiles = 0;
  /** What of the control's bytes belongs to jobs that are over. */
  #accountedBytes = 0;

  constructor(pool: Pool<HashJobs>, settleMs: number) {
    this.#pool = pool;
    this.queue = new HashQueue(settleMs);
  }

  /** Starts the next job; undefined when the pool is full or no file is ready. */
  start(nowMs: number): (HashRun & { readonly hashed: Promise<HashedFiles> }) | undefined {
    if (this.#running >= this.#pool.capacity) return undefined;
    const files = this.queue.take(nowMs);
    if (files.length === 0) return undefined;
    this.#running += 1;
    const requests = files.map(({ filePath, stamp }) => ({ filePath, expected: stamp }));
    const hashed = this.#pool.run('hashFiles', { files: requests, control: this.#control.buffer });
    return { files, requests, hashed };
  }

  /** Takes a job's end. */
  ended({ files, requests }: HashRun, outcome: Outcome<HashedFiles>): void {
    this.#running -= 1;
    if (this.#running === 0) this.#accountedBytes = this.#control.hashedBytes;
    this.#finished.push({ files, requests, hashed: outcome.ok ? outcome.value : undefined });
    this.#finishedFiles += files.length;
  }

  /** Whether what is finished should not wait for more: there is much of it, or nothing more to wait for. */
  get isDue(): boolean {
    return this.#running === 0 || this.#finishedFiles >= hashCommitFiles;
  }

  /** Gives what has finished since it was last asked; those files are in no queue then. */
  takeFinished(): readonly FinishedFile[] {
    const finished = this.#finished.flatMap(({ files, requests, hashed }) => {
      const outcomes = hashed && [...outcomesOf(requests, hashed)];
      return files.map((file, index) => ({ file, outcome: outcomes?.[index] ?? lost }));
    });
    this.#finished = [];
    this.#finishedFiles = 0;
    this.queue.release(finished.map(({ file }) => file));
    return finished;
  }

  /** What is still to be done. */
  get outstanding(): Outstanding {
    const { files, bytes } = this.queue.outstanding;
    return { files, bytes: Math.max(0, bytes - this.#underWayBytes) };
  }

  /** The same for each shared folder that has any; which of those at work has come how far is not told apart. */
  outstandingByRoot(): ReadonlyMap<string, Outstanding> {
    const byRoot = this.queue.outstandingByRoot();
    let underWay = this.#underWayBytes;
    for (const root of this.queue.activeRoots()) {
      const { files, bytes } = byRoot.get(root) ?? { files: 0, bytes: 0 };
      const done = Math.min(underWay, bytes);
      byRoot.set(root, { files, bytes: bytes - done });
      underWay -= done;
    }
    return byRoot;
  }

  /** What has been hashed of files that are not done. */
  get #underWayBytes(): number {
    return this.#running === 0 ? 0 : this.#control.hashedBytes - this.#accountedBytes;
  }

  stop(): void {
    this.#control.cancel();
  }
}
