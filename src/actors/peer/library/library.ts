/**
 * What this peer shares: finds the files, has them hashed, publishes them under their content ids, and keeps
 * all of that true while the disk changes. One walk over the disk at a time, hash jobs beside it.
 * Invariant: a file is published only under the content that it had with the stamp that it was last seen with.
 */
import path from 'node:path';
import type { ShareView } from '../../../core/engine/engine-api.ts';
import type { ContentId } from '../../../core/ids.ts';
import { maxOpenAttempts, scanThreadIdleMs, startOverMs } from '../../../core/limits/library.ts';
import { jobYoungGenerationMb } from '../../../core/limits/presence.ts';
import type { Place } from '../../../core/share/place.ts';
import { fail, ok, type Result } from '../../../core/result.ts';
import { notShared, staleFile } from '../../../core/share/share-problems.ts';
import { threadFile } from '../../../core/thread-file.ts';
import { HashCache } from '../../../profile/hash-cache.ts';
import { ShareIndex } from '../../../profile/share-index.ts';
import type { ScanJobs } from '../../../workers/contract.ts';
import { createPool, type Pool } from '../../../workers/pool.ts';
import { actor } from '../../runtime/index.ts';
import type { Outstanding } from './hash-queue.ts';
import type { LibraryStats, OpenContent } from './library-messages.ts';
import { defaultTiming, watchLimit, type LibraryArgs, type LibraryMessage } from './library-parts.ts';
import { ShareHasher } from './share-hasher.ts';
import { listPage, shareEntries } from './share-listing.ts';
import { ShareNews } from './share-news.ts';
import { openContentOf, openFirst } from './share-opening.ts';
import { ShareOutbox } from './share-outbox.ts';
import { placesOfFile } from './share-places.ts';
import { SharePublisher } from './share-publisher.ts';
import { ShareScan } from './share-scan.ts';
import { ShareStatus } from './share-status.ts';
import { ShareTable } from './share-table.ts';
import { ShareWatcher } from './share-watcher.ts';

/** The number of no walk: what only it found is nothing. */
const noWalk = 0;
/** What a visitor hears before the first walk is over: whoever is told that something is not shared stays away for long. */
const looking = fail('busy', 'The share is still being looked through');

