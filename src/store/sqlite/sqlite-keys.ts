/**
 * The numbers under which files lie in the index: content first, so that all copies of one are neighbours. Small, as
 * half of what registering costs is writing that index. Invariant: two files may share a number, so whoever finds one
 * compares; the secret keeps anybody from choosing files that do.
 */
import { hash } from 'node:crypto';
import { idBytes } from '../../core/ids.ts';
import { maxPathBytes } from '../../core/limits/wire.ts';

/** Of 53 bits, which a number holds exactly, these tell the paths of one content apart. */
const paths = 2 ** 21;
/** The largest prime below 2^32. */
const prime = 4_294_967_291;
/** A secret is a factor of 32 bits for each 16 bits of an id, and as much for paths. */
export const secretBytes = 2 * idBytes + 32;
const pathSecretBytes = secretBytes - 2 * idBytes;

/** Those of all paths of the content that has a key lie between these two. */
export function contentKeys(key: number): readonly [first: number, last: number] {
  const first = key - (key % paths);
  return [first, first + paths - 1];
}

export class FileKeys {
  readonly #factors = new Float64Array(idBytes / 2);
  /** The secret of the paths, with room for one behind it. */
  readonly #path: Buffer;

  constructor(secret: Uint8Array) {
    const view = new DataView(secret.buffer, secret.byteOffset, secret.byteLength);
    for (let at = 0; at < this.#factors.length; at++) this.#factors[at] = view.getUint32(4 * at) % prime;
    this.#path = Buffer.alloc(pathSecretBytes + maxPathBytes);
    this.#path.set(secret.subarray(2 * idBytes));
  }

  /** Of a content at a path, which is UTF-8. */
  of(id: Uint8Array, path: Uint8Array): number {
    const length = Math.min(path.length, maxPathBytes);
    this.#path.set(length < path.length ? path.subarray(0, length) : path, pathSecretBytes);
    const digest = hash('sha256', this.#path.subarray(0, pathSecretBytes + length), 'binary');
    const low = digest.charCodeAt(0) | (digest.charCodeAt(1) << 8) | ((digest.charCodeAt(2) & 0x1f) << 16);
    return this.#ofContent(id) * paths + low;
  }

  /** Those of all paths of a content lie between these two. */
  range(id: Uint8Array): readonly [first: number, last: number] {
    return contentKeys(this.#ofContent(id) * paths);
  }

  /**
   * A sum of products modulo a prime (Carter and Wegman, Universal classes of hash functions, 1979): two ids share it
   * for one secret in four thousand million. Sums of 16 products of 32 and 16 bits stay below 2^53.
   */
  #ofContent(id: Uint8Array): number {
    let sum = 0;
    for (let at = 0; at < idBytes; at += 2)
      sum += (this.#factors[at >> 1] ?? 0) * ((id[at] ?? 0) * 256 + (id[at + 1] ?? 0));
    return sum % prime;
  }
}
