/**
 * What all downloads of a run came to, for its last line. Invariant: it counts what its reporter is told, and changes
 * nothing of it.
 */
import path from 'node:path';
import type { DownloadView } from '../../core/engine/engine-api.ts';
import type { ContentId } from '../../core/ids.ts';
import { maxRefusedIds } from '../../core/limits/cli.ts';
import { maxSmallFileBytes } from '../../core/limits/trees.ts';
import { formatSize } from '../../core/quantity.ts';
import { counted } from '../words.ts';
import type { DownloadOutcome, DownloadReporter, Progress } from './downloads.ts';
import type { RefusedFiles } from './full-disk.ts';
import type { WantedFile } from './get-target.ts';
import { isRenamed } from './outcome-lines.ts';

/** A reporter that counts on the way to another one. */
export class GetSummary implements DownloadReporter {
  readonly #reporter: DownloadReporter;
  readonly #now: () => number;
  readonly #startedMs: number;
  #verified = 0;
  #failed = 0;
  #sizeBytes = 0;
  #fetchedBytes = 0;
  #copied = 0;
  #renamed: { count: number; readonly example: string } | undefined;
  #refusedBytes = 0;
  /** What has begun and not ended: folders by their transfer, the files beside them by their place. */
  readonly #under = new Map<string | number, DownloadView>();
  readonly #refusedIds: ContentId[] = [];

  constructor(reporter: DownloadReporter, now: () => number) {
    this.#reporter = reporter;
    this.#now = now;
    this.#startedMs = now();
  }

  /** How many files have come to their end. */
  get files(): number {
    return this.#verified + this.#failed;
  }

  /** Files that failed because of a full disk: their sizes, as far as they are known, and which may lie there in part. */
  get refused(): RefusedFiles {
    return { sizeBytes: this.#refusedBytes, ids: this.#refusedIds };
  }

  /**
   * How many of them are here and right, how large they are, where, and how long it took. `missing`: how many more
   * were asked for that nobody was found to share, and folders of which not all could be had.
   */
  line(place: string, missing = { files: 0, folders: 0 }): string {
    const { folders } = missing;
    const more = folders === 0 ? '' : `; ${counted(folders, 'folder')} could not be had`;
    return this.#filesLine(place, missing.files) + more + this.#renamedWords();
  }

  /** How much of what has not ended is on the disk; undefined while nothing is. */
  kept(): string | undefined {
    let [doneBytes, sizeBytes] = [0, 0];
    for (const view of this.#under.values()) {
      doneBytes += view.doneBytes;
      sizeBytes += view.sizeBytes ?? 0;
    }
    if (doneBytes === 0 || sizeBytes < doneBytes) return undefined;
    return `${Math.floor((doneBytes * 100) / sizeBytes)} % of ${formatSize(sizeBytes)} is kept`;
  }

  #renamedWords(): string {
    if (!this.#renamed) return '';
    const { count, example } = this.#renamed;
    return `; ${count} ${count === 1 ? 'name was' : 'names were'} changed, such as ${example}`;
  }

  #filesLine(place: string, missing: number): string {
    const seconds = (this.#now() - this.#startedMs) / 1000;
    const fetched = this.#fetchedBytes;
    const head = `${this.#verified} of ${this.files + missing} files verified in ${place}`;
    if (this.#verified === 0) return `${head}: all of them failed`;
    const size = `${head}: ${formatSize(this.#sizeBytes)}`;
    const copied = this.#copied === 0 ? '' : `, ${counted(this.#copied, 'file')} copied from others here`;
    if (fetched === 0 && this.#sizeBytes > 0) {
      if (this.#copied === 0) return `${size}, all of it was already here`;
      return this.#copied === this.#verified
        ? `${size}, all of it copied from other files here`
        : `${size}, nothing fetched${copied}`;
    }
    const resumed = fetched < this.#sizeBytes ? ` (${formatSize(fetched)} fetched now${copied})` : '';
    const speed = seconds > 0 && fetched > 0 ? `, ${formatSize(fetched / seconds)}/s` : '';
    return `${size}${resumed} in ${seconds.toFixed(1)} s${speed}`;
  }

  begin(files: number, sizeBytes: number): void {
    this.#reporter.begin(files, sizeBytes);
  }

  progress(progress: Progress): void {
    const { file, view } = progress;
    if (file === undefined) this.#under.set(view.transfer, view);
    // What is here of a file of a folder is here of the folder.
    else if (!this.#under.has(view.transfer)) this.#under.set(placeOf(file), view);
    this.#reporter.progress(progress);
  }

  outcome(...outcomes: readonly DownloadOutcome[]): void {
    for (const outcome of outcomes) {
      this.#under.delete(placeOf(outcome.file));
      if (!outcome.ok) {
        this.#failed += 1;
        if (outcome.problem.code === 'disk-full') this.#refuse(outcome.file);
      } else {
        this.#verified += 1;
        this.#sizeBytes += outcome.sizeBytes;
        this.#fetchedBytes += outcome.fetchedBytes;
        if (outcome.isCopy === true) this.#copied += 1;
        this.#noteName(outcome);
      }
    }
    this.#reporter.outcome(...outcomes);
  }

  #refuse({ sizeBytes = 0, target: { id } }: WantedFile): void {
    this.#refusedBytes += sizeBytes;
    if (sizeBytes > maxSmallFileBytes && this.#refusedIds.length < maxRefusedIds) this.#refusedIds.push(id);
  }

  #noteName(outcome: Extract<DownloadOutcome, { ok: true }>): void {
    if (!isRenamed(outcome)) return;
    const example = `${outcome.file.target.name} to ${path.basename(outcome.path)}`;
    this.#renamed ??= { count: 0, example };
    this.#renamed.count += 1;
  }

  folderOver(transfer: number): void {
    this.#under.delete(transfer);
    this.#reporter.folderOver(transfer);
  }

  close(): Promise<void> {
    return this.#reporter.close();
  }
}

/** One file has one place. */
const placeOf = ({ target: { id, folders, name } }: WantedFile): string => [id, ...folders, name].join('/');
