/**
 * Which contents somebody downloads, in memory that all threads share, so that of the millions that are registered only
 * those few are told of that may be news to somebody. A content has a place by the first bits of its id, and there is
 * when it was last said to be wanted. Invariant: what is wanted is told to be; others may be told to be as well.
 *
 * Seconds are monotonic and come from outside, all from one clock.
 */
import { decodeId, type ContentId } from '../ids.ts';
import { swarmLeaseMs, wantedPlaces } from '../limits/tracker.ts';

/** Whoever keeps count of who downloads what forgets it after this, but looks only now and then. */
const wantedSeconds = (2 * swarmLeaseMs) / 1_000;

export class WantedContents {
  /** To be handed to other threads. */
  readonly memory: SharedArrayBuffer;
  /** The second after the one in which it was last wanted; 0: never. */
  readonly #seconds: Uint32Array;

  /** Of a new one, nothing is wanted. */
  constructor(memory = new SharedArrayBuffer(wantedPlaces * Uint32Array.BYTES_PER_ELEMENT)) {
    this.memory = memory;
    this.#seconds = new Uint32Array(memory);
  }

  /** Throws for an id that is none: our own mistake. */
  note(id: ContentId, nowSeconds: number): void {
    const bytes = decodeId(id);
    if (bytes === undefined) throw new RangeError(`${id} is not a content id`);
    Atomics.store(this.#seconds, this.#placeOf(bytes, 0), Math.floor(nowSeconds) + 1);
  }

  /** Whether the content whose id begins there was wanted lately. */
  has(bytes: Uint8Array, at: number, nowSeconds: number): boolean {
    const noted = Atomics.load(this.#seconds, this.#placeOf(bytes, at));
    return noted > 0 && nowSeconds - (noted - 1) <= wantedSeconds;
  }

  #placeOf(bytes: Uint8Array, at: number): number {
    const first = ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
    return first % this.#seconds.length;
  }
}
