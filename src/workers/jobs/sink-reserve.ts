/**
 * How many slots all receiving threads of an engine may have touched together beyond those that each has of its own.
 * Invariant: never more than `sinkReserveSlots`, whatever number of threads, connections and downloads there is. A
 * thread that dies keeps what it took: that costs others speed, and no memory.
 */
import { isSharedArrayBuffer } from 'node:util/types';
import { getEnvironmentData, setEnvironmentData } from 'node:worker_threads';
import { sinkReserveSlots } from '../../core/limits.ts';

const key = 'shoal.sinkReserve';

export class SinkReserve {
  readonly #taken: Int32Array;

  constructor(shared: SharedArrayBuffer) {
    this.#taken = new Int32Array(shared, 0, 1);
  }

  get hasRoom(): boolean {
    return Atomics.load(this.#taken, 0) < sinkReserveSlots;
  }

  /** Whether one more slot may be touched. It is the caller's until `give`. */
  take(): boolean {
    if (Atomics.add(this.#taken, 0, 1) < sinkReserveSlots) return true;
    Atomics.sub(this.#taken, 0, 1);
    return false;
  }

  /** So many slots that were taken are let go of. */
  give(count: number): void {
    Atomics.sub(this.#taken, 0, count);
  }
}

/**
 * The one of this thread and of all that are started from it. Threads that are to share one must be started after the
 * first call.
 */
export function sinkReserve(): SinkReserve {
  let shared = getEnvironmentData(key);
  if (!isSharedArrayBuffer(shared)) {
    shared = new SharedArrayBuffer(4);
    setEnvironmentData(key, shared);
  }
  return new SinkReserve(shared as SharedArrayBuffer);
}
