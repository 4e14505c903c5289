/**
 * What this peer shares: finds the files, has them hashed, publishes them under their content ids, and keeps
 * all of that true while the disk changes. One walk over the disk at a time, hash jobs beside it.
 * Invariant: a file is published only under the content that it had with the stamp that it was last seen with.
 */
import { lstat } from 'node:fs/promises';
import path from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import type { EngineEvent, ShareView } from '../../core/engine-api.ts';
import { sameStamp, stampOf } from '../../core/file-stamp.ts';
import type { ContentId } from '../../core/ids.ts';
import {
  fileSettleMs,
  firstHashesMs,
  hashCommitMs,
  jobYoungGenerationMb,
  maxLibraryFiles,
  maxOpenAttempts,
  missingShareProbeMs,
  noticeRetryMs,
  rescanIntervalMs,
  scanRetryMs,
  scanThreadIdleMs,
  shareFlushMs,
  shareViewMs,
  unwatchedRescanIntervalMs,
  watchDebounceMs,
} from '../../core/limits.ts';
import { pieceLengthFor } from '../../core/piece-length.ts';
import { pathIn, type Place } from '../../core/place.ts';
import { fail, ok, type Problem, type Result } from '../../core/result.ts';
import type { SentBook } from '../../core/sent-book.ts';
import { threadFile } from '../../core/thread-file.ts';
import { sqliteProblem } from '../../profile/database.ts';
import { HashCache } from '../../profile/hash-cache.ts';
import { ShareIndex } from '../../profile/share-index.ts';
import type { FoundFiles, HashJobs, HashOutcome, ScanJobs, ScanOutput } from '../../workers/contract.ts';
import { createPool, type Pool } from '../../workers/pool.ts';
import { actor, type ActorRef, type Outcome, type ReplyTo } from '../runtime/index.ts';
import type { LibraryCommand, LibraryStats, OpenContent } from './library-messages.ts';
import type { Outstanding } from './hash-queue.ts';
import type { KnownFile } from './known-file.ts';
import type { ShareFolders } from './share-folders.ts';
import { ShareHasher } from './share-hasher.ts';
import { listPage, shareEntries } from './share-listing.ts';
import { ShareOutbox } from './share-outbox.ts';
import { placesOfFile } from './share-places.ts';
import { ShareStatus } from './share-status.ts';
import { ShareTable } from './share-table.ts';
import { ShareWalk } from './share-walk.ts';
import { ShareWatcher } from './share-watcher.ts';

export interface LibraryTiming {
  readonly rescanIntervalMs: number;
  readonly watchDebounceMs: number;
  readonly fileSettleMs: number;
  readonly shareFlushMs: number;
  readonly shareViewMs: number;
}

