/** The hash and the buckets of share digests, as the stores use them. */
import { hash } from 'node:crypto';
import { decodeId, type ContentId } from '../core/ids.ts';
import { bucketOf } from '../core/share/share-digest.ts';

export function sha256(bytes: Uint8Array): string {
  return hash('sha256', bytes, 'binary');
}

/** The bytes of a content id. Throws for text that is none: the edge has checked it. */
export function bytesOf(id: ContentId): Uint8Array {
  const bytes = decodeId(id);
  if (bytes === undefined) throw new RangeError(`${id} is not a content id`);
  return bytes;
}

/** The bucket of a share's digest that a content belongs to. */
export function bucketOfContent(id: ContentId): number {
  return bucketOf(bytesOf(id));
}
