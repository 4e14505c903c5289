/**
 * When who writes a catalogue lets those go first who search it: where there are few processors, one that registers files
 * without a pause has others wait at each step of an answer. Invariant: over time it sleeps no longer than it works, so files are
 * registered however many search.
 */
import { givingWayMs, maxGivingWayMs } from '../core/limits/stores.ts';

export interface GivingWayTerms {
  /** Whether somebody waits for an answer now. */
  readonly isAwaited: () => boolean;
  readonly nowMs?: () => number;
  /** Blocks the thread. */
  readonly sleep?: (ms: number) => void;
}

export class GivingWay {
  readonly #isAwaited: () => boolean;
  readonly #nowMs: () => number;
  readonly #sleep: (ms: number) => void;
  #leftMs = maxGivingWayMs;
  #sinceMs: number;

  constructor({ isAwaited, nowMs = () => performance.now(), sleep = sleepFor }: GivingWayTerms) {
    this.#isAwaited = isAwaited;
    this.#nowMs = nowMs;
    this.#sleep = sleep;
    this.#sinceMs = nowMs();
  }

  /** Called between two small pieces of work: sleeps while somebody waits, as far as that is allowed. */
  pause(): void {
    let nowMs = this.#nowMs();
    this.#leftMs = Math.min(maxGivingWayMs, this.#leftMs + nowMs - this.#sinceMs);
    while (this.#leftMs > 0 && this.#isAwaited()) {
      const sinceMs = nowMs;
      this.#sleep(givingWayMs);
      nowMs = this.#nowMs();
      this.#leftMs -= nowMs - sinceMs;
    }
    this.#sinceMs = nowMs;
  }
}

const nobody = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));

function sleepFor(ms: number): void {
  Atomics.wait(nobody, 0, 0, ms);
}
