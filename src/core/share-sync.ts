/**
 * Owns what one tracker still has to be told of our share: a state machine that takes the share, its changes and
 * the tracker's answers, and gives the next message to send. Invariant: once everything `next` gave has been
 * applied in order, the tracker's rows are exactly the published files, however changes and answers interleave.
 *
 * A share that the tracker still knows costs nothing: equal digests end the sync. One that differs is compared
 * in 256 buckets and only those that differ are sent again. Live changes go as they come. A commit closes each
 * round, and the tracker's refusal of it (`stale`) starts a comparison.
 */
import type { SharedFile } from './catalogue.ts';
import { FileSet } from './file-set.ts';
import { type ContentId, decodeId } from './ids.ts';
import { maxFilesPerAdd, maxFilesPerRemove, maxStaleCommits, shareBatchBytes } from './limits.ts';
import {
  bucketCount,
  bucketOf,
  differingBuckets,
  type Sha256,
  ShareDigest,
  shareDigestBytes,
} from './share-digest.ts';

/** A share in short, as it travels in `welcome`, `sync` and `commit`. */
export interface ShareSummary {
  readonly generation: number;
  readonly count: number;
  readonly digest: Uint8Array;
}

/** What to send next. */
export type SyncMessage =
  | { readonly type: 'sync' | 'commit'; readonly state: ShareSummary }
  | { readonly type: 'drop-buckets'; readonly buckets: readonly number[] }
  | { readonly type: 'add' | 'remove'; readonly files: readonly SharedFile[] };

/**
 * `off`: no connection. `comparing`: waiting for the answer to `sync`. `sending`: there is more to send.
 * `committing`: waiting for the answer to `commit`. `synced`: the tracker knows all of it.
 */
export type SyncPhase = 'off' | 'comparing' | 'sending' | 'committing' | 'synced';

/** A file that the tracker did not take, and the code of why. */
export interface Rejection {
  readonly path: string;
  readonly code: string;
}

interface Change {
  readonly file: SharedFile;
  readonly kind: 'add' | 'remove';
}

export class ShareSync {
  readonly #share = new FileSet();
  /** Files of the share that the tracker does not get: it refused them, or has no room for more. */
  readonly #withheld = new Map<string, 'refused' | 'no-room'>();
  readonly #published: ShareDigest;
  /** The last word on each file that differs from what was sent. */
  #pending = new Map<string, Change>();
  #drops: number[] = [];
  #phase: SyncPhase = 'off';
  #mustCompare = false;
  /** Something was sent after the last commit. */
  #isUncommitted = false;
  #generation = 0;
  #staleCommits = 0;
  #maxFiles = Number.POSITIVE_INFINITY;

  constructor(sha256: Sha256) {
    this.#published = new ShareDigest(sha256);
  }

  get phase(): SyncPhase {
    return this.#phase;
  }

  /** Files the tracker has, or will have once synced. */
  get publishedFiles(): number {
    return this.#published.count;
  }

  get withheldFiles(): number {
    return this.#withheld.size;
  }

