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
  #busy = false;

  get idle(): boolean {
    return this.#ready.size === 0;
  }

  /** The caller sees to it that nobody stands in line twice. */
  add(runnable: Runnable): void {
    this.#ready.force(runnable);
    this.#arm();
  }

  /** A turn at once; for those who come straight from the event loop and have just brought work. */
  turn(): void {
    this.#busy = true;
    try {
      for (let left = turnMessages; left > 0 && this.#ready.size > 0;) {
        const runnable = this.#ready.take() as Runnable;
        left -= Math.max(1, runnable.run(Math.min(left, cellBatchMessages)));
      }
    } finally {
      this.#busy = false;
      if (this.#ready.size > 0) this.#arm();
    }
  }

  #arm(): void {
    if (this.#armed || this.#busy) return;
    this.#armed = true;
    setImmediate(this.#armedTurn);
  }

  readonly #armedTurn = (): void => {
    this.#armed = false;
    this.turn();
  };
}
