/**
 * Questions to the engine and who waits for the answers. A few are open at a time, others are put when these have been
 * answered: whoever marks hundreds of files asks as many questions. Invariant: every question is forgotten: at its last
 * answer, or when none came in time, of which who asked is told.
 */
import type { EngineCommand, EngineEvent } from '../../core/engine-api.ts';
import { maxUiQuestionsWaiting, uiAnswerTimeoutMs, uiQuestionsAtOnce } from '../../core/limits.ts';
import type { AskEffect, Effect } from '../model/effects.ts';
import { toast } from '../model/effects.ts';
import type { TuiClock } from './ports.ts';

interface Waiting {
  readonly ask: AskEffect;
  cancel: () => void;
}

export class Requests {
  readonly #clock: TuiClock;
  readonly #send: (command: EngineCommand) => void;
  readonly #perform: (effects: readonly Effect[]) => void;
  readonly #waiting = new Map<number, Waiting>();
  #next = 1;
  /** Oldest first, from `#first` on. */
  #later: AskEffect[] = [];
  #first = 0;

  constructor(
    clock: TuiClock,
    send: (command: EngineCommand) => void,
    perform: (effects: readonly Effect[]) => void,
  ) {
    this.#clock = clock;
    this.#send = send;
    this.#perform = perform;
  }

  ask(ask: AskEffect): void {
    if (this.#waiting.size < uiQuestionsAtOnce) this.#put(ask);
    else if (this.#later.length - this.#first < maxUiQuestionsWaiting) this.#later.push(ask);
    else this.#perform([toast('Too much at once: not all of it was asked for', 'error')]);
  }

  #put(ask: AskEffect): void {
    const requestId = this.#next++;
    this.#waiting.set(requestId, { ask, cancel: this.#deadline(requestId) });
    this.#send({ ...ask.question, requestId } as EngineCommand);
  }

  /** Hands an answer to who asked. Returns whether it was one to us. */
  receive(event: EngineEvent): boolean {
    if (!('requestId' in event)) return false;
    const waiting = this.#waiting.get(event.requestId);
    if (waiting === undefined) return false;
    waiting.cancel();
    const more = 'last' in event && !event.last && event.answer.ok;
    if (more) waiting.cancel = this.#deadline(event.requestId);
    else this.#waiting.delete(event.requestId);
    this.#perform(waiting.ask.answered(event));
    this.#putLater();
    return true;
  }

  #putLater(): void {
    while (this.#waiting.size < uiQuestionsAtOnce) {
      const next = this.#later[this.#first];
      if (next === undefined) break;
      this.#first += 1;
      this.#put(next);
    }
    if (this.#first < this.#later.length && this.#first < uiQuestionsAtOnce) return;
    this.#later.splice(0, this.#first);
    this.#first = 0;
  }

  close(): void {
    for (const { cancel } of this.#waiting.values()) cancel();
    this.#waiting.clear();
    this.#later = [];
    this.#first = 0;
  }

  #deadline(requestId: number): () => void {
    return this.#clock.after(uiAnswerTimeoutMs, () => {
      const waiting = this.#waiting.get(requestId);
      this.#waiting.delete(requestId);
      if (waiting === undefined) return;
      const { unanswered, question } = waiting.ask;
      this.#perform(
        unanswered?.() ?? [
          toast(`No answer to ${question.type} within ${uiAnswerTimeoutMs / 1000} s`, 'warning'),
        ],
      );
      this.#putLater();
    });
  }
}
