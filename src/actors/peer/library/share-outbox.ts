/**
 * Carries what changes about the share to those who want to know: subscribers in batches, the observer event by
 * event, the index on the disk. Invariant: each learns every change, in order, but a change that was undone
 * before it was told; and nothing waits here but the present difference and one batch of events.
 */
import type { SharedFile, VirtualPath } from '../../../core/catalogue.ts';
import type { EngineEvent } from '../../../core/engine/engine-api.ts';
import { maxNoticeRetries, maxSkippedNotes, shareBatchFiles } from '../../../core/limits/library.ts';
import type { Problem } from '../../../core/result.ts';
import type { SharedFiles } from '../../../profile/share-index.ts';
import type { Skipped } from '../../../workers/contract.ts';
import type { ActorRef } from '../../runtime/index.ts';
import { plainFile } from './known-file.ts';
import type { ShareChange } from './library-messages.ts';
import type { TableChange } from './share-table.ts';

/** Where the share is written down; a failure to write is the caller's to report. */
export interface IndexWriter {
  reconcile(shared: SharedFiles): void;
  update(removed: readonly string[], added: readonly SharedFile[]): void;
}

interface Difference {
  removed: SharedFile | undefined;
  added: SharedFile | undefined;
  /** See `TableChange`. */
  isKnown: boolean;
}

export class ShareOutbox {
  readonly #observer: ActorRef<EngineEvent>;
  readonly #index: IndexWriter;
  readonly #subscribers = new Map<string, ActorRef<ShareChange>>();
  readonly #pending = new Map<VirtualPath, Difference>();
  readonly #shared: SharedFiles;
  /** What was said about files that are not shared, and the walk that last found it so. */
  readonly #skipped = new Map<VirtualPath, { readonly reason: string; readonly walk: number }>();
  #events: EngineEvent[] = [];
  #retries = 0;
  #isScanned = false;
  #isScanTold = false;
  /**
   * `unread`: what an earlier life has left in it has not been compared with the share yet. `behind`: something could
   * not be written, so that it is compared again.
   */
  #indexState: 'unread' | 'behind' | 'same' = 'unread';

  /** `shared`: what the index is to hold, once everything has been looked at. */
  constructor(observer: ActorRef<EngineEvent>, index: IndexWriter, shared: SharedFiles) {
    this.#observer = observer;
    this.#index = index;
    this.#shared = shared;
  }

  /** Whether there is anything to tell. */
  get isEmpty(): boolean {
    return (
      this.#pending.size === 0 &&
      this.#events.length === 0 &&
      (!this.#isScanned || this.#indexState !== 'unread')
    );
  }

  /** Whether the observer has no room at the moment. */
  get isRefused(): boolean {
    return this.#events.length > 0;
  }

  /** Whether the index misses something that no change will bring. */
  get isIndexBehind(): boolean {
    return this.#indexState === 'behind';
  }

  get isScanned(): boolean {
    return this.#isScanned;
  }

  get isScanTold(): boolean {
    return this.#isScanTold;
  }

  get skipped(): number {
    return this.#skipped.size;
  }

  subscribe(ref: ActorRef<ShareChange>): void {
    this.#subscribers.set(ref.path, ref);
    if (this.#isScanTold) ref.tell({ type: 'share-scanned' });
  }

  unsubscribe(ref: ActorRef<ShareChange>): void {
    this.#subscribers.delete(ref.path);
  }

  changed(change: TableChange): void {
    const { kind, file } = change;
    const { path } = file;
    const difference = this.#pending.get(path) ?? { removed: undefined, added: undefined, isKnown: false };
    if (kind === 'added') {
      difference.added = file;
      difference.isKnown = change.isKnown;
    } else if (difference.added) difference.added = undefined;
    else difference.removed = file;
    const { removed, added } = difference;
    const isUndone = removed?.id === added?.id && removed?.sizeBytes === added?.sizeBytes;
    if (isUndone) this.#pending.delete(path);
    else this.#pending.set(path, difference);
    if (kind === 'added') this.#skipped.delete(path);
  }

  /** Tells the observer that a file is not shared, once for each reason. `walk`: see `forgetSkipped`. */
  skip({ path, problem }: Skipped, walk = Infinity): void {
    const reason = `${problem.code} ${problem.message}`;
    const known = this.#skipped.get(path);
    if (!known && this.#skipped.size >= maxSkippedNotes) return;
    this.#skipped.set(path, { reason, walk });
    if (known?.reason !== reason) this.#events.push({ type: 'skipped', path, problem });
  }

  /** A file that is shared or gone is no longer skipped. */
  unskip(path: VirtualPath): void {
    this.#skipped.delete(path);
  }

  /** The same of everything at and below a folder. */
  unskipBelow(folder: VirtualPath): void {
    for (const path of this.#skipped.keys()) if (path.startsWith(folder)) this.#skipped.delete(path);
  }

  /** After a full walk: what it did not find skipped, no walk before it counts any more. */
  forgetSkipped(walk: number): void {
    for (const [path, note] of this.#skipped) if (note.walk < walk) this.#skipped.delete(path);
  }

  /** The first scan is complete. */
  scanned(): void {
    this.#isScanned = true;
  }

  /** Tells the next batch. Returns what went wrong with the index, if anything did. */
  flush(attempt: (write: () => void) => Problem | undefined): Problem | undefined {
    this.#offerEvents();
    if (this.isRefused) return undefined;
    const removed: SharedFile[] = [];
    const added: SharedFile[] = [];
    const unwritten: SharedFile[] = [];
    for (const [path, difference] of this.#pending) {
      if (removed.length + added.length >= shareBatchFiles) break;
      if (difference.removed) removed.push(difference.removed);
      if (difference.added) {
        added.push(difference.added);
        if (this.#indexState !== 'unread' || !difference.isKnown) unwritten.push(difference.added);
      }
      this.#pending.delete(path);
    }
    if (removed.length + added.length > 0) this.#tell({ type: 'share-changed', added, removed });
    if (removed.length > 0) this.#events.push({ type: 'unshared', files: removed.map(plainFile) });
    if (added.length > 0) this.#events.push({ type: 'shared', files: added.map(plainFile) });
    this.#offerEvents();
    // Who waits for the end of the scan does not wait for the comparison, which is for the next time.
    const isReconciling = this.#isScanTold && this.#indexState !== 'same';
    if (this.#isScanned && !this.#isScanTold && this.#pending.size === 0) {
      this.#isScanTold = true;
      this.#tell({ type: 'share-scanned' });
    }
    const problem = attempt(() => this.#writeIndex(removed, unwritten, isReconciling));
    if (problem === undefined && isReconciling) this.#indexState = 'same';
    else if (problem !== undefined && this.#isScanTold) this.#indexState = 'behind';
    return problem;
  }

  #tell(change: ShareChange): void {
    for (const subscriber of this.#subscribers.values()) subscriber.tell(change);
  }

  #offerEvents(): void {
    const refused = this.#events.findIndex((event) => !this.#observer.offer(event));
    this.#events = refused === -1 ? [] : this.#events.slice(refused);
    this.#retries = refused === 0 ? this.#retries + 1 : 0;
    // Nobody is there to listen; what the share is can still be asked for.
    if (this.#retries > maxNoticeRetries) this.#events = [];
  }

  #writeIndex(removed: readonly SharedFile[], added: readonly SharedFile[], isReconciling: boolean): void {
    const gone = removed.map(({ path }) => path);
    if (gone.length + added.length > 0) this.#index.update(gone, added);
    if (isReconciling) this.#index.reconcile(this.#shared);
  }
}
