/**
 * Which files were prepared lately, so that what a catalogue is likely to have already is not cut into words again: a
 * third of what listing a file costs. Of each 32 bits are kept, at a place told by others of its entry in the digest of
 * a share, which is a hash of all that a file is; a later one takes the place of an earlier one. In memory that all
 * threads share, without any order between them.
 * Invariant: it is a guess and no more. Whoever is given a file that it knows finds the words himself where he needs
 * them after all, so a wrong one (the file has been forgotten, or another has the same bits, which can be found by trying)
 * costs time and loses nothing. Nothing else about a file may rest on it.
 */
import { knownFilePlaces } from '../core/limits/tracker.ts';

export class KnownFiles {
  /** To be handed to other threads. */
  readonly memory: SharedArrayBuffer;
  readonly #tags: Uint32Array;

  /** Of a new one, nothing is known. */
  constructor(memory = new SharedArrayBuffer(knownFilePlaces * Uint32Array.BYTES_PER_ELEMENT)) {
    this.memory = memory;
    this.#tags = new Uint32Array(memory);
  }

  /** Whether the file whose entry begins there was noted, and no other at its place since. */
  has(bytes: Uint8Array, at: number): boolean {
    return this.#tags[this.#placeOf(bytes, at)] === tagOf(bytes, at);
  }

  note(bytes: Uint8Array, at: number): void {
    this.#tags[this.#placeOf(bytes, at)] = tagOf(bytes, at);
  }

  #placeOf(bytes: Uint8Array, at: number): number {
    return u32(bytes, at) % this.#tags.length;
  }
}

/** Never 0, which stands for nothing. */
const tagOf = (bytes: Uint8Array, at: number): number => u32(bytes, at + 4) || 1;

function u32(bytes: Uint8Array, at: number): number {
  return (
    (((bytes[at] ?? 0) << 24) |
      ((bytes[at + 1] ?? 0) << 16) |
      ((bytes[at + 2] ?? 0) << 8) |
      (bytes[at + 3] ?? 0)) >>>
    0
  );
}
