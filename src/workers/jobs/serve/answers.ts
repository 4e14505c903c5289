/**
 * What a visitor is told without a place in the queue (manifests, lists, what is there of a content): made one after
 * the other, within what one visitor may ask, and paid for like file data where there is a limit.
 * Invariant: what waits here, and what was made and is not read yet, is bounded, whatever a visitor asks for.
 */
import { Allowance } from '../../../core/tracker/allowance.ts';
import { visitorQuestions } from '../../../core/limits/connections.ts';
import { maxUnreadAnswerBytes, maxWaitingAnswers } from '../../../core/limits/uploads.ts';
import type { Rate } from '../../../core/rates/shared-rate.ts';
import type { PeerMessage } from '../../../protocol/peer-messages.ts';
import type { Sendable } from '../../../protocol/session-events.ts';
import { nowMs, type Connection } from '../connection.ts';
import { SendPacer } from '../pacer.ts';

export interface Answer {
  readonly message: Sendable<PeerMessage>;
  /** The raw bytes behind it. */
  readonly data?: Uint8Array;
}

/** Undefined: nothing is to be said. */
export type Question = () => Promise<Answer | undefined>;

export class Answers {
  readonly #connection: Connection;
  readonly #pacer: SendPacer;
  readonly #onFailure: () => void;
  readonly #allowance = new Allowance(visitorQuestions, nowMs());
  readonly #waiting: Question[] = [];
  #unreadBytes = 0;
  #isAnswering = false;
  #timer: NodeJS.Timeout | undefined;

  /** `rate`: the limit for all that is sent over this connection. `onFailure` is called when a question rejects. */
  constructor(connection: Connection, rate: Rate, onFailure: () => void) {
    this.#connection = connection;
    this.#pacer = new SendPacer([rate]);
    this.#onFailure = onFailure;
    void connection.ended.then(() => {
      clearTimeout(this.#timer);
      this.#pacer.stop();
      this.#waiting.length = 0;
    });
  }

  /** Takes a question; a visitor that has far too many of them is shown out. */
  ask(question: Question): void {
    if (!this.#connection.isOpen) return;
    if (this.#waiting.length >= maxWaitingAnswers)
      return this.#connection.refuse({ code: 'limit', message: 'Too many questions at once' });
    this.#waiting.push(question);
    this.#next();
  }

  #next(): void {
    if (this.#isAnswering || this.#timer || this.#unreadBytes >= maxUnreadAnswerBytes) return;
    if (this.#waiting.length === 0 || !this.#connection.isOpen) return;
    if (!this.#allowance.take(nowMs())) return this.#later();
    const question = this.#waiting.shift();
    if (!question) return;
    this.#isAnswering = true;
    void this.#answer(question)
      .catch(this.#onFailure)
      .finally(() => {
        this.#isAnswering = false;
        this.#next();
      });
  }

  #later(): void {
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#next();
    }, 1_000 / visitorQuestions.perSecond);
  }

  async #answer(question: Question): Promise<void> {
    const answer = await question();
    if (!answer || !this.#connection.isOpen) return;
    const bytes = this.#send(answer);
    // Paid for afterwards, as nobody knows before how long a list is: what comes next waits for it.
    if (this.#pacer.isLimited) await this.#pacer.turn(bytes);
  }

  #send({ message, data }: Answer): number {
    const frame = this.#connection.session.send(message);
    const bytes = frame.length + (data?.length ?? 0);
    this.#unreadBytes += bytes;
    const wasRead = (): void => {
      this.#unreadBytes -= bytes;
      this.#next();
    };
    this.#connection.corked(() => {
      this.#connection.write(frame, data ? undefined : wasRead);
      if (data) this.#connection.write(data, wasRead);
    });
    return bytes;
  }
}
