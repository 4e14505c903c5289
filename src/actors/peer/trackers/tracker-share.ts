/**
 * What one tracker knows of our share, and what it must still be told, as messages on a line; what it has acknowledged
 * is compared again every few heartbeats, as it may lose rows without knowing, and soon when it says that it may have.
 * Invariant: nothing is compared before our share is known and its first scan is complete, so that a start never makes a tracker forget what is merely not
 * looked at yet.
 */
import { hash } from 'node:crypto';
import type { SharedFile } from '../../../core/catalogue.ts';
import {
  heartbeatsPerCompare,
  minCompareGapMs,
  syncAnswerTimeoutMs,
} from '../../../core/limits/tracker-link.ts';
import type { Rejection } from '../../../core/share/published-share.ts';
import { bucketBitmap } from '../../../core/share/share-digest.ts';
import { ShareSync, type SyncMessage } from '../../../core/share/share-sync.ts';
import type { Sendable } from '../../../protocol/session-events.ts';
import type { TrackerMessageNamed, TrackerRequest } from '../../../protocol/tracker-messages.ts';
import type { Clock } from '../../runtime/index.ts';
import type { TrackerLine } from './tracker-line.ts';
import { afterBusyMs } from './tracker-retries.ts';

export type Welcome = TrackerMessageNamed<'welcome'>;
type ShareAnswer =
  TrackerMessageNamed<'in-sync'> | TrackerMessageNamed<'buckets'> | TrackerMessageNamed<'committed'>;
type ShareWord = ShareAnswer | TrackerMessageNamed<'compare'>;

export interface SharePort {
  readonly clock: Clock;
  readonly random: () => number;
  readonly once: (timer: ShareTimer, afterMs: number) => void;
  readonly cancel: (timer: ShareTimer) => void;
  readonly acknowledged: (share: Acknowledged) => void;
}

/** What a tracker has acknowledged when it has all there is. */
export interface Acknowledged {
  readonly files: number;
  /** Files that it does not take, and the first of them. */
  readonly withheldFiles: number;
  readonly firstWithheld: Rejection | undefined;
  /** How many it would rather have of one peer at most, where it says. */
  readonly usualFiles: number | undefined;
}

/**
 * `share-overdue`: an answer has not come in time. `share-later`: a tracker that was busy can be asked again.
 * `share-compare`: it is time to compare.
 */
export type ShareTimer = 'share-overdue' | 'share-later' | 'share-compare';

export class TrackerShare {
  readonly #port: SharePort;
  readonly #sync = new ShareSync(sha256);
  #isKnown = false;
  #isScanned = false;
  /** What the tracker knew and takes, until the comparison can begin. */
  #welcome: Welcome | undefined;
  #usualFiles: number | undefined;
  /** The sync or commit that waits for its answer. */
  #asked: number | undefined;
  #hasNews = false;
  /** What has been acknowledged is compared once more: no news when it is all there. */
  #isVerifying = false;
  #verifyAtMs = Infinity;
  #verifiedMs = -Infinity;

  constructor(port: SharePort) {
    this.#port = port;
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
    this.#usualFiles = welcome.usualFiles;
  }

  /** It is gone. */
  end(): void {
    this.#welcome = undefined;
    this.#asked = undefined;
    this.#isVerifying = false;
    this.#verifyAtMs = Infinity;
    this.#sync.end();
    this.pause();
  }

  /** The connection is silent, but nothing that was said on it is lost. */
  pause(): void {
    this.#port.cancel('share-overdue');
    this.#port.cancel('share-later');
    this.#port.cancel('share-compare');
  }

  /** It is heard again. */
  goOn(): void {
    this.#sync.resume();
    this.#isVerifying = false;
    this.#hasNews = this.#sync.phase === 'synced';
  }

  /** It is time to compare: the timer may be a little early. */
  compareNow(): void {
    this.#verifyAtMs = this.#port.clock.now();
  }

  /** Sends what is to be sent now, as far as the line takes it; compares again what was acknowledged, when it is time. */
  tell(line: TrackerLine | undefined): void {
    if (line?.isReady !== true) return;
    const nowMs = this.#port.clock.now();
    if (this.#welcome !== undefined && this.#isKnown && this.#isScanned) {
      this.#sync.begin(this.#welcome, this.#welcome.maxFiles);
      this.#welcome = undefined;
      this.#hasNews = this.#sync.phase === 'synced';
      // Those who came together do not all compare together.
      const firstMs = nowMs + line.pingEveryMs * (1 + this.#port.random() * (heartbeatsPerCompare - 1));
      this.#verifyAtMs = Math.min(this.#verifyAtMs, firstMs);
    }
    if (nowMs >= this.#verifyAtMs && this.#sync.verify()) {
      this.#isVerifying = true;
      this.#verifiedMs = nowMs;
      this.#verifyAtMs = nowMs + Math.max(line.pingEveryMs * heartbeatsPerCompare, minCompareGapMs);
      // It may be due as well, and would have it compared twice.
      this.#port.cancel('share-compare');
    }
    this.#send(line);
    if (this.#asked === undefined) this.#port.cancel('share-overdue');
    else this.#port.once('share-overdue', syncAnswerTimeoutMs);
    const { publishedFiles: files, withheldFiles, firstWithheld } = this.#sync;
    const usualFiles = this.#usualFiles;
    if (this.#hasNews) this.#port.acknowledged({ files, withheldFiles, firstWithheld, usualFiles });
    this.#hasNews = false;
  }

  hear(answer: ShareWord): void {
    if (answer.type === 'compare') return this.#compareWithin(answer.withinMs);
    if (answer.requestId !== this.#asked) return;
    this.#asked = undefined;
    if (answer.type === 'in-sync') this.#sync.inSync();
    else if (answer.type === 'buckets') this.#sync.buckets(answer.digests);
    else this.#sync.committed(answer.rejected);
    this.#hasNews = this.#sync.phase === 'synced' && !(this.#isVerifying && answer.type === 'in-sync');
    this.#isVerifying = false;
  }

  /** A tracker that was busy may be asked again. */
  resume(): void {
    this.#sync.resume();
  }

  /** A request was refused. True when it was one of these and only another connection can help. */
  refused({ requestId, code, retryAfterMs }: TrackerMessageNamed<'error'>): boolean {
    if (requestId !== this.#asked) return false;
    this.#asked = undefined;
    if (code === 'busy') {
      this.#sync.busy();
      this.#port.once('share-later', afterBusyMs(retryAfterMs, this.#port.random));
      return false;
    }
    return code !== 'stale' || !this.#sync.stale();
  }

  /** The tracker may have lost rows: what it has acknowledged is compared at some moment within so long. */
  #compareWithin(withinMs: number): void {
    const nowMs = this.#port.clock.now();
    const atMs = Math.max(nowMs + this.#port.random() * withinMs, this.#verifiedMs + minCompareGapMs);
    if (atMs >= this.#verifyAtMs) return;
    this.#verifyAtMs = atMs;
    this.#port.once('share-compare', atMs - nowMs);
  }

  #send(line: TrackerLine): void {
    while (line.hasRoom) {
      const message = this.#sync.next();
      if (message === undefined) return;
      line.send(this.#requestOf(message, line));
    }
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

const sha256 = (bytes: Uint8Array): string => hash('sha256', bytes, 'binary');
