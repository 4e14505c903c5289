/**
 * Owns what one tracker still has to be told of our share: a state machine that takes the share, its changes and
 * the tracker's answers, and gives the next message to send. Invariant: once everything `next` gave has been
 * applied in order, the tracker's rows are exactly the published files, however changes and answers interleave.
 *
 * A share that the tracker still knows costs nothing: equal digests end the sync. One whose last commit we remember
 * is told what was touched since; another is compared in 256 buckets, and only those that differ are sent again. Live
 * changes go as they come, many of them only after the tracker has answered a `sync` with its buckets: until then it
 * may have us wait. A commit closes each round, and the tracker's refusal of it (`stale`) starts a comparison.
 */
import type { SharedFile } from '../catalogue.ts';
import { maxStaleCommits, maxUnaskedChanges } from '../limits/tracker-link.ts';
import { PublishedShare, type Rejection, type ShareSummary } from './published-share.ts';
import { type ChangeBatch, ShareChanges } from './share-changes.ts';
import { bucketCount, isEmptyBucket, type Sha256 } from './share-digest.ts';

export type { Rejection, ShareSummary } from './published-share.ts';

/** What to send next. */
export type SyncMessage =
  | { readonly type: 'sync' | 'commit'; readonly state: ShareSummary }
  | { readonly type: 'drop-buckets'; readonly buckets: readonly number[] }
  | ChangeBatch;

/**
 * `off`: no connection. `comparing`: waiting for the answer to `sync`. `sending`: there is more to send.
 * `committing`: waiting for the answer to `commit`. `synced`: the tracker knows all of it.
 */
export type SyncPhase = 'off' | 'comparing' | 'sending' | 'committing' | 'synced';

export class ShareSync {
  readonly #share: PublishedShare;
  /** The last word on each file that differs from what was sent. */
  #pending = new ShareChanges();
  /** While comparing: what makes the difference, as far as we know of the tracker's rows. */
  #known: ShareChanges | undefined;
  #drops: readonly number[] = [];
  #phase: SyncPhase = 'off';
  #mustCompare = false;
  /** The tracker has no time for us now. */
  #isHeld = false;
  /** It has, for as much as there is. */
  #isPermitted = false;
  /** Something was sent after the last commit. */
  #isUncommitted = false;
  #generation = 0;
  #staleCommits = 0;

  constructor(sha256: Sha256) {
    this.#share = new PublishedShare(sha256);
  }

  get phase(): SyncPhase {
    return this.#phase;
  }

  /** Files the tracker has, or will have once synced. */
  get publishedFiles(): number {
    return this.#share.count;
  }

  get withheldFiles(): number {
    return this.#share.withheldCount;
  }

  get firstWithheld(): Rejection | undefined {
    return this.#share.firstWithheld;
  }

