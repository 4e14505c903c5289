/**
 * A short summary of a set of shared files, kept up to date by adding and taking away, so that a peer and a
 * tracker can tell whether they agree, and if not, where. Invariant: it depends on the set alone, not on the
 * order in which it was built.
 *
 * Entry digest: the first 16 bytes of SHA-256(content id, 32 bytes | sizeBytes, u64 big-endian | path, UTF-8),
 * read as a big-endian number. Share digest: the sum of the entry digests modulo 2^128. Bucket: the first byte
 * of the content id. Bucket digest: the low 8 bytes of the sum of the bucket's entry digests.
 */
import type { SharedFile } from './catalogue.ts';
import { type ContentId, decodeId, idBytes } from './ids.ts';

/** SHA-256, given from outside: this folder has no Node. */
export type Sha256 = (bytes: Uint8Array) => Uint8Array;

export const shareDigestBytes = 16;
export const bucketCount = 256;
export const bucketDigestBytes = 8;

const digestMask = (1n << 128n) - 1n;
const bucketMask = (1n << 64n) - 1n;
const encoder = new TextEncoder();

export class ShareDigest {
  readonly #sha256: Sha256;
  readonly #buckets: bigint[] = Array.from({ length: bucketCount }, () => 0n);
  readonly #counts = new Uint32Array(bucketCount);
  #sum = 0n;
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
    return bigEndian(this.#sum, shareDigestBytes);
  }

  /** 256 × 8 bytes, bucket by bucket. An empty bucket is 8 zero bytes. */
  bucketDigests(): Uint8Array {
    const all = new Uint8Array(bucketCount * bucketDigestBytes);
    for (const [bucket, sum] of this.#buckets.entries())
      all.set(bigEndian(sum & bucketMask, bucketDigestBytes), bucket * bucketDigestBytes);
    return all;
  }

  /** How many files are in one bucket. */
  countOf(bucket: number): number {
    return this.#counts[bucket] ?? 0;
  }

  #change(file: SharedFile, by: 1 | -1): void {
    const id = decodeId(file.id);
    if (!id) throw new RangeError(`${file.id} is not a content id`);
    const bucket = bucketOf(id);
    const entry = entryDigest(id, file, this.#sha256) * BigInt(by);
    this.#sum = (this.#sum + entry) & digestMask;
    this.#buckets[bucket] = ((this.#buckets[bucket] ?? 0n) + entry) & digestMask;
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

function entryDigest(id: Uint8Array, { sizeBytes, path }: SharedFile, sha256: Sha256): bigint {
  const text = encoder.encode(path);
  const input = new Uint8Array(idBytes + 8 + text.length);
  input.set(id);
  new DataView(input.buffer).setBigUint64(idBytes, BigInt(sizeBytes));
  input.set(text, idBytes + 8);
  const hash = sha256(input);
  const view = new DataView(hash.buffer, hash.byteOffset, shareDigestBytes);
  return (view.getBigUint64(0) << 64n) | view.getBigUint64(8);
}

function bigEndian(value: bigint, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let at = length - 1, rest = value; at >= 0; at--, rest >>= 8n) bytes[at] = Number(rest & 255n);
  return bytes;
}
