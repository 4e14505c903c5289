/**
 * What this peer shares: finds the files, has them hashed, publishes them under their content ids, and keeps
 * all of that true while the disk changes. One walk over the disk at a time, hash jobs beside it.
 * Invariant: a file is published only under the content that it had with the stamp that it was last seen with.
 */
import { lstat } from 'node:fs/promises';
import path from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import type { EngineEvent } from '../../core/engine-api.ts';
import { sameStamp, stampOf } from '../../core/file-stamp.ts';
import { HashControl } from '../../core/hash-control.ts';
import type { ContentId } from '../../core/ids.ts';
import {
  fileSettleMs,
  maxLibraryFiles,
  maxOpenAttempts,
  missingShareRescanMs,
  noticeRetryMs,
  rescanIntervalMs,
  shareFlushMs,
  unwatchedRescanIntervalMs,
  watchDebounceMs,
} from '../../core/limits.ts';
import { pieceLengthFor } from '../../core/piece-length.ts';
import { fail, ok, type Problem, type Result } from '../../core/result.ts';
import { sqliteProblem } from '../../profile/database.ts';
import { HashCache } from '../../profile/hash-cache.ts';
import { ShareIndex } from '../../profile/share-index.ts';
import type { HashJobs, HashOutcome } from '../../workers/contract.ts';
import type { Pool } from '../../workers/pool.ts';
import { actor, type ActorRef, type Outcome, type ReplyTo } from '../runtime/index.ts';
import { HashQueue } from './hash-queue.ts';
import type { LibraryCommand, LibraryStats, OpenContent } from './library-messages.ts';
import { listPage } from './share-listing.ts';
import { ShareOutbox } from './share-outbox.ts';
import { pathIn, placesOf, placesOfFile } from './share-places.ts';
import { scan, type FoundFile, type ScanBatch, type Target } from './share-scanner.ts';
import { pathOf, ShareTable, type KnownFile } from './share-table.ts';
import { ShareWatcher } from './share-watcher.ts';

export interface LibraryTiming {
  readonly rescanIntervalMs: number;
  readonly watchDebounceMs: number;
  readonly fileSettleMs: number;
  readonly shareFlushMs: number;
}

export interface LibraryArgs {
  /** Absolute paths of the shared folders. */
  readonly shares: readonly string[];
  readonly database: DatabaseSync;
  readonly pool: Pool<HashJobs>;
  /** Told `shared`, `unshared` and `skipped`. */
  readonly observer: ActorRef<EngineEvent>;
  /** Milliseconds since 1970, as the disk's clock; default `Date.now`. */
  readonly now?: () => number;
  /** In [0, 1); default `Math.random`. */
  readonly random?: () => number;
  readonly timing?: Partial<LibraryTiming>;
}

interface Opened {
  readonly content: OpenContent | undefined;
  readonly changed: readonly KnownFile[];
}

type LibraryMessage =
  | LibraryCommand
  | { readonly type: 'look' }
  | { readonly type: 'walked'; readonly outcome: Outcome<IteratorResult<ScanBatch, void>> }
  | { readonly type: 'settled' }
  | {
      readonly type: 'hashed';
      readonly files: readonly KnownFile[];
      readonly outcome: Outcome<readonly HashOutcome[]>;
    }
  | {
      readonly type: 'opened';
      readonly id: ContentId;
      readonly outcome: Outcome<Opened>;
      readonly replyTo: ReplyTo<Result<OpenContent>>;
    }
  | { readonly type: 'flush' };

const defaultTiming: LibraryTiming = { rescanIntervalMs, watchDebounceMs, fileSettleMs, shareFlushMs };