  /** The share changed. Idempotent; removes count first. */
  change(added: readonly SharedFile[], removed: readonly SharedFile[]): void {
    const isOff = this.#phase === 'off';
    for (const file of removed) {
      const known = this.#share.remove(file);
      if (known !== undefined && !isOff) this.#pending.set('remove', known);
    }
    for (const file of added) if (this.#share.add(file) && !isOff) this.#pending.set('add', file);
    if (this.#phase === 'synced' && this.#pending.size > 0) this.#phase = 'sending';
  }

  /** A connection is up: `known` is what its tracker remembers of us, `maxFiles` what it takes at most. */
  begin(known: ShareSummary, maxFiles: number): void {
    // At the end of numbers, which only a lie can bring near, it stays.
    this.#generation = Math.min(Math.max(this.#generation, known.generation), Number.MAX_SAFE_INTEGER - 1);
    this.#drops = [];
    this.#staleCommits = 0;
    this.#isUncommitted = false;
    this.#isHeld = false;
    this.#isPermitted = false;
    this.#share.fitInto(maxFiles);
    if (this.#share.is(known)) {
      this.#pending = new ShareChanges();
      this.#phase = 'synced';
      return;
    }
    this.#pending = known.count === 0 ? this.#share.addsOf(everyBucket) : this.#share.since(known.generation);
    if (known.count > 0 && this.#pending.size === 0) this.#compare();
    else this.#phase = 'sending';
  }

  /** The connection is gone. */
  end(): void {
    this.#phase = 'off';
  }

  /** The next message, or undefined when an answer, a change or the tracker's time must come first. */
  next(): SyncMessage | undefined {
    if (this.#isHeld) return undefined;
    const isMuch = this.#pending.size > maxUnaskedChanges && !this.#isPermitted;
    if (this.#phase === 'sending' && isMuch) this.#compare(new ShareChanges());
    if (this.#phase === 'comparing' && this.#mustCompare) {
      this.#mustCompare = false;
      // The digest covers them, whatever the answer.
      this.#known?.follow(this.#pending);
      this.#pending = new ShareChanges();
      return { type: 'sync', state: this.#share.summary(this.#generation) };
    }
    if (this.#phase !== 'sending' && (this.#phase !== 'committing' || isMuch)) return undefined;
    if (this.#drops.length > 0) {
      const buckets = this.#drops;
      this.#drops = [];
      return { type: 'drop-buckets', buckets };
    }
    const batch = this.#pending.takeBatch();
    if (batch !== undefined) {
      this.#isUncommitted = true;
      return batch;
    }
    if (this.#phase === 'committing') return undefined;
    this.#phase = 'committing';
    this.#isUncommitted = false;
    this.#generation = Math.min(this.#generation + 1, Number.MAX_SAFE_INTEGER);
    this.#share.committing(this.#generation);
    return { type: 'commit', state: this.#share.summary(this.#generation) };
  }

  /** Compares a share that is synced once more, as its tracker may have lost what it had. False when it is not. */
  verify(): boolean {
    if (this.#phase !== 'synced') return false;
    this.#compare();
    return true;
  }

  /** Answer to `sync`: the tracker has what we said then. */
  inSync(): void {
    if (this.#phase !== 'comparing') return;
    this.#known = undefined;
    this.#phase = this.#pending.size > 0 ? 'sending' : 'synced';
  }

  /** Answer to `sync`: the digests of the tracker's buckets, 256 of 8 bytes. */
  buckets(theirs: Uint8Array): void {
    if (this.#phase !== 'comparing') return;
    const { buckets, files } = this.#share.differing(theirs);
    const known = this.#known;
    this.#known = undefined;
    this.#isPermitted = true;
    this.#phase = 'sending';
    if (known !== undefined && known.size > 0 && known.size <= files) {
      known.follow(this.#pending);
      this.#pending = known;
    } else {
      // To drop nothing costs a tracker as much as to drop much.
      this.#drops = buckets.filter((bucket) => !isEmptyBucket(theirs, bucket));
      this.#pending = this.#share.addsOf(buckets);
    }
  }

  /** Answer to `sync` or `commit`: not now. Nothing more is given until `resume`. */
  busy(): void {
    this.#isHeld = this.#phase === 'comparing' || this.#phase === 'committing';
  }

  /** The tracker may be asked again. */
  resume(): void {
    if (!this.#isHeld) return;
    this.#isHeld = false;
    if (this.#phase === 'comparing') this.#mustCompare = true;
    else this.#phase = 'sending';
  }

  /** Answer to `commit`: all but the rejected files is known there now. */
  committed(rejected: readonly Rejection[]): void {
    if (this.#phase !== 'committing') return;
    if (rejected.length > 0) this.#share.withhold(rejected, (file) => this.#pending.has(file));
    this.#staleCommits = 0;
    this.#isPermitted = false;
    this.#phase = this.#isUncommitted || this.#pending.size > 0 ? 'sending' : 'synced';
  }

  /**
   * Answer to `commit`: the tracker's rows are not what we think. Compares again; false when that has been tried
   * in vain, and only a new connection can help.
   */
  stale(): boolean {
    if (this.#phase !== 'committing') return true;
    this.#staleCommits += 1;
    if (this.#staleCommits > maxStaleCommits) return false;
    this.#compare();
    return true;
  }

  /** `known`: takes what is pending for all of the difference, unless that turns out to be wrong. */
  #compare(known?: ShareChanges): void {
    this.#phase = 'comparing';
    this.#mustCompare = true;
    this.#known = known;
  }
}

const everyBucket = Array.from({ length: bucketCount }, (_, bucket) => bucket);
