/** Which of a stream of views say something new: the last state of each transfer, forgotten when it ends. */
import type { DownloadState } from '../core/engine-api.ts';

export class Changes {
  readonly #last = new Map<number, string>();

  /** Whether this state differs from the last one told of the same transfer. */
  isNew(transfer: number, state: string, isLast: boolean): boolean {
    if (this.#last.get(transfer) === state) return false;
    if (isLast) this.#last.delete(transfer);
    else this.#last.set(transfer, state);
    return true;
  }
}

export function hasEnded(state: DownloadState): boolean {
  return state === 'done' || state === 'failed' || state === 'cancelled';
}