export interface LibraryArgs {
  /** What is shared, and what was sent of it: both outlive the restarts of this actor. */
  readonly folders: ShareFolders;
  readonly sent: SentBook;
  readonly database: DatabaseSync;
  readonly pool: Pool<HashJobs>;
  /** Where shares are scanned; default: a pool of one thread that the library makes and ends itself. */
  readonly scanner?: Pool<ScanJobs>;
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
  | { readonly type: 'looked'; readonly outcome: Outcome<ScanOutput> }
  | { readonly type: 'probe' }
  | { readonly type: 'settled' }
  | { readonly type: 'commit' }
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
  | {
      readonly type: 'checked';
      readonly outcome: Outcome<Result<string>>;
      readonly replyTo: ReplyTo<Result<void>>;
    }
  | { readonly type: 'flush' | 'patience' | 'views' };

const defaultTiming: LibraryTiming = {
  rescanIntervalMs,
  watchDebounceMs,
  fileSettleMs,
  shareFlushMs,
  shareViewMs,
};
/** The number of no walk: what only it found is nothing. */
const noWalk = 0;

export const libraryActor = actor<LibraryMessage, LibraryArgs>('library', (ctx, args) => {
  const { pool, now = Date.now, random = Math.random } = args;
  const timing = { ...defaultTiming, ...args.timing };
  const { folders, sent } = args;
  const status = new ShareStatus();
  const cache = new HashCache(args.database);
  const scanner = args.scanner ?? createScanner();
  const hasher = new ShareHasher(pool, timing.fileSettleMs);
  const outbox = new ShareOutbox(args.observer, new ShareIndex(args.database), (path) =>
    table.isPublished(path),
  );
  const table = new ShareTable(
    (change) => {
      outbox.changed(change);
      scheduleFlush();
      scheduleViews();
    },
    (file) => {
      hasher.queue.forget(file);
      outbox.unskip(file.path);
    },
  );
  const watcher = new ShareWatcher({
    onDirty: () => ctx.timers.once('look', timing.watchDebounceMs, { type: 'look' }),
    onLimit: () => {
      for (const { path } of folders.places) skip(path, watchLimit);
    },
  });

  let walk: ShareWalk | undefined;
  let walks = 0;
  let isFullWalkWanted = true;
  let isFirstWalkOver = false;
  let isFlushScheduled = false;
  let isCommitScheduled = false;
  let areViewsScheduled = false;

  /** Begins a walk, unless one is under way: over everything when that is wanted, else over what has changed. */
  function look(): void {
    if (walk) return;
    const changed = watcher.takeDirty();
    const targets = isFullWalkWanted ? folders.places.map((place) => ({ place, name: undefined })) : changed;
    if (targets.length === 0 && !isFullWalkWanted) return;
    walks += 1;
    walk = new ShareWalk(walks, isFullWalkWanted, targets);
    isFullWalkWanted = false;
    step(walk);
  }

  function step(current: ShareWalk): void {
    const targets = current.next();
    if (targets.length === 0) return endWalk(current);
    for (const { place, name } of targets) {
      if (name !== undefined) continue;
      if (!folders.has(place)) continue;
      watcher.enter(place, current.number);
      status.found(place);
    }
    ctx.pipe(scanner.run('lookAt', targets), (outcome) => ({ type: 'looked', outcome }));
  }

  function looked(current: ShareWalk, outcome: Outcome<ScanOutput>): void {
    if (!outcome.ok) {
      walk = undefined;
      isFullWalkWanted = true;
      ctx.timers.once('look', scanRetryMs, { type: 'look' });
      return;
    }
    const { found, skipped, folders: below, read } = outcome.value;
    for (const { path, problem } of skipped) {
      const share = folders.places.find((place) => place.path === path);
      if (share) status.failed(share, problem);
      skip(path, problem, current.number);
    }
    for (const place of read) if (folders.has(place)) table.seeFolder(place, current.number);
    publishKnown(found.flatMap((files) => (folders.has(files.place) ? see(files, current.number) : [])));
    startJobs();
    current.add(below.filter((place) => folders.has(place)));
    scheduleViews();
    step(current);
  }

  function endWalk({ number, isFull, targets }: ShareWalk): void {
    walk = undefined;
    for (const { place, name } of targets) {
      table.sweep(name === undefined ? place.path : pathIn(place, name), number);
      watcher.sweep(number, name === undefined ? place.path : `${pathIn(place, name)}/`);
      if (name !== undefined || !folders.places.includes(place)) continue;
      status.scanned(place, now());
      if (!status.isMissing(place)) outbox.unskip(place.path);
    }
    scheduleViews();
    if (folders.places.some((share) => status.isMissing(share)))
      ctx.timers.once('probe', missingShareProbeMs, { type: 'probe' });
    if (isFull) {
      watcher.sweep(number);
      outbox.forgetSkipped(number);
      if (!isFirstWalkOver) {
        isFirstWalkOver = true;
        attempt(() => cache.prune());
        ctx.timers.once('patience', firstHashesMs, { type: 'patience' });
      }
      noteScanned();
      scheduleRescan();
    }
    look();
  }

  /** The share counts as scanned when it has been hashed too, unless that takes long. */
  function noteScanned(isOutOfPatience = false): void {
    if (!isFirstWalkOver || outbox.isScanned) return;
    if (!isOutOfPatience && hasher.queue.size > 0) return;
    outbox.scanned();
    scheduleFlush();
  }

  /** Takes note of the files of one folder; gives those whose content is not known. */
  function see({ place, files }: FoundFiles, number: number): readonly KnownFile[] {
    const unknown: KnownFile[] = [];
    for (const [index, sighting] of table.see(place, files, number).entries()) {
      if (sighting.kind === 'full') skip('/', tooManyFiles);
      else if (sighting.kind === 'taken') skip(pathIn(place, files[index]?.name ?? ''), sameName);
      else if (sighting.file.id === undefined) unknown.push(sighting.file);
      if (sighting.kind === 'new') hasher.queue.forget(sighting.file);
    }
    return unknown;
  }

  /** Publishes what the cache knows, and has the rest hashed. */
  function publishKnown(files: readonly KnownFile[]): void {
    if (files.length === 0) return;
    let ids: readonly (ContentId | undefined)[] = [];
    attempt(() => {
      ids = cache.findAll(files.map(({ stamp }) => stamp));
    });
    for (const [index, file] of files.entries()) {
      const id = ids[index];
      if (id === undefined) hasher.queue.remains(file, now());
      else table.publish(file, id);
    }
  }

  function startJobs(): void {
    for (let run = hasher.start(now()); run; run = hasher.start(now())) {
      const { files, outcomes } = run;
      ctx.pipe(outcomes, (outcome) => ({ type: 'hashed', files, outcome }));
    }
    const dueMs = hasher.queue.nextDueMs;
    if (dueMs !== undefined) ctx.timers.once('settled', Math.max(1, dueMs - now()), { type: 'settled' });
  }

  function hashed(files: readonly KnownFile[], outcome: Outcome<readonly HashOutcome[]>): void {
    hasher.ended(files, outcome);
    startJobs();
    if (hasher.isDue) {
      commit();
    } else if (!isCommitScheduled) {
      isCommitScheduled = true;
      ctx.timers.once('commit', hashCommitMs, { type: 'commit' });
    }
  }

  /** Writes down and publishes what was hashed: many files at once, because every time the disk has to be waited for. */
  function commit(): void {
    isCommitScheduled = false;
    const finished = hasher.takeFinished();
    const contents = finished.flatMap(({ outcome }) => (outcome.ok ? [outcome.value] : []));
    const problem = contents.length > 0 ? attempt(() => cache.putAll(contents)) : undefined;
    for (const { file, outcome } of finished)
      if (table.has(file)) conclude(file, problem && outcome.ok ? { ok: false, problem } : outcome);
    startJobs();
    noteScanned();
  }

  function conclude(file: KnownFile, outcome: HashOutcome): void {
    if (outcome.ok) {
      hasher.queue.succeeded(file);
      if (sameStamp(outcome.value.stamp, file.stamp)) table.publish(file, outcome.value.id);
      else hasher.queue.remains(file, now());
      return;
    }
    const { problem } = outcome;
    const isPassing = problem.code === 'stale' || problem.code === 'not-found' || problem.code === 'internal';
    if (isPassing) lookAgainAt(file);
    const isRetried = hasher.queue.failed(file, now());
    if (!isPassing || !isRetried) skip(file.path, problem);
  }

  function lookAgainAt({ place, diskName }: KnownFile): void {
    watcher.mark(place, diskName);
  }

  function skip(path: string, problem: Problem, walk?: number): void {
    outbox.skip({ path, problem }, walk);
    scheduleFlush();
    scheduleViews();
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
    ctx.timers.once('rescan', intervalMs * (0.9 + 0.2 * random()), { type: 'rescan' });
  }

  function stats(): LibraryStats {
    return {
      files: table.root.publishedFiles,
      bytes: table.root.publishedBytes,
      hashing: hasher.outstanding,
      scanned: outbox.isScanned,
      skipped: outbox.skipped,
      watching: watcher.isComplete,
    };
  }

  function openLikely(id: ContentId): Result<OpenContent> {
    const [file] = table.withContent(id);
    return file ? ok(openContentOf(file)) : notShared;
  }

  /** A folder that is not shared is no reason to look. */
  function rescan(folder: string | undefined): void {
    const share = folder === undefined ? undefined : folders.find(folder);
    if (folder !== undefined && !share) return;
    for (const place of share ? [share] : folders.places) status.scanning(place);
    if (share) watcher.mark(share, undefined);
    else isFullWalkWanted = true;
    scheduleViews();
    look();
  }

  function addShare(checked: Result<string>): Result<void> {
    const added = checked.ok ? folders.add(checked.value) : checked;
    if (!added.ok) return added;
    attempt(() => folders.remember(added.value.root));
    watcher.mark(added.value, undefined);
    scheduleViews();
    return ok(undefined);
  }

  function removeShare(folder: string): Result<void> {
    const share = folders.remove(folder);
    if (!share) return fail('not-found', `It is not shared: ${folder}`);
    attempt(() => folders.forget(share.root));
    status.forget(share);
    watcher.sweep(noWalk, share.path);
    table.sweep(share.path, noWalk);
    outbox.unskipBelow(share.path);
    scheduleViews();
    return ok(undefined);
  }

  function views(): readonly ShareView[] {
    const byRoot = hasher.outstandingByRoot();
    const outstanding = ({ root }: Place): Outstanding => byRoot.get(root) ?? { files: 0, bytes: 0 };
    const problem = watcher.isComplete ? undefined : watchLimit;
    return folders.places.map((share) => status.viewOf(share, { table, outstanding, problem }));
  }

  /** At most two views a second, as long as something happens. */
  function scheduleViews(): void {
    if (areViewsScheduled) return;
    areViewsScheduled = true;
    ctx.timers.once('views', timing.shareViewMs, { type: 'views' });
  }

  function tellViews(): void {
    areViewsScheduled = false;
    const shares = views();
    args.observer.tell({ type: 'shares', shares });
    if (hasher.queue.size > 0) scheduleViews();
  }

  function manifest(id: ContentId): ReturnType<HashCache['manifest']> {
    return table.withContent(id).length > 0 ? cache.manifest(id) : undefined;
  }

  look();
  return {
    receive(message) {
      switch (message.type) {
        case 'look':
          look();
          return;
        case 'looked':
          if (walk) looked(walk, message.outcome);
          return;
        case 'patience':
          noteScanned(true);
          return;
        case 'probe':
          for (const place of folders.places) if (status.isMissing(place)) watcher.mark(place, undefined);
          return;
        case 'settled':
          startJobs();
          return;
        case 'hashed':
          hashed(message.files, message.outcome);
          return;
        case 'commit':
          commit();
          return;
        case 'flush':
          flush();
          return;
        case 'rescan':
          rescan(message.folder);
          return;
        case 'add-share':
          ctx.pipe(folders.check(message.folder), (outcome) => ({
            type: 'checked',
            outcome,
            replyTo: message.replyTo,
          }));
          return;
        case 'checked':
          if (!message.outcome.ok) throw message.outcome.error;
          message.replyTo.reply(addShare(message.outcome.value));
          return;
        case 'remove-share':
          message.replyTo.reply(removeShare(message.folder));
          return;
        case 'shares':
          message.replyTo.reply(views());
          return;
        case 'views':
          tellViews();
          return;
        case 'share-entries':
          message.replyTo.reply(shareEntries(table, message.path, sent));
          return;
        case 'sent':
          for (const part of message.parts) sent.add(part);
          return;
        case 'open': {
          const { id, replyTo } = message;
          const files = table.withContent(id).slice(0, maxOpenAttempts);
          if (files.length === 0) replyTo.reply(notShared);
          else ctx.pipe(openFirst(files), (outcome) => ({ type: 'opened', id, outcome, replyTo }));
          return;
        }
        case 'open-all':
          message.replyTo.reply(ok(message.ids.map(openLikely)));
          return;
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
          const files = table.withContent(message.id);
          attempt(() => cache.forget(files.map(({ stamp }) => stamp)));
          for (const file of files) {
            table.unpublish(file);
            hasher.queue.remains(file, now());
            lookAgainAt(file);
          }
          startJobs();
          return;
        }
        case 'adopt': {
          const { filePath, id, manifest, stamp } = message;
          attempt(() => cache.putAll([{ stamp, id, manifest }]));
          for (const place of placesOfFile(folders.places, filePath))
            watcher.mark(place, path.basename(filePath));
          return;
        }
        case 'adopt-all':
          attempt(() => cache.putAll(message.files));
          for (const { filePath } of message.files)
            for (const place of placesOfFile(folders.places, filePath))
              watcher.mark(place, path.basename(filePath));
          return;
        case 'stats':
          message.replyTo.reply(stats());
          return;
      }
    },
    stopped() {
      hasher.stop();
      watcher.close();
      return args.scanner ? undefined : scanner.destroy();
    },
  };
});

