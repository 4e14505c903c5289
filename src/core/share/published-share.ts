/**
 * Our share as one tracker gets it: all files, which of them it does not get and why, the digest of the others, and
 * what was touched since the last commits. Invariant: the digest is that of the share without what is withheld.
 */
import type { SharedFile } from '../catalogue.ts';
import { deniedFile } from '../tracker/deny-list.ts';
import { FileMap } from './file-map.ts';
import { type ContentId, decodeId } from '../ids.ts';
import { maxDeniedOffered } from '../limits/tracker-link.ts';
import { ShareChanges } from './share-changes.ts';
import { bucketOf, differingBuckets, type Sha256, ShareDigest, shareDigestBytes } from './share-digest.ts';
import { ShareJournal } from './share-journal.ts';

/** A share in short, as it travels in `welcome`, `sync` and `commit`. */
export interface ShareSummary {
  readonly generation: number;
  readonly count: number;
  readonly digest: Uint8Array;
}

const noRoom = 'limit';
/** What an operator denies may be allowed at another time (deny-list.ts). */
const denied = deniedFile.code;

/** A file that the tracker did not take, and the code of why. */
export interface Rejection {
  readonly path: string;
  readonly code: string;
}

export class PublishedShare {
  readonly #share = new FileMap<SharedFile>((file) => file);
  /** Files of the share, as they are in it, that the tracker does not get, and the code of why. */
  readonly #withheld = new Map<SharedFile, string>();
  readonly #digest: ShareDigest;
  readonly #journal = new ShareJournal();
  #maxFiles = Number.POSITIVE_INFINITY;

  constructor(sha256: Sha256) {
    this.#digest = new ShareDigest(sha256);
  }

  /** Files the tracker has, or will have. */
  get count(): number {
    return this.#digest.count;
  }

  get withheldCount(): number {
    return this.#withheld.size;
  }

  /** The first of them, to name one to the user. */
  get firstWithheld(): Rejection | undefined {
    for (const [{ path }, code] of this.#withheld) return { path, code };
    return undefined;
  }

  /** Whether it is one more to be told of. */
  add(file: SharedFile): boolean {
    if (this.#share.get(file) !== undefined) return false;
    this.#share.set(file);
    if (this.count < this.#maxFiles) {
      this.#publish(file);
      return true;
    }
    this.#withheld.set(file, noRoom);
    return false;
  }

  /** The file as it was published; undefined when the tracker has not got it. */
  remove(file: SharedFile): SharedFile | undefined {
    const known = this.#share.delete(file);
    if (known === undefined || this.#withheld.delete(known)) return undefined;
    this.#unpublish(known);
    return known;
  }

  /** The tracker has refused these; `isPending`: what it says of such a file is no longer meant for it. */
  withhold(rejected: readonly Rejection[], isPending: (file: SharedFile) => boolean): void {
    const codes = new Map(rejected.map(({ path, code }) => [path, code]));
    for (const file of this.#share.values()) {
      const code = codes.get(file.path);
      if (code === undefined || this.#withheld.has(file) || isPending(file)) continue;
      this.#withheld.set(file, code);
      // Nothing to tell: the tracker has not got it.
      this.#digest.remove(file);
    }
  }

  /**
   * Gives the files that had no room another chance, and some of those that were denied, the longest denied first;
   * withholds what is beyond the limit now.
   */
  fitInto(maxFiles: number): void {
    this.#maxFiles = maxFiles;
    if (this.#withheld.size === 0 && this.count <= maxFiles) return;
    let offered = 0;
    for (const [file, why] of this.#withheld) {
      if (why !== denied || this.count >= maxFiles) continue;
      this.#withheld.delete(file);
      this.#publish(file);
      if (++offered === maxDeniedOffered) break;
    }
    for (const file of this.#share.values()) {
      const why = this.#withheld.get(file);
      if (why === noRoom && this.count < maxFiles) {
        this.#withheld.delete(file);
        this.#publish(file);
      } else if (why === undefined && this.count > maxFiles) {
        this.#withheld.set(file, noRoom);
        this.#unpublish(file);
      }
    }
  }

  summary(generation: number): ShareSummary {
    return { generation, count: this.count, digest: this.#digest.digest() };
  }

  /** Whether a tracker that says this of its rows has all of it, and nothing else. */
  is({ count, digest }: ShareSummary): boolean {
    const own = this.#digest.digest();
    return (
      count === this.count &&
      digest.length === shareDigestBytes &&
      own.every((byte, at) => byte === digest[at])
    );
  }

  /** The buckets that a tracker with these digests has to get anew, and how many files are in them. */
  differing(theirs: Uint8Array): { readonly buckets: readonly number[]; readonly files: number } {
    const buckets = differingBuckets(this.#digest.bucketDigests(), theirs);
    return { buckets, files: buckets.reduce((sum, bucket) => sum + this.#digest.countOf(bucket), 0) };
  }

  /** Adds of all that is in these buckets. */
  addsOf(buckets: readonly number[]): ShareChanges {
    const chosen = new Set(buckets);
    const changes = new ShareChanges();
    for (const file of this.#share.values())
      if (chosen.has(bucketOfId(file.id)) && !this.#withheld.has(file)) changes.set('add', file);
    return changes;
  }

  /** A commit of this generation is on its way. */
  committing(generation: number): void {
    this.#journal.commit(generation);
  }

  /** What a tracker that remembers this commit has not been told for certain; nothing when that is not known. */
  since(generation: number): ShareChanges {
    const touched = new FileMap<SharedFile>((file) => file);
    for (const file of this.#journal.since(generation) ?? []) touched.set(file);
    const changes = new ShareChanges();
    if (touched.size === 0) return changes;
    const shared: SharedFile[] = [];
    for (const file of this.#share.values()) {
      if (!this.#withheld.has(file) && touched.delete(file)) shared.push(file);
    }
    for (const file of touched.values()) changes.set('remove', file);
    for (const file of shared) changes.set('add', file);
    return changes;
  }

  #publish(file: SharedFile): void {
    this.#digest.add(file);
    this.#journal.touch(file);
  }

  #unpublish(file: SharedFile): void {
    this.#digest.remove(file);
    this.#journal.touch(file);
  }
}

const bucketOfId = (id: ContentId): number => bucketOf(decodeId(id) ?? new Uint8Array(1));
