/**
 * Brings files that were found to be shared: at once where it is known what they are, else when they have been
 * hashed. Invariant: a file is published only as what it was with the stamp that it was last seen with.
 */
import { sameStamp } from '../../../core/share/file-stamp.ts';
import type { ContentId } from '../../../core/ids.ts';
import { maxUnsureContents } from '../../../core/limits/library.ts';
import { hashCommitMs } from '../../../core/limits/presence.ts';
import type { HashOutcome } from '../../../workers/contract.ts';
import type { HashedFiles } from '../../../workers/hashed-files.ts';
import type { Outcome } from '../../runtime/index.ts';
import type { KnownFile } from './known-file.ts';
import type { LibraryParts } from './library-parts.ts';
import type { HashRun } from './share-hasher.ts';

export class SharePublisher {
  readonly #parts: LibraryParts;
  readonly #onPublished: () => void;
  #isCommitScheduled = false;
  /** What was shared, and may be again when all that is outstanding is hashed; those named last are kept. */
  readonly #unsure = new Set<ContentId>();

  /** `onPublished` is called when something that was hashed has been published, or could not be. */
  constructor(parts: LibraryParts, onPublished: () => void) {
    this.#parts = parts;
    this.#onPublished = onPublished;
  }

  /** Publishes what the cache knows, and has the rest hashed. */
  publishKnown(files: readonly KnownFile[]): void {
    const { cache, hasher, news, now, table } = this.#parts;
    if (files.length === 0) return;
    let ids: readonly (ContentId | undefined)[] = [];
    news.attempt(() => {
      ids = cache.findAll(files.map(({ stamp }) => stamp));
    });
    for (const [index, file] of files.entries()) {
      const id = ids[index];
      if (id === undefined) {
        hasher.queue.remains(file, now());
        continue;
      }
      hasher.queue.succeeded(file);
      table.publish(file, id, true);
    }
  }

  startJobs(): void {
    const { ctx, hasher, now } = this.#parts;
    for (let run = hasher.start(now()); run; run = hasher.start(now())) {
      const { files, requests, hashed } = run;
      ctx.pipe(hashed, (outcome) => ({ type: 'hashed', run: { files, requests }, outcome }));
    }
    const dueMs = hasher.queue.nextDueMs;
    if (dueMs !== undefined) ctx.timers.once('settled', Math.max(1, dueMs - now()), { type: 'settled' });
  }

  hashed(run: HashRun, outcome: Outcome<HashedFiles>): void {
    const { ctx, hasher } = this.#parts;
    hasher.ended(run, outcome);
    this.startJobs();
    if (hasher.isDue) {
      this.commit();
    } else if (!this.#isCommitScheduled) {
      this.#isCommitScheduled = true;
      ctx.timers.once('commit', hashCommitMs, { type: 'commit' });
    }
  }

  /** Writes down and publishes what was hashed: many files at once, because every time the disk has to be waited for. */
  commit(): void {
    const { cache, hasher, news, table } = this.#parts;
    this.#isCommitScheduled = false;
    const finished = hasher.takeFinished();
    const contents = finished.flatMap(({ outcome }) => (outcome.ok ? [outcome.value] : []));
    const problem = contents.length > 0 ? news.attempt(() => cache.putAll(contents)) : undefined;
    for (const { file, outcome } of finished)
      if (table.has(file)) this.#conclude(file, problem && outcome.ok ? { ok: false, problem } : outcome);
    this.startJobs();
    this.#onPublished();
  }

  #conclude(file: KnownFile, outcome: HashOutcome): void {
    const { hasher, news, now, table } = this.#parts;
    if (outcome.ok) {
      hasher.queue.succeeded(file);
      if (sameStamp(outcome.value.stamp, file.stamp)) table.publish(file, outcome.value.id);
      else hasher.queue.remains(file, now());
      return;
    }
    const { problem } = outcome;
    const isPassing = problem.code === 'stale' || problem.code === 'not-found' || problem.code === 'internal';
    if (isPassing) this.lookAgainAt(file);
    const isRetried = hasher.queue.failed(file, now());
    if (!isPassing || !isRetried) news.skip(file.path, problem);
  }

  lookAgainAt({ place, diskName }: KnownFile): void {
    const { watcher } = this.#parts;
    watcher.mark(place, diskName);
  }

  /** What is shared under this id is not it any more: it is not shared from now on, and looked at again. */
  stale(id: ContentId): void {
    const { table, cache, hasher, news, now } = this.#parts;
    const files = table.withContent(id);
    this.#unsure.delete(id);
    this.#unsure.add(id);
    const [oldest] = this.#unsure;
    if (this.#unsure.size > maxUnsureContents && oldest !== undefined) this.#unsure.delete(oldest);
    news.attempt(() => cache.forget(files.map(({ stamp }) => stamp)));
    for (const file of files) {
      hasher.queue.remains(table.unpublish(file), now());
      this.lookAgainAt(file);
    }
    this.startJobs();
  }
  /** Whether a file that was this is still being looked at, and may turn out to be it again. */
  isUnsure(id: ContentId): boolean {
    if (this.#parts.hasher.queue.size === 0) this.#unsure.clear();
    return this.#unsure.has(id);
  }
}