export const libraryActor = actor<LibraryMessage, LibraryArgs>('library', (ctx, args) => {
  const { pool, observer, folders, sent, now = Date.now, random = Math.random } = args;
  const timing = { ...defaultTiming, ...args.timing };
  const status = new ShareStatus();
  const cache = new HashCache(args.database);
  const scanner = args.scanner ?? createScanner();
  const hasher = new ShareHasher(pool, timing.fileSettleMs);
  const index = new ShareIndex(args.database);
  const outbox = new ShareOutbox(observer, index, {
    at: (path) => table.publishedAt(path),
    files: () => table.published(),
    get size() {
      return table.root.publishedFiles;
    },
  });
  const isWorking = (): boolean => hasher.queue.size > 0;
  const news = new ShareNews({ timers: ctx.timers, timing, observer, outbox, views, isWorking });
  const table = new ShareTable(
    (change) => {
      outbox.changed(change);
      news.changed();
      if (change.kind === 'removed') args.revocations?.revoke();
    },
    (file) => {
      hasher.queue.forget(file);
      outbox.unskip(file.path);
    },
  );
  const watcher = new ShareWatcher({
    onDirty: () => ctx.timers.once('look', timing.watchDebounceMs, { type: 'look' }),
    onLimit: () => {
      for (const { path } of folders.places) news.skip(path, watchLimit);
    },
  });
  const parts = { ctx, timing, now, folders, status, cache, hasher, outbox, table, watcher, news };
  const publisher = new SharePublisher(parts, () => scan.noteScanned());
  const scan = new ShareScan(parts, publisher, scanner, random);

  function noteRoots(): void {
    news.attempt(() => index.setRoots(folders.places));
  }

  function addShare(checked: Result<string>): Result<void> {
    const added = checked.ok ? folders.add(checked.value) : checked;
    if (!added.ok) return added;
    news.attempt(() => folders.remember(added.value.root));
    noteRoots();
    watcher.mark(added.value, undefined);
    news.scheduleViews();
    return ok(undefined);
  }

  function removeShare(folder: string): Result<void> {
    const share = folders.remove(folder);
    if (!share) return fail('not-found', `It is not shared: ${folder}`);
    news.attempt(() => folders.forget(share.root));
    noteRoots();
    status.forget(share);
    watcher.sweep(noWalk, share.path);
    table.sweep(share.path, noWalk);
    outbox.unskipBelow(share.path);
    news.scheduleViews();
    return ok(undefined);
  }

  function views(): readonly ShareView[] {
    const byRoot = hasher.outstandingByRoot();
    const outstanding = ({ root }: Place): Outstanding => byRoot.get(root) ?? { files: 0, bytes: 0 };
    const problem = watcher.isComplete ? undefined : watchLimit;
    return folders.places.map((share) => status.viewOf(share, { table, outstanding, problem }));
  }

  function openLikely(id: ContentId): Result<OpenContent> {
    const [file] = table.withContent(id);
    return file ? ok(openContentOf(file)) : notFound(id);
  }

  function notFound(id: ContentId): Result<never> {
    if (!scan.isFirstWalkOver) return looking;
    return publisher.isUnsure(id) ? staleFile : notShared;
  }

  function manifest(id: ContentId): ReturnType<HashCache['manifest']> {
    return table.withContent(id).length > 0 ? cache.manifest(id) : undefined;
  }

  /** Something was put into a share by ourselves: it is looked at without waiting for the watch. */
  function lookAt(filePath: string): void {
    for (const place of placesOfFile(folders.places, filePath)) watcher.mark(place, path.basename(filePath));
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

  noteRoots();
  scan.look();
  return {
    receive(message) {
      switch (message.type) {
        case 'look':
          scan.look();
          return;
        case 'looked':
          scan.looked(message.outcome);
          return;
        case 'patience':
          scan.noteScanned(true);
          return;
        case 'probe':
          scan.probe();
          return;
        case 'settled':
          publisher.startJobs();
          return;
        case 'hashed':
          publisher.hashed(message.run, message.outcome);
          return;
        case 'commit':
          publisher.commit();
          return;
        case 'flush':
          if (news.flush()) ctx.timers.once('start-over', startOverMs, { type: 'start-over' });
          return;
        case 'start-over':
          args.onSettled?.();
          return;
        case 'rescan':
          scan.rescan(message.folder);
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
          news.tellViews();
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
          if (files.length === 0) replyTo.reply(notFound(id));
          else ctx.pipe(openFirst(files), (outcome) => ({ type: 'opened', id, outcome, replyTo }));
          return;
        }
        case 'open-all':
          message.replyTo.reply(ok(message.ids.map(openLikely)));
          return;
        case 'opened': {
          if (!message.outcome.ok) throw message.outcome.error;
          const { content, changed } = message.outcome.value;
          message.replyTo.reply(content ? ok(content) : staleFile);
          for (const file of changed) publisher.lookAgainAt(file);
          return;
        }
        case 'manifest': {
          const found = manifest(message.id);
          message.replyTo.reply(found ? ok(found) : notFound(message.id));
          return;
        }
        case 'list':
          // A part of a folder would be taken for the whole.
          message.replyTo.reply(scan.isFirstWalkOver ? listPage(table, message) : looking);
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
        case 'stale':
          publisher.stale(message.id);
          return;
        case 'adopt': {
          const { filePath, id, manifest, stamp } = message;
          news.attempt(() => cache.putAll([{ stamp, id, manifest }]));
          lookAt(filePath);
          return;
        }
        case 'adopt-all':
          news.attempt(() => cache.putAll(message.files));
          for (const { filePath } of message.files) lookAt(filePath);
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
    filename: threadFile('../../../workers/jobs/scan', import.meta.url),
    threads: 1,
    resourceLimits: { maxYoungGenerationSizeMb: jobYoungGenerationMb },
    idleTimeoutMs: scanThreadIdleMs,
  });
}
