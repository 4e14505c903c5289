/**
 * How many slots all receiving threads of an engine may have touched together beyond those that each has of its own.
 * Each counts what it took at a place of its own, so that whoever sees a thread end can give back what that had.
 * Invariant: never more than `sinkReserveSlots`, whatever number of threads, connections and downloads there is.
 */
import { isSharedArrayBuffer } from 'node:util/types';
import { getEnvironmentData, setEnvironmentData, threadId } from 'node:worker_threads';
import { maxSinkThreads, sinkReserveSlots } from '../../../core/limits/tracker.ts';

const key = 'shoal.sinkReserve';
/** Of each place: the thread that has it, as one more than its id (0: nobody), and what it took. */
const placeWords = 2;

export class SinkReserve {
  readonly #places: Int32Array;
  readonly #owner: number;
  /** Where the place of the thread begins; undefined before anything was taken. */
  #mine: number | undefined;

  constructor(shared: SharedArrayBuffer, ofThread: number) {
    this.#places = new Int32Array(shared);
    this.#owner = ofThread + 1;
  }

  get hasRoom(): boolean {
    return this.#taken() < sinkReserveSlots;
  }

  /** Whether one more slot may be touched. It is the thread's until `give`, or until the thread has ended. */
  take(): boolean {
    const mine = (this.#mine ??= this.#placeOf(this.#owner) ?? this.#newPlace());
    if (mine === undefined) return false;
    Atomics.add(this.#places, mine + 1, 1);
    // Who comes at the same time sees this one's as well: both may go without, and never too many have one.
    if (this.#taken() <= sinkReserveSlots) return true;
    this.give(1);
    return false;
  }

  /** So many slots that the thread took are let go of. */
  give(count: number): void {
    const mine = (this.#mine ??= this.#placeOf(this.#owner));
    if (mine !== undefined) Atomics.sub(this.#places, mine + 1, count);
  }

  /** A thread has ended: what it had is free. */
  forget(endedThreadId: number): void {
    const place = this.#placeOf(endedThreadId + 1);
    if (place === undefined) return;
    Atomics.store(this.#places, place + 1, 0);
    Atomics.store(this.#places, place, 0);
  }

  #taken(): number {
    let sum = 0;
    for (let at = 1; at < this.#places.length; at += placeWords) sum += Atomics.load(this.#places, at);
    return sum;
  }

  /** Undefined when all are taken. */
  #newPlace(): number | undefined {
    for (let at = 0; at < this.#places.length; at += placeWords)
      if (Atomics.compareExchange(this.#places, at, 0, this.#owner) === 0) return at;
    return undefined;
  }

  #placeOf(owner: number): number | undefined {
    for (let at = 0; at < this.#places.length; at += placeWords)
      if (Atomics.load(this.#places, at) === owner) return at;
    return undefined;
  }
}

/**
 * The one of this thread and of all that are started from it. Threads that are to share one must be started after the
 * first call. `ofThread`: for whom is taken, another only in tests.
 */
export function sinkReserve(ofThread = threadId): SinkReserve {
  let shared = getEnvironmentData(key);
  if (!isSharedArrayBuffer(shared)) {
    shared = new SharedArrayBuffer(maxSinkThreads * placeWords * Int32Array.BYTES_PER_ELEMENT);
    setEnvironmentData(key, shared);
  }
  return new SinkReserve(shared as SharedArrayBuffer, ofThread);
}
