/**
 * Look-ups that wait for their turn. Invariant: one begins in a turn of the event loop, and the next when what the one
 * before found has been sent: who asked first does not wait for those that came together with it. Whoever has gone
 * meanwhile costs nothing.
 */
import { maxWaitingLookUps } from '../../core/limits/tracker.ts';
import { fail } from '../../core/result.ts';
import { isAwaited } from '../runtime/index.ts';
import type { LookUp } from './look-ups.ts';

export class LookUpLine {
  readonly #begin: (message: LookUp) => void;
  readonly #leave: () => void;
  #waiting: LookUp[] = [];
  #isMoving = false;

  /** `begin` looks it up; `leave`: one has gone that was never begun. */
  constructor(begin: (message: LookUp) => void, leave: () => void) {
    this.#begin = begin;
    this.#leave = leave;
  }

  get length(): number {
    return this.#waiting.length;
  }

  add(message: LookUp): void {
    if (this.#waiting.length >= maxWaitingLookUps) {
      message.replyTo.reply(
        fail('busy', 'The tracker has more to look up than it can; try again in a moment'),
      );
      return this.#leave();
    }
    this.#waiting.push(message);
    if (!this.#isMoving) this.#move();
  }

  /** Nothing is begun any more. */
  close(): void {
    this.#waiting = [];
  }

  readonly #move = (): void => {
    const message = this.#next();
    this.#isMoving = message !== undefined;
    if (message === undefined) return;
    this.#begin(message);
    // In the turn between, what it found is sent.
    setImmediate(() => setImmediate(this.#move));
  };

  /** The first that somebody waits for. */
  #next(): LookUp | undefined {
    for (;;) {
      const message = this.#waiting.shift();
      if (message === undefined || isAwaited(message.replyTo)) return message;
      this.#leave();
    }
  }
}
