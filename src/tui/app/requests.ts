/**
 * Questions to the engine and who waits for the answers. A few are open at a time, others are put when these have been
 * answered: whoever marks hundreds of files asks for as many downloads, which no other question waits behind. Invariant:
 * every question is forgotten: at its last answer, or when none came in time, of which who asked is told.
 */
import type { EngineCommand, EngineEvent } from '../../core/engine/engine-api.ts';
import { uiAnswerTimeoutMs, uiDownloadsAskedAtOnce, uiQuestionsAtOnce } from '../../core/limits/screen.ts';
import type { AskEffect, Effect } from '../model/effects.ts';
import { toast } from '../model/effects.ts';
import type { TuiClock } from './ports.ts';
import { QuestionLane } from './question-lane.ts';

interface Waiting {
  readonly ask: AskEffect;
  readonly lane: QuestionLane;
  cancel: () => void;
}

export class Requests {
  readonly #clock: TuiClock;
  readonly #send: (command: EngineCommand) => void;
  readonly #perform: (effects: readonly Effect[]) => void;
  readonly #waiting = new Map<number, Waiting>();
  readonly #downloads = new QuestionLane(uiDownloadsAskedAtOnce);
  readonly #others = new QuestionLane(uiQuestionsAtOnce);
  #next = 1;

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
    const lane = ask.question.type === 'download' ? this.#downloads : this.#others;
    if (lane.add(ask)) this.#putNext(lane);
    else this.#perform([toast('Too much at once: not all of it was asked for', 'error')]);
  }

  #putNext(lane: QuestionLane): void {
    for (let ask = lane.take(); ask !== undefined; ask = lane.take()) {
      const requestId = this.#next++;
      this.#waiting.set(requestId, { ask, lane, cancel: this.#deadline(requestId) });
      this.#send({ ...ask.question, requestId } as EngineCommand);
    }
  }

  /** Hands an answer to who asked. Returns whether it was one to us. */
  receive(event: EngineEvent): boolean {
    if (!('requestId' in event)) return false;
    const waiting = this.#waiting.get(event.requestId);
    if (waiting === undefined) return false;
    waiting.cancel();
    const more = 'last' in event && !event.last && event.answer.ok;
    if (more) waiting.cancel = this.#deadline(event.requestId);
    else this.#forget(event.requestId, waiting);
    this.#perform(waiting.ask.answered(event));
    this.#putNext(waiting.lane);
    return true;
  }

  #forget(requestId: number, { lane }: Waiting): void {
    this.#waiting.delete(requestId);
    lane.close();
  }

  close(): void {
    for (const { cancel } of this.#waiting.values()) cancel();
    this.#waiting.clear();
    this.#downloads.clear();
    this.#others.clear();
  }

  #deadline(requestId: number): () => void {
    return this.#clock.after(uiAnswerTimeoutMs, () => {
      const waiting = this.#waiting.get(requestId);
      if (waiting === undefined) return;
      this.#forget(requestId, waiting);
      const { unanswered, question } = waiting.ask;
      this.#perform(
        unanswered?.() ?? [
          toast(`No answer to ${question.type} within ${uiAnswerTimeoutMs / 1000} s`, 'warning'),
        ],
      );
      this.#putNext(waiting.lane);
    });
  }
}
