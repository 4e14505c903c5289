/**
 * Remembers the files of one sync that the catalogue did not take. The peer learns of them with the answer to its
 * commit, so until then they are part of the digest it sends. Invariant: at most `maxRejectedPerCommit`; a peer
 * with more is told that its share differs.
 */
import type { SharedFile } from '../core/catalogue.ts';
import type { ContentId } from '../core/ids.ts';
import { maxRejectedPerCommit } from '../core/limits/wire.ts';
import type { ShareState } from './catalog-store.ts';
import { bucketOfContent } from './share-hash.ts';

/** What keeps the digest of a share. */
export interface ShareKeeper {
  readonly count: number;
  add(file: SharedFile): void;
  remove(file: SharedFile): void;
  digest(): Uint8Array;
}

export class RefusedFiles {
  readonly #files = new Map<string, SharedFile>();

  add(file: SharedFile): void {
    if (this.#files.size < maxRejectedPerCommit) this.#files.set(keyOf(file.id, file.path), file);
  }

  remove(id: ContentId, path: string): void {
    this.#files.delete(keyOf(id, path));
  }

  dropBuckets(buckets: ReadonlySet<number>): void {
    for (const [key, file] of this.#files) if (buckets.has(bucketOfContent(file.id))) this.#files.delete(key);
  }

  clear(): void {
    this.#files.clear();
  }

  /** Whether a claimed share is the one kept, with or without the refused files. */
  agree(claimed: ShareState, kept: ShareKeeper): boolean {
    if (isState(claimed, kept)) return true;
    for (const file of this.#files.values()) kept.add(file);
    const agrees = isState(claimed, kept);
    for (const file of this.#files.values()) kept.remove(file);
    return agrees;
  }
}

const keyOf = (id: ContentId, path: string): string => id + path;

function isState(claimed: ShareState, kept: ShareKeeper): boolean {
  const digest = kept.digest();
  return (
    claimed.count === kept.count &&
    claimed.digest.length === digest.length &&
    digest.every((byte, at) => byte === claimed.digest[at])
  );
}
