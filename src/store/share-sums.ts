/**
 * The digest of one share in a form that can be kept on disk and changed in microseconds: 256 sums of 128 bits,
 * as core/share/share-digest.ts defines them. Invariant: the same files give the same digests as `ShareDigest`.
 */
import { hash } from 'node:crypto';
import type { SharedFile } from '../core/catalogue.ts';
import { idBytes } from '../core/ids.ts';
import { maxPathBytes } from '../core/limits/wire.ts';
import { bucketCount, bucketDigestBytes, bucketOf, shareDigestBytes } from '../core/share/share-digest.ts';
import type { PreparedRow } from './prepared-batch.ts';
import { bytesOf } from './share-hash.ts';

/** 32-bit limbs of a sum, the lowest first. */
const limbs = shareDigestBytes / 4;
/** What is hashed of one file; paths are checked before they come here. */
const scratch = Buffer.alloc(idBytes + 8 + maxPathBytes);

export class ShareSums {
  readonly #sums = new Uint32Array(bucketCount * limbs);
  #count: number;

  /** `saved` is what `save` gave for a share of `count` files; nothing for an empty share. */
  constructor(saved?: Uint8Array, count = 0) {
    if (saved !== undefined) new Uint8Array(this.#sums.buffer).set(saved);
    this.#count = count;
  }

  get count(): number {
    return this.#count;
  }

  add(file: SharedFile): void {
    this.#change(file, 1);
  }

  /** The same of a file whose entry is known. */
  addRow(row: PreparedRow): void {
    for (let limb = 0; limb < limbs; limb++) entry[limb] = row.limb(limb);
    this.#note(row.id, 1);
  }

  remove(file: SharedFile): void {
    this.#change(file, -1);
  }

  digest(): Uint8Array {
    const total = new Uint32Array(limbs);
    for (let at = 0; at < this.#sums.length; at += limbs) addTo(total, 0, this.#sums, at, 1);
    return bigEndian(total);
  }

  bucketDigests(): Uint8Array {
    const digests = new Uint8Array(bucketCount * bucketDigestBytes);
    for (let bucket = 0; bucket < bucketCount; bucket++) {
      const sum = this.#sums.subarray(bucket * limbs, (bucket + 1) * limbs);
      digests.set(bigEndian(sum).subarray(-bucketDigestBytes), bucket * bucketDigestBytes);
    }
    return digests;
  }

  /** A view of the sums in this machine's byte order: a catalogue stays on its machine. */
  save(): Uint8Array {
    return new Uint8Array(this.#sums.buffer);
  }

  #change(file: SharedFile, by: 1 | -1): void {
    const id = bytesOf(file.id);
    findEntry(file, id);
    this.#note(id, by);
  }

  #note(id: Uint8Array, by: 1 | -1): void {
    addTo(this.#sums, bucketOf(id) * limbs, entry, 0, by);
    this.#count += by;
  }
}

/** What the file looked at last adds to the sum of its bucket: made once, because files come by the million. */
const entry = new Uint32Array(limbs);

/** The first 16 bytes of a file's hash, as limbs. */
function findEntry({ sizeBytes, path }: SharedFile, id: Uint8Array): void {
  const length = idBytes + 8 + scratch.write(path, idBytes + 8);
  scratch.set(id);
  scratch.writeUInt32BE(Math.floor(sizeBytes / 2 ** 32), idBytes);
  scratch.writeUInt32BE(sizeBytes % 2 ** 32, idBytes + 4);
  // As a string of bytes, because making a Buffer costs more than hashing does.
  const digest = hash('sha256', scratch.subarray(0, length), 'binary');
  for (let limb = 0; limb < limbs; limb++) {
    const at = (limbs - 1 - limb) * 4;
    entry[limb] =
      (digest.charCodeAt(at) << 24) |
      (digest.charCodeAt(at + 1) << 16) |
      (digest.charCodeAt(at + 2) << 8) |
      digest.charCodeAt(at + 3);
  }
}

/** Adds a sum to another, or takes it away, modulo 2^128; each begins at a limb of its array. */
function addTo(sums: Uint32Array, to: number, more: Uint32Array, from: number, by: 1 | -1): void {
  let carry = 0;
  for (let limb = 0; limb < limbs; limb++) {
    const value = (sums[to + limb] ?? 0) + by * (more[from + limb] ?? 0) + carry;
    sums[to + limb] = value;
    carry = Math.floor(value / 2 ** 32);
  }
}

function bigEndian(sum: Uint32Array): Uint8Array {
  const bytes = Buffer.alloc(shareDigestBytes);
  for (const [limb, value] of sum.entries()) bytes.writeUInt32BE(value, (limbs - 1 - limb) * 4);
  return bytes;
}
