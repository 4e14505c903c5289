/**
 * Files as a message brings them, one behind the other in one run of bytes, each as the digest of a share hashes it:
 * content id (32 bytes), size (u64, big-endian), path (UTF-8). A tracker hears of files by the million and needs most of
 * them as bytes only, so nothing here is decoded until it is asked for.
 * Invariant: what is asked for is what a `SharedFile` of it holds.
 */
import type { SharedFile } from '../catalogue.ts';
import { type ContentId, contentId, decodeId, idBytes } from '../ids.ts';

/** Where in an entry its path begins, behind the id and the size. */
export const entryPathAt = idBytes + 8;

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

export class FileEntries {
  readonly bytes: Uint8Array;
  /** Where each ends, in order: the first begins at 0, the next where the one before ends. */
  readonly #ends: Uint32Array;

  constructor(bytes: Uint8Array, ends: Uint32Array) {
    this.bytes = bytes;
    this.#ends = ends;
  }

  /** Throws for an id that is none: our own mistake. */
  static of(files: readonly SharedFile[]): FileEntries {
    const paths = files.map(({ path }) => encoder.encode(path));
    const ends = new Uint32Array(files.length);
    const bytes = new Uint8Array(paths.reduce((sum, path) => sum + entryPathAt + path.length, 0));
    const view = new DataView(bytes.buffer);
    let at = 0;
    for (const [index, { id, sizeBytes }] of files.entries()) {
      const idOf = decodeId(id);
      const path = paths[index];
      if (idOf === undefined || path === undefined) throw new RangeError(`${id} is not a content id`);
      bytes.set(idOf, at);
      view.setUint32(at + idBytes, Math.floor(sizeBytes / 2 ** 32));
      view.setUint32(at + idBytes + 4, sizeBytes % 2 ** 32);
      bytes.set(path, at + entryPathAt);
      at += entryPathAt + path.length;
      ends[index] = at;
    }
    return new FileEntries(bytes, ends);
  }

  get count(): number {
    return this.#ends.length;
  }

  /** Those from one up to another, which is not among them; they share the bytes. */
  slice(from: number, to: number): FileEntries {
    const start = this.start(from);
    const ends = this.#ends.slice(from, to).map((end) => end - start);
    return new FileEntries(this.bytes.subarray(start, start + (ends.at(-1) ?? 0)), ends);
  }

  /** Where an entry begins in `bytes`. */
  start(index: number): number {
    return index === 0 ? 0 : this.end(index - 1);
  }

  /** Where it ends. */
  end(index: number): number {
    return this.#ends[index] ?? this.bytes.length;
  }

  id(index: number): ContentId {
    const start = this.start(index);
    return contentId(this.bytes.subarray(start, start + idBytes));
  }

  sizeBytes(index: number): number {
    const at = this.start(index) + idBytes;
    let size = 0;
    for (let byte = at; byte < at + 8; byte++) size = size * 256 + (this.bytes[byte] ?? 0);
    return size;
  }

  path(index: number): string {
    return decoder.decode(this.bytes.subarray(this.start(index) + entryPathAt, this.end(index)));
  }
}
