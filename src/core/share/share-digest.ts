/**
 * A short summary of a set of shared files, kept up to date by adding and taking away, so that a peer and a
 * tracker can tell whether they agree, and if not, where. Invariant: it depends on the set alone, not on the
 * order in which it was built.
 *
 * Entry digest: the first 16 bytes of SHA-256(content id, 32 bytes | sizeBytes, u64 big-endian | path, UTF-8),
 * read as a big-endian number. Share digest: the sum of the entry digests modulo 2^128. Bucket: the first byte
 * of the content id. Bucket digest: the low 8 bytes of the sum of the bucket's entry digests.
 */
import type { SharedFile } from '../catalogue.ts';
import { type ContentId, decodeId, decodeIdInto, idBytes } from '../ids.ts';
import { maxPathBytes } from '../limits/wire.ts';

/**
 * SHA-256, given from outside: this folder has no Node. As a string of bytes, one character each, because to make
 * an array for it costs more than to compute it.
 */
export type Sha256 = (bytes: Uint8Array) => string;

export const shareDigestBytes = 16;
export const bucketCount = 256;
export const bucketDigestBytes = 8;

/** Numbers of 128 bits are kept as limbs of 32, the lowest first. */
const limbs = shareDigestBytes / 4;
const encoder = new TextEncoder();
/** What is hashed of the file at hand, and what came of it: made once, because files come by the hundred thousand. */
const input = new Uint8Array(idBytes + 8 + maxPathBytes);
const sizeView = new DataView(input.buffer, idBytes);
const entry = new Uint32Array(limbs);

export class ShareDigest {
  readonly #sha256: Sha256;
  readonly #sum = new Uint32Array(limbs);
  readonly #buckets = new Uint32Array(bucketCount * limbs);
  readonly #counts = new Uint32Array(bucketCount);
  #count = 0;

  constructor(sha256: Sha256) {
    this.#sha256 = sha256;
  }

  /** How many files are in it. */
  get count(): number {
    return this.#count;
  }

  /** The caller sees to it that no file is added twice. Throws for an id that is none: our own mistake. */
  add(file: SharedFile): void {
    this.#change(file, 1);
  }

  /** Takes away a file that was added before, with the same id, size and path. */
  remove(file: SharedFile): void {
    this.#change(file, -1);
  }

  /** 16 bytes. */
  digest(): Uint8Array {
    const bytes = new Uint8Array(shareDigestBytes);
    writeLimbs(new DataView(bytes.buffer), 0, this.#sum);
    return bytes;
  }

  /** 256 × 8 bytes, bucket by bucket. An empty bucket is 8 zero bytes. */
  bucketDigests(): Uint8Array {
    const all = new Uint8Array(bucketCount * bucketDigestBytes);
    const view = new DataView(all.buffer);
    for (let bucket = 0; bucket < bucketCount; bucket++) {
      const low = this.#buckets.subarray(bucket * limbs, bucket * limbs + bucketDigestBytes / 4);
      writeLimbs(view, bucket * bucketDigestBytes, low);
    }
    return all;
  }

  /** How many files are in one bucket. */
  countOf(bucket: number): number {
    return this.#counts[bucket] ?? 0;
  }

  #change(file: SharedFile, by: 1 | -1): void {
    const bucket = findEntry(file, this.#sha256);
    addEntry(this.#sum, 0, by);
    addEntry(this.#buckets, bucket * limbs, by);
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + by;
    this.#count += by;
  }
}

/** The bucket of a content id, given as bytes. */
export function bucketOf(id: Uint8Array): number {
  return id[0] ?? 0;
}

/** The same of an id in text. Throws for text that is none: our own mistake. */
export function bucketOfContent(id: ContentId): number {
  const bytes = decodeId(id);
  if (!bytes) throw new RangeError(`${id} is not a content id`);
  return bucketOf(bytes);
}

/** The buckets whose digests differ, in order. Both are as `bucketDigests` gives them. */
export function differingBuckets(ours: Uint8Array, theirs: Uint8Array): number[] {
  const differing: number[] = [];
  for (let bucket = 0; bucket < bucketCount; bucket++) {
    const start = bucket * bucketDigestBytes;
    for (let at = start; at < start + bucketDigestBytes; at++)
      if (ours[at] !== theirs[at]) {
        differing.push(bucket);
        break;
      }
  }
  return differing;
}

/** Whether a bucket is empty, by the digests of all. One of rows that sum up to nothing (one in 2^64) is not told apart. */
export function isEmptyBucket(digests: Uint8Array, bucket: number): boolean {
  const start = bucket * bucketDigestBytes;
  return digests.subarray(start, start + bucketDigestBytes).every((byte) => byte === 0);
}

/** Sets of buckets as 32 bytes: bucket `b` is bit `b mod 8`, the lowest first, of byte `b div 8`. */
export function bucketBitmap(buckets: Iterable<number>): Uint8Array {
  const bitmap = new Uint8Array(bucketCount / 8);
  for (const bucket of buckets) bitmap[bucket >> 3] = (bitmap[bucket >> 3] ?? 0) | (1 << (bucket & 7));
  return bitmap;
}

export function bucketsOf(bitmap: Uint8Array): number[] {
  return Array.from({ length: bucketCount }, (_, bucket) => bucket).filter((bucket) =>
    hasBucket(bitmap, bucket),
  );
}

export function hasBucket(bitmap: Uint8Array, bucket: number): boolean {
  return (((bitmap[bucket >> 3] ?? 0) >> (bucket & 7)) & 1) === 1;
}

/** Puts the digest of a file's entry into `entry`; gives its bucket. */
function findEntry({ id, sizeBytes, path }: SharedFile, sha256: Sha256): number {
  if (!decodeIdInto(id, input)) throw new RangeError(`${id} is not a content id`);
  sizeView.setUint32(0, Math.floor(sizeBytes / 2 ** 32));
  sizeView.setUint32(4, sizeBytes % 2 ** 32);
  const { read, written } = encoder.encodeInto(path, input.subarray(idBytes + 8));
  if (read < path.length) throw new RangeError('A path is longer than paths may be');
  const hash = sha256(input.subarray(0, idBytes + 8 + written));
  for (let limb = 0; limb < limbs; limb++) {
    const at = (limbs - 1 - limb) * 4;
    entry[limb] =
      (hash.charCodeAt(at) << 24) |
      (hash.charCodeAt(at + 1) << 16) |
      (hash.charCodeAt(at + 2) << 8) |
      hash.charCodeAt(at + 3);
  }
  return bucketOf(input);
}

/** Adds `entry` to a sum that begins at a limb of `sums`, or takes it away, modulo 2^128. */
function addEntry(sums: Uint32Array, start: number, by: 1 | -1): void {
  let carry = 0;
  for (let limb = 0; limb < limbs; limb++) {
    const value = (sums[start + limb] ?? 0) + by * (entry[limb] ?? 0) + carry;
    sums[start + limb] = value;
    carry = Math.floor(value / 2 ** 32);
  }
}

/** Big-endian, the highest limb first. */
function writeLimbs(view: DataView, at: number, sum: Uint32Array): void {
  for (const [limb, value] of sum.entries()) view.setUint32(at + (sum.length - 1 - limb) * 4, value);
}
