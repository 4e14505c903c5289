/**
 * Makes the manifest of bytes that come in parts, in order and of any length.
 * Invariant: what is left over between two parts is hashed as it comes, never kept.
 */
import { leafBytes, type Manifest } from '../core/swarm/manifest.ts';
import { minPieceLength, pieceCount, pieceLengthFor } from '../core/swarm/piece-length.ts';
import { blake3, type Hasher } from './hash.ts';

/** The manifest of bytes that are all here. */
export function manifestOf(bytes: Uint8Array): Manifest {
  if (bytes.length > 0 && bytes.length <= minPieceLength)
    return { sizeBytes: bytes.length, pieceLength: minPieceLength, leaves: blake3.hash(bytes) };
  const hasher = new ManifestHasher(bytes.length);
  hasher.update(bytes);
  return hasher.finish();
}

export class ManifestHasher {
  readonly #sizeBytes: number;
  readonly #pieceLength: number;
  readonly #leaves: Uint8Array;
  /** The piece that has begun but not ended, and how many bytes of it have come. */
  #open: Hasher | undefined;
  #openBytes = 0;
  #hashedBytes = 0;
  #pieces = 0;

  /** `sizeBytes` is what all the parts will add up to: it decides how they are cut. */
  constructor(sizeBytes: number) {
    this.#sizeBytes = sizeBytes;
    this.#pieceLength = pieceLengthFor(sizeBytes);
    this.#leaves = new Uint8Array(pieceCount(sizeBytes) * leafBytes);
  }

  get pieceLength(): number {
    return this.#pieceLength;
  }

  /** Throws when more bytes come than were announced. */
  update(bytes: Uint8Array): void {
    if (this.#hashedBytes + bytes.length > this.#sizeBytes)
      throw new RangeError(`Expected ${this.#sizeBytes} bytes, got more`);
    let at = 0;
    while (at < bytes.length) {
      const pieceBytes = Math.min(this.#pieceLength, this.#sizeBytes - this.#pieces * this.#pieceLength);
      const part = bytes.subarray(at, at + pieceBytes - this.#openBytes);
      if (part.length === pieceBytes) this.#add(blake3.hash(part));
      else this.#continue(part, pieceBytes);
      at += part.length;
    }
    this.#hashedBytes += bytes.length;
  }

  /** Throws when fewer bytes came than were announced. */
  finish(): Manifest {
    if (this.#hashedBytes !== this.#sizeBytes)
      throw new RangeError(`Expected ${this.#sizeBytes} bytes, got ${this.#hashedBytes}`);
    return { sizeBytes: this.#sizeBytes, pieceLength: this.#pieceLength, leaves: this.#leaves };
  }

  #continue(part: Uint8Array, pieceBytes: number): void {
    this.#open ??= blake3.createHasher();
    this.#open.update(part);
    this.#openBytes += part.length;
    if (this.#openBytes < pieceBytes) return;
    this.#add(this.#open.digest());
    this.#open = undefined;
    this.#openBytes = 0;
  }

  #add(leaf: Uint8Array): void {
    this.#leaves.set(leaf, this.#pieces * leafBytes);
    this.#pieces += 1;
  }
}
