/**
 * Questions of one kind in the order they were asked: a few are open, others wait until these have been answered.
 * Invariant: never more than `atOnce` are open, never more than `maxUiQuestionsWaiting` wait.
 */
import { maxUiQuestionsWaiting } from '../../core/limits/screen.ts';
import type { AskEffect } from '../model/effects.ts';

export class QuestionLane {
  readonly #atOnce: number;
  #open = 0;
  /** Oldest first, from `#first` on. */
  #waiting: AskEffect[] = [];
  #first = 0;

  constructor(atOnce: number) {
    this.#atOnce = atOnce;
  }

  /** Returns false, and nothing happens, when too many wait. */
  add(ask: AskEffect): boolean {
    if (this.#waiting.length - this.#first >= maxUiQuestionsWaiting) return false;
    this.#waiting.push(ask);
    return true;
  }

  /** The next one that may be put: it is open from now on. */
  take(): AskEffect | undefined {
    const next = this.#open < this.#atOnce ? this.#waiting[this.#first] : undefined;
    if (next === undefined) return undefined;
    this.#open += 1;
    this.#first += 1;
    if (this.#first === this.#waiting.length || this.#first >= this.#atOnce) {
      this.#waiting.splice(0, this.#first);
      this.#first = 0;
    }
    return next;
  }

  /** One that was open has its answer, or will have none. */
  close(): void {
    this.#open -= 1;
  }

  /** Forgets all that wait. */
  clear(): void {
    this.#waiting = [];
    this.#first = 0;
  }
}