export const libraryActor = actor<LibraryMessage, LibraryArgs>('library', (ctx, args) => {
  const { pool, now = Date.now, random = Math.random } = args;
  const timing = { ...defaultTiming, ...args.timing };
  const shares = placesOf(args.shares);
  const cache = new HashCache(args.database);
  const control = new HashControl();
  const queue = new HashQueue(timing.fileSettleMs);
  const outbox = new ShareOutbox(args.observer, new ShareIndex(args.database));
  const table = new ShareTable(
    (change) => {
      outbox.changed(change);
      scheduleFlush();
    },
    (file) => {
      queue.forget(file);
      outbox.unskip(pathOf(file));
    },
  );
  const watcher = new ShareWatcher({
    onDirty: () => ctx.timers.once('look', timing.watchDebounceMs, { type: 'look' }),
    onLimit: () => {
      for (const { path } of shares) skip(path, { code: 'limit', message: watchLimitMessage });
    },
  });

  /** The walk under way: over everything, or over some targets. */
  let walk: { readonly batches: AsyncGenerator<ScanBatch>; readonly targets: readonly Target[] } | undefined;
  let walkNumber = 0;
  let isFullWalk = false;
  let isFullWalkWanted = true;
  let isShareMissing = false;
  let isFlushScheduled = false;
  let runningJobs = 0;
  /** What of `control.hashedBytes` belongs to jobs that are over. */
  let accountedBytes = 0;

  function look(): void {
    if (walk) return;
    isFullWalk = isFullWalkWanted;
    const targets = isFullWalk ? shares.map((place) => ({ place, name: undefined })) : watcher.takeDirty();
    if (!isFullWalk && targets.length === 0) return;
    if (isFullWalk) {
      isFullWalkWanted = false;
      isShareMissing = false;
      watcher.takeDirty();
    }
    walkNumber += 1;
    const number = walkNumber;
    walk = { batches: scan(targets, (place) => watcher.enter(place, number)), targets };
    step(walk.batches);
  }

  function step(batches: AsyncGenerator<ScanBatch>): void {
    ctx.pipe(batches.next(), (outcome) => ({ type: 'walked', outcome }));
  }

  function walked(result: IteratorResult<ScanBatch, void>): void {
    if (!walk) return;
    if (result.done !== true) {
      takeBatch(result.value);
      step(walk.batches);
      return;
    }
    for (const { place, name } of walk.targets) {
      table.sweep(name === undefined ? place.path : pathIn(place, name), walkNumber);
      if (name !== undefined) watcher.sweep(walkNumber, `${pathIn(place, name)}/`);
    }
    walk = undefined;
    if (isFullWalk) endFullWalk();
    startJobs();
    look();
  }

  function endFullWalk(): void {
    watcher.sweep(walkNumber);
    outbox.forgetSkipped(walkNumber);
    if (!outbox.isScanned) attempt(() => cache.prune());
    outbox.scanned();
    scheduleFlush();
    scheduleRescan();
  }

  function takeBatch({ files, skipped }: ScanBatch): void {
    for (const { path, problem } of skipped) {
      if (shares.some((share) => share.path === path)) isShareMissing = true;
      skip(path, problem, walkNumber);
    }
    const unknown: KnownFile[] = [];
    for (const found of files) {
      const file = see(found);
      if (file && file.id === undefined) unknown.push(file);
    }
    publishKnown(unknown);
    startJobs();
  }

  /** Takes note of a file; undefined when it cannot be shared. */
  function see(found: FoundFile): KnownFile | undefined {
    const sighting = table.see(found, walkNumber);
    switch (sighting.kind) {
      case 'full':
        skip('/', { code: 'limit', message: `At most ${maxLibraryFiles} files can be shared` });
        return undefined;
      case 'taken':
        skip(found.path, {
          code: 'name-taken',
          message: 'A file beside it has the same name, spelled otherwise',
        });
        return undefined;
      case 'new':
        queue.forget(sighting.file);
        outbox.unskip(found.path);
        return sighting.file;
      case 'same':
        return sighting.file;
    }
  }

  /** Publishes what the cache knows, and has the rest hashed. */
  function publishKnown(files: readonly KnownFile[]): void {
    if (files.length === 0) return;
    let ids: readonly (ContentId | undefined)[] = [];
    attempt(() => {
      ids = cache.findAll(files.map(({ found }) => found.stamp));
    });
    for (const [index, file] of files.entries()) {
      const id = ids[index];
      if (id !== undefined) table.publish(file, id);
      else queue.remains(file, now());
    }
  }

  function startJobs(): void {
    while (runningJobs < pool.capacity) {
      const files = queue.take(now());
      if (files.length === 0) break;
      runningJobs += 1;
      const requests = files.map(({ found }) => ({ filePath: found.filePath, expected: found.stamp }));
      ctx.pipe(pool.run('hashFiles', { files: requests, control: control.buffer }), (outcome) => ({
        type: 'hashed',
        files,
        outcome,
      }));
    }
    const dueMs = queue.nextDueMs;
    if (dueMs !== undefined) ctx.timers.once('settled', Math.max(1, dueMs - now()), { type: 'settled' });
  }

  function hashed(files: readonly KnownFile[], outcome: Outcome<readonly HashOutcome[]>): void {
    runningJobs -= 1;
    queue.release(files);
    if (runningJobs === 0) accountedBytes = control.hashedBytes;
    const outcomes = outcome.ok ? outcome.value : files.map(() => threadLost);
    const contents = outcomes.flatMap((each) => (each.ok ? [each.value] : []));
    const problem = attempt(() => cache.putAll(contents));
    for (const [index, file] of files.entries()) {
      const each = problem ? { ok: false as const, problem } : outcomes[index];
      if (each && table.has(file)) conclude(file, each);
    }
    startJobs();
  }

  function conclude(file: KnownFile, outcome: HashOutcome): void {
    if (outcome.ok) {
      queue.succeeded(file);
      if (sameStamp(outcome.value.stamp, file.found.stamp)) table.publish(file, outcome.value.id);
      else queue.remains(file, now());
      return;
    }
    const { problem } = outcome;
    const isPassing = problem.code === 'stale' || problem.code === 'not-found' || problem.code === 'internal';
    if (isPassing) lookAgainAt(file);
    const isRetried = queue.failed(file, now());
    if (!isPassing || !isRetried) skip(pathOf(file), problem);
  }

  function lookAgainAt({ found }: KnownFile): void {
    watcher.mark(found.place, found.name);
  }

  function skip(path: string, problem: Problem, walk?: number): void {
    outbox.skip({ path, problem }, walk);
    scheduleFlush();
  }

  /** Runs something on the database; what goes wrong there must not stop sharing. */
  function attempt(work: () => void): Problem | undefined {
    try {
      work();
      return undefined;
    } catch (error) {
      const problem = sqliteProblem(error);
      skip('/', problem);
      return problem;
    }
  }

  function scheduleFlush(): void {
    if (isFlushScheduled || outbox.isEmpty) return;
    isFlushScheduled = true;
    ctx.timers.once('flush', timing.shareFlushMs, { type: 'flush' });
  }

  function flush(): void {
    isFlushScheduled = false;
    outbox.flush(attempt);
    if (outbox.isEmpty) return;
    isFlushScheduled = true;
    ctx.timers.once('flush', outbox.isRefused ? noticeRetryMs : 1, { type: 'flush' });
  }

  function scheduleRescan(): void {
    let intervalMs = timing.rescanIntervalMs;
    if (!watcher.isComplete) intervalMs = Math.min(intervalMs, unwatchedRescanIntervalMs);
    if (isShareMissing) intervalMs = Math.min(intervalMs, missingShareRescanMs);
    ctx.timers.once('rescan', intervalMs * (0.9 + 0.2 * random()), { type: 'rescan' });
  }

  function stats(): LibraryStats {
    const { files, bytes } = queue.outstanding;
    const hashedBytes = runningJobs === 0 ? 0 : control.hashedBytes - accountedBytes;
    return {
      files: table.root.publishedFiles,
      bytes: table.root.publishedBytes,
      hashing: { files, bytes: Math.max(0, bytes - hashedBytes) },
      scanned: outbox.isScanned,
      skipped: outbox.skipped,
      watching: watcher.isComplete,
    };
  }

  function manifest(id: ContentId): ReturnType<HashCache['manifest']> {
    return table.withContent(id).size > 0 ? cache.manifest(id) : undefined;
  }

  look();
  return {
    receive(message) {
      switch (message.type) {
        case 'look':
          look();
          return;
        case 'walked':
          if (!message.outcome.ok) throw message.outcome.error;
          walked(message.outcome.value);
          return;
        case 'settled':
          startJobs();
          return;
        case 'hashed':
          hashed(message.files, message.outcome);
          return;
        case 'flush':
          flush();
          return;
        case 'rescan':
          isFullWalkWanted = true;
          look();
          return;
        case 'open': {
          const { id, replyTo } = message;
          const files = [...table.withContent(id)].slice(0, maxOpenAttempts);
          if (files.length === 0) replyTo.reply(notShared);
          else ctx.pipe(openFirst(files), (outcome) => ({ type: 'opened', id, outcome, replyTo }));
          return;
        }
        case 'opened': {
          if (!message.outcome.ok) throw message.outcome.error;
          const { content, changed } = message.outcome.value;
          message.replyTo.reply(content ? ok(content) : fail('stale', 'The file has changed'));
          for (const file of changed) lookAgainAt(file);
          return;
        }
        case 'manifest': {
          const found = manifest(message.id);
          message.replyTo.reply(found ? ok(found) : notShared);
          return;
        }
        case 'list':
          message.replyTo.reply(listPage(table, message));
          return;
        case 'share-state':
          message.replyTo.reply([...table.published()]);
          return;
        case 'subscribe':
          outbox.subscribe(message.ref);
          return;
        case 'unsubscribe':
          outbox.unsubscribe(message.ref);
          return;
        case 'stale': {
          const files = [...table.withContent(message.id)];
          attempt(() => cache.forget(files.map(({ found }) => found.stamp)));
          for (const file of files) {
            table.unpublish(file);
            queue.remains(file, now());
            lookAgainAt(file);
          }
          startJobs();
          return;
        }
        case 'adopt': {
          const { filePath, id, manifest, stamp } = message;
          attempt(() => cache.putAll([{ stamp, id, manifest }]));
          for (const place of placesOfFile(shares, filePath)) watcher.mark(place, path.basename(filePath));
          return;
        }
        case 'stats':
          message.replyTo.reply(stats());
          return;
      }
    },
    stopped() {
      control.cancel();
      watcher.close();
      void walk?.batches.return(undefined);
    },
  };
});

const watchLimitMessage =
  'The system watches no more folders (see fs.inotify.max_user_watches): changes are found by scanning';
const notShared = fail('not-shared', 'It is not shared here');
const threadLost: HashOutcome = fail('internal', 'Its hash job was lost');

/** The first of these files that is still as it was, and those before it that are not. */
async function openFirst(files: readonly KnownFile[]): Promise<Opened> {
  const changed: KnownFile[] = [];
  for (const file of files) {
    const { filePath, stamp } = file.found;
    const stats = await lstat(filePath, { bigint: true }).catch(() => undefined);
    if (stats?.isFile() && sameStamp(stampOf(stats), stamp)) {
      const { sizeBytes } = stamp;
      const pieceLength = pieceLengthFor(sizeBytes);
      return { content: { filePath, sizeBytes, pieceLength, stamp }, changed };
    }
    changed.push(file);
  }
  return { content: undefined, changed };
}
