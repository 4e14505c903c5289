/**
 * What one tracker knows of our share, and what it must still be told, as messages on a line. Invariant: nothing
 * is compared before our share is known and its first scan is complete, so that a start never makes a tracker
 * forget what is merely not looked at yet.
 */
import { hash } from 'node:crypto';
import type { SharedFile } from '../../core/catalogue.ts';
import { bucketBitmap } from '../../core/share-digest.ts';
import { ShareSync, type SyncMessage } from '../../core/share-sync.ts';
import type { Sendable } from '../../protocol/session-events.ts';
import type { TrackerMessageNamed, TrackerRequest } from '../../protocol/tracker-messages.ts';
import type { TrackerLine } from './tracker-line.ts';

export type Welcome = TrackerMessageNamed<'welcome'>;
type ShareAnswer =
  TrackerMessageNamed<'in-sync'> | TrackerMessageNamed<'buckets'> | TrackerMessageNamed<'committed'>;

export class TrackerShare {
  readonly #sync = new ShareSync(sha256);
  #isKnown = false;
  #isScanned = false;
  /** What the tracker knew and takes, until the comparison can begin. */
  #welcome: Welcome | undefined;
  /** The sync or commit that waits for its answer. */
  #asked: number | undefined;
  #hasNews = false;

  /** Files the tracker has. */
  get files(): number {
    return this.#sync.publishedFiles;
  }

  /** Files it did not take. */
  get withheldFiles(): number {
    return this.#sync.withheldFiles;
  }

  get isWaiting(): boolean {
    return this.#asked !== undefined;
  }

  known(files: readonly SharedFile[]): void {
    this.#isKnown = true;
    this.#sync.change(files, []);
  }

  changed(added: readonly SharedFile[], removed: readonly SharedFile[]): void {
    this.#sync.change(added, removed);
  }

  scanned(): void {
    this.#isScanned = true;
  }

  /** A connection is up. */
  begin(welcome: Welcome): void {
    this.#welcome = welcome;
  }

  /** It is gone. */
  end(): void {
    this.#welcome = undefined;
    this.#asked = undefined;
    this.#sync.end();
  }

  /** Sends what is to be sent now, as far as the line takes it. */
  tell(line: TrackerLine): void {
    if (this.#welcome !== undefined && this.#isKnown && this.#isScanned) {
      this.#sync.begin(this.#welcome, this.#welcome.maxFiles);
      this.#welcome = undefined;
      this.#hasNews = this.#sync.phase === 'synced';
    }
    while (line.hasRoom) {
      const message = this.#sync.next();
      if (message === undefined) return;
      line.send(this.#requestOf(message, line));
    }
  }

  hear(answer: ShareAnswer): void {
    this.#asked = undefined;
    if (answer.type === 'in-sync') this.#sync.inSync();
    else if (answer.type === 'buckets') this.#sync.buckets(answer.digests);
    else this.#sync.committed(answer.rejected);
    this.#hasNews = this.#sync.phase === 'synced';
  }

  /**
   * A request was refused: `ignored` when it was none of these, `compared` when what differs is now looked for,
   * `hopeless` when only another connection can help.
   */
  refused(requestId: number, code: string): 'ignored' | 'compared' | 'hopeless' {
    if (requestId !== this.#asked) return 'ignored';
    this.#asked = undefined;
    return code === 'stale' && this.#sync.stale() ? 'compared' : 'hopeless';
  }

  /** Whether, since this was last asked, the tracker has acknowledged all there is. */
  takeNews(): boolean {
    const hasNews = this.#hasNews;
    this.#hasNews = false;
    return hasNews;
  }

  #requestOf(message: SyncMessage, line: TrackerLine): Sendable<TrackerRequest> {
    switch (message.type) {
      case 'sync':
      case 'commit':
        this.#asked = line.nextRequestId();
        return { type: message.type, requestId: this.#asked, ...message.state };
      case 'drop-buckets':
        return { type: 'drop-buckets', bitmap: bucketBitmap(message.buckets) };
      case 'add':
      case 'remove':
        return { type: message.type, files: message.files };
    }
  }
}

const sha256 = (bytes: Uint8Array): Uint8Array => hash('sha256', bytes, 'buffer');