  /** The share changed. Idempotent; removes count first. */
  change(added: readonly SharedFile[], removed: readonly SharedFile[]): void {
    for (const file of removed) this.#remove(file);
    for (const file of added) this.#add(file);
    if (this.#phase === 'synced' && this.#pending.size > 0) this.#phase = 'sending';
  }

  /** A connection is up: `known` is what its tracker remembers of us, `maxFiles` what it takes at most. */
  begin(known: ShareSummary, maxFiles: number): void {
    this.#maxFiles = maxFiles;
    // At the end of numbers, which only a lie can bring near, it stays.
    this.#generation = Math.min(Math.max(this.#generation, known.generation), Number.MAX_SAFE_INTEGER - 1);
    this.#pending = new Map();
    this.#drops = [];
    this.#staleCommits = 0;
    this.#isUncommitted = false;
    this.#fitInto(maxFiles);
    if (this.#isPublished(known)) this.#phase = 'synced';
    else if (known.count === 0) this.#resend(everyBucket);
    else this.#compare();
  }

  /** The connection is gone. */
  end(): void {
    this.#phase = 'off';
  }

  /** The next message, or undefined when an answer or a change must come first. */
  next(): SyncMessage | undefined {
    if (this.#phase === 'comparing' && this.#mustCompare) {
      this.#mustCompare = false;
      // The digest covers them, whatever the answer.
      this.#pending = new Map();
      return { type: 'sync', state: this.#summary() };
    }
    if (this.#phase !== 'sending' && this.#phase !== 'committing') return undefined;
    if (this.#drops.length > 0) {
      const buckets = this.#drops;
      this.#drops = [];
      return { type: 'drop-buckets', buckets };
    }
    const batch = this.#nextBatch();
    if (batch !== undefined) {
      this.#isUncommitted = true;
      return batch;
    }
    if (this.#phase === 'committing') return undefined;
    this.#phase = 'committing';
    this.#isUncommitted = false;
    this.#generation = Math.min(this.#generation + 1, Number.MAX_SAFE_INTEGER);
    return { type: 'commit', state: this.#summary() };
  }

  /** Answer to `sync`: the tracker has what we said then. */
  inSync(): void {
    if (this.#phase === 'comparing') this.#phase = this.#pending.size > 0 ? 'sending' : 'synced';
  }

  /** Answer to `sync`: the digests of the tracker's buckets, 256 of 8 bytes. */
  buckets(theirs: Uint8Array): void {
    if (this.#phase !== 'comparing') return;
    this.#drops = differingBuckets(this.#published.bucketDigests(), theirs);
    this.#resend(this.#drops);
  }

  /** Answer to `commit`: all but the rejected files is known there now. */
  committed(rejected: readonly Rejection[]): void {
    if (this.#phase !== 'committing') return;
    if (rejected.length > 0) this.#withhold(new Map(rejected.map(({ path, code }) => [path, code])));
    this.#staleCommits = 0;
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

  #add(file: SharedFile): void {
    if (!this.#share.add(file)) return;
    const key = keyOf(file);
    if (this.#published.count >= this.#maxFiles) {
      this.#withheld.set(key, 'no-room');
      return;
    }
    this.#published.add(file);
    if (this.#phase !== 'off') this.#pending.set(key, { file, kind: 'add' });
  }

  #remove(file: SharedFile): void {
    const known = this.#share.delete(file);
    if (known === undefined) return;
    const key = keyOf(file);
    if (this.#withheld.delete(key)) return;
    this.#published.remove(known);
    if (this.#phase !== 'off') this.#pending.set(key, { file: known, kind: 'remove' });
  }

  #withhold(codes: ReadonlyMap<string, string>): void {
    for (const file of this.#share) {
      const code = codes.get(file.path);
      const key = keyOf(file);
      if (code === undefined || this.#withheld.has(key) || this.#pending.has(key)) continue;
      this.#withheld.set(key, code === 'limit' ? 'no-room' : 'refused');
      this.#published.remove(file);
    }
  }

  #compare(): void {
    this.#phase = 'comparing';
    this.#mustCompare = true;
  }

  /** Sends these buckets anew, as they are now. */
  #resend(buckets: readonly number[]): void {
    const chosen = new Set(buckets);
    this.#pending = new Map();
    for (const file of this.#share) {
      if (!chosen.has(bucketOfId(file.id))) continue;
      const key = keyOf(file);
      if (!this.#withheld.has(key)) this.#pending.set(key, { file, kind: 'add' });
    }
    this.#phase = 'sending';
  }

  /** Gives the files that had no room another chance, and withholds what is beyond the limit now. */
  #fitInto(maxFiles: number): void {
    if (this.#withheld.size === 0 && this.#published.count <= maxFiles) return;
    for (const file of this.#share) {
      const key = keyOf(file);
      const why = this.#withheld.get(key);
      if (why === 'no-room' && this.#published.count < maxFiles) {
        this.#withheld.delete(key);
        this.#published.add(file);
      } else if (why === undefined && this.#published.count > maxFiles) {
        this.#withheld.set(key, 'no-room');
        this.#published.remove(file);
      }
    }
  }

  /** Takes what fits one message from the pending changes, all of one kind. */
  #nextBatch(): SyncMessage | undefined {
    const files: SharedFile[] = [];
    let kind: Change['kind'] | undefined;
    let bytes = 0;
    for (const [key, change] of this.#pending) {
      kind ??= change.kind;
      if (change.kind !== kind) break;
      bytes += fileOverheadBytes + change.file.path.length * 3;
      const isFull = files.length >= (kind === 'add' ? maxFilesPerAdd : maxFilesPerRemove);
      if (files.length > 0 && (isFull || bytes > shareBatchBytes)) break;
      files.push(change.file);
      this.#pending.delete(key);
    }
    return kind === undefined ? undefined : { type: kind, files };
  }

  #summary(): ShareSummary {
    return { generation: this.#generation, count: this.#published.count, digest: this.#published.digest() };
  }

  #isPublished({ count, digest }: ShareSummary): boolean {
    const own = this.#published.digest();
    return (
      count === this.#published.count &&
      digest.length === shareDigestBytes &&
      own.every((byte, at) => byte === digest[at])
    );
  }
}

/** An id, a size and the msgpack around them. */
const fileOverheadBytes = 48;

const everyBucket = Array.from({ length: bucketCount }, (_, bucket) => bucket);

const bucketOfId = (id: ContentId): number => bucketOf(decodeId(id) ?? new Uint8Array(1));
const keyOf = (file: { readonly id: ContentId; readonly path: string }): string => file.id + file.path;
