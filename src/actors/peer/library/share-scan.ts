/**
 * Walks over the shares, or over what has changed in them, and has the library take note of what it finds.
 * Invariant: one walk at a time; what changes meanwhile is for the next one.
 */
import {
  firstHashesMs,
  maxLibraryFiles,
  missingShareProbeMs,
  scanRetryMs,
  unwatchedRescanIntervalMs,
} from '../../../core/limits/library.ts';
import { pathIn } from '../../../core/share/place.ts';
import type { Problem } from '../../../core/result.ts';
import type { ScanJobs, ScanOutput } from '../../../workers/contract.ts';
import { filesOf, type FoundFiles } from '../../../workers/found-files.ts';
import type { Pool } from '../../../workers/pool.ts';
import type { Outcome } from '../../runtime/index.ts';
import type { KnownFile } from './known-file.ts';
import type { LibraryParts } from './library-parts.ts';
import type { SharePublisher } from './share-publisher.ts';
import { ShareWalk } from './share-walk.ts';

const tooManyFiles: Problem = { code: 'limit', message: `At most ${maxLibraryFiles} files can be shared` };
const sameName: Problem = {
  code: 'name-taken',
  message: 'A file beside it has the same name, spelled otherwise',
};

export class ShareScan {
  readonly #parts: LibraryParts;
  readonly #publisher: SharePublisher;
  readonly #scanner: Pool<ScanJobs>;
  readonly #random: () => number;
  #walk: ShareWalk | undefined;
  #walks = 0;
  #isFullWalkWanted = true;
  #isFirstWalkOver = false;

  constructor(parts: LibraryParts, publisher: SharePublisher, scanner: Pool<ScanJobs>, random: () => number) {
    this.#parts = parts;
    this.#publisher = publisher;
    this.#scanner = scanner;
    this.#random = random;
  }

  /** Whether everything there at start has been seen; what the cache knew of it is shared. */
  get isFirstWalkOver(): boolean {
    return this.#isFirstWalkOver;
  }

  /** Begins a walk, unless one is under way: over everything when that is wanted, else over what has changed. */
  look(): void {
    const { folders, watcher } = this.#parts;
    if (this.#walk) return;
    const changed = watcher.takeDirty();
    const targets = this.#isFullWalkWanted
      ? folders.places.map((place) => ({ place, name: undefined }))
      : changed;
    if (targets.length === 0 && !this.#isFullWalkWanted) return;
    this.#walks += 1;
    this.#walk = new ShareWalk(this.#walks, this.#isFullWalkWanted, targets);
    this.#isFullWalkWanted = false;
    if (!this.#step(this.#walk)) this.#endWalk(this.#walk);
  }

  /** Has the next part looked at. False when nothing is left. */
  #step(current: ShareWalk): boolean {
    const { ctx, folders, status, watcher } = this.#parts;
    const targets = current.next();
    if (targets.length === 0) return false;
    for (const { place, name } of targets) {
      if (name !== undefined) continue;
      if (!folders.has(place)) continue;
      watcher.enter(place, current.number);
      status.found(place);
    }
    ctx.pipe(this.#scanner.run('lookAt', targets), (outcome) => ({ type: 'looked', outcome }));
    return true;
  }

  looked(outcome: Outcome<ScanOutput>): void {
    const current = this.#walk;
    if (!current) return;
    const { ctx, folders, news, status, table } = this.#parts;
    if (!outcome.ok) {
      this.#walk = undefined;
      this.#isFullWalkWanted = true;
      ctx.timers.once('look', scanRetryMs, { type: 'look' });
      return;
    }
    const { found, skipped, folders: below, read, left } = outcome.value;
    current.add(below.filter((place) => folders.has(place)));
    current.putBack(left);
    // The next part is looked at while we deal with this one.
    const goesOn = this.#step(current);
    for (const { path, problem } of skipped) {
      const share = folders.places.find((place) => place.path === path);
      if (share) status.failed(share, problem);
      news.skip(path, problem, current.number);
    }
    for (const place of read) if (folders.has(place)) table.seeFolder(place, current.number);
    this.#publisher.publishKnown(
      found.flatMap((files) => (folders.has(files.place) ? this.#see(files, current.number) : [])),
    );
    this.#publisher.startJobs();
    news.scheduleViews();
    if (!goesOn) this.#endWalk(current);
  }

  #endWalk({ number, isFull, targets }: ShareWalk): void {
    const { cache, ctx, folders, news, now, outbox, status, table, watcher } = this.#parts;
    this.#walk = undefined;
    for (const { place, name } of targets) {
      table.sweep(name === undefined ? place.path : pathIn(place, name), number);
      watcher.sweep(number, name === undefined ? place.path : `${pathIn(place, name)}/`);
      if (name !== undefined || !folders.places.includes(place)) continue;
      status.scanned(place, now());
      if (!status.isMissing(place)) outbox.unskip(place.path);
    }
    news.scheduleViews();
    if (folders.places.some((share) => status.isMissing(share)))
      ctx.timers.once('probe', missingShareProbeMs, { type: 'probe' });
    if (isFull) {
      watcher.sweep(number);
      outbox.forgetSkipped(number);
      if (!this.#isFirstWalkOver) {
        this.#isFirstWalkOver = true;
        news.attempt(() => cache.prune());
        ctx.timers.once('patience', firstHashesMs, { type: 'patience' });
      }
      this.noteScanned();
      this.#scheduleRescan();
    }
    this.look();
  }

  /** The share counts as scanned when it has been hashed too, unless that takes long. */
  noteScanned(isOutOfPatience = false): void {
    const { hasher, news, outbox } = this.#parts;
    if (!this.#isFirstWalkOver || outbox.isScanned) return;
    if (!isOutOfPatience && hasher.queue.size > 0) return;
    outbox.scanned();
    news.scheduleFlush();
  }

  /** Takes note of the files of one folder; gives those whose content is not known. */
  #see(found: FoundFiles, number: number): readonly KnownFile[] {
    const { hasher, news, table } = this.#parts;
    const { place, names } = found;
    const unknown: KnownFile[] = [];
    for (const [index, sighting] of table.see(place, filesOf(found), number).entries()) {
      if (sighting.kind === 'full') news.skip('/', tooManyFiles);
      else if (sighting.kind === 'taken') news.skip(pathIn(place, names[index] ?? ''), sameName);
      else if (sighting.file.id === undefined) unknown.push(sighting.file);
      if (sighting.kind === 'new') hasher.queue.forget(sighting.file);
    }
    return unknown;
  }

  #scheduleRescan(): void {
    const { ctx, timing, watcher } = this.#parts;
    let intervalMs = timing.rescanIntervalMs;
    if (!watcher.isComplete) intervalMs = Math.min(intervalMs, unwatchedRescanIntervalMs);
    ctx.timers.once('rescan', intervalMs * (0.9 + 0.2 * this.#random()), { type: 'rescan' });
  }

  /** A folder that is not shared is no reason to look. */
  rescan(folder: string | undefined): void {
    const { folders, news, status, watcher } = this.#parts;
    const share = folder === undefined ? undefined : folders.find(folder);
    if (folder !== undefined && !share) return;
    for (const place of share ? [share] : folders.places) status.scanning(place);
    if (share) watcher.mark(share, undefined);
    else this.#isFullWalkWanted = true;
    news.scheduleViews();
    this.look();
  }

  /** Looks again for shares that were not there. */
  probe(): void {
    const { folders, status, watcher } = this.#parts;
    for (const place of folders.places) if (status.isMissing(place)) watcher.mark(place, undefined);
  }
}
