/**
 * Who runs next. Cells with work stand in line; a turn of the event loop takes them round robin, a batch each,
 * and ends after `turnMessages` so that I/O is never starved. No promise and no closure per message.
 */
import { cellBatchMessages, turnMessages } from './limits.ts';
import { Mailbox } from './mailbox.ts';

export interface Runnable {
  /** Handles up to `max` messages and returns how many; stands in line again by itself when more is left. */
  run(max: number): number;
}

export class Scheduler {
  readonly #ready = new Mailbox(Number.MAX_SAFE_INTEGER, 'reject');
  #armed = false;

  get idle(): boolean {
    return this.#ready.size === 0;
  }

  /** The caller sees to it that nobody stands in line twice. */
  add(runnable: Runnable): void {
    this.#ready.force(runnable);
    if (this.#armed) return;
    this.#armed = true;
    setImmediate(this.#turn);
  }

  readonly #turn = (): void => {
    try {
      for (let left = turnMessages; left > 0 && this.#ready.size > 0;) {
        const runnable = this.#ready.take() as Runnable;
        left -= Math.max(1, runnable.run(Math.min(left, cellBatchMessages)));
      }
    } finally {
      if (this.#ready.size > 0) setImmediate(this.#turn);
      else this.#armed = false;
    }
  };
}