function createScanner(): Pool<ScanJobs> {
  return createPool<ScanJobs>({
    name: 'scan',
    filename: threadFile('../../workers/jobs/scan', import.meta.url),
    threads: 1,
    resourceLimits: { maxYoungGenerationSizeMb: jobYoungGenerationMb },
    idleTimeoutMs: scanThreadIdleMs,
  });
}

const watchLimit: Problem = {
  code: 'limit',
  message:
    'The system watches no more folders (see fs.inotify.max_user_watches): changes are found by scanning',
};
const tooManyFiles: Problem = { code: 'limit', message: `At most ${maxLibraryFiles} files can be shared` };
const sameName: Problem = {
  code: 'name-taken',
  message: 'A file beside it has the same name, spelled otherwise',
};
const notShared = fail('not-shared', 'It is not shared here');

/** The first of these files that is still as it was, and those before it that are not. */
async function openFirst(files: readonly KnownFile[]): Promise<Opened> {
  const changed: KnownFile[] = [];
  for (const file of files) {
    const { stamp } = file;
    const filePath = file.filePath;
    const stats = await lstat(filePath, { bigint: true }).catch(() => undefined);
    if (stats?.isFile() && sameStamp(stampOf(stats), stamp)) return { content: openContentOf(file), changed };
    changed.push(file);
  }
  return { content: undefined, changed };
}

function openContentOf(file: KnownFile): OpenContent {
  const { stamp } = file;
  const { sizeBytes } = stamp;
  return { filePath: file.filePath, sizeBytes, pieceLength: pieceLengthFor(sizeBytes), stamp };
}
