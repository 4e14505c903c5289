/**
 * The questions to one tracker while there is a line to it, and without: puts those that wait, times their answers,
 * and asks of its own accord how many are online. Invariant: what has been put is answered or overdue in bounded time.
 */
import * as limits from '../../../core/limits/tracker-link.ts';
import type { Problem } from '../../../core/result.ts';
import type { TrackerReply } from '../../../protocol/tracker-messages.ts';
import type { Clock } from '../../runtime/index.ts';
import type { Exchange } from './exchange.ts';
import { CountExchange } from './tracker-exchange.ts';
import type { TrackerLine } from './tracker-line.ts';
import type { LinkMessage } from './tracker-link-messages.ts';
import { TrackerPulse } from './tracker-pulse.ts';
import { TrackerQuestions } from './tracker-questions.ts';

const answerTypes = [
  'results',
  'sources',
  'peers',
  'found-peer',
  'joined',
  'peer-count',
  'calling',
] as const satisfies readonly TrackerReply['type'][];

/** Whether it is about a question; refusals aside. */
export const isAnswer = <Event extends { readonly type: string }>(
  event: Event,
): event is Extract<Event, { readonly type: (typeof answerTypes)[number] }> =>
  answerTypes.some((type) => type === event.type);

export interface AskingPort {
  readonly clock: Clock;
  readonly once: (timer: string, afterMs: number, message: LinkMessage) => void;
  readonly cancel: (timer: string) => void;
  /** What is to be shown of it has changed. */
  readonly show: (change: { readonly peers: number } | { readonly latencyMs: number }) => void;
}

export class TrackerAsking {
  readonly #port: AskingPort;
  readonly #questions = new TrackerQuestions();
  readonly #pulse = new TrackerPulse();
  /** Requests in a row that were not answered in time. */
  #overdue = 0;
  #countedMs = Number.NEGATIVE_INFINITY;
  #isCounting = false;
  /** Grows from when a connection is up: those who lost the same tracker come in one after the other. */
  #countEveryMs: number = limits.countPeersSoonMs;

  constructor(port: AskingPort) {
    this.#port = port;
  }

  add(exchange: Exchange): void {
    this.#questions.add(exchange);
  }

  /** Puts what waits, as far as the line takes it. */
  put(line: TrackerLine): void {
    while (line.canAsk && line.hasRoom) {
      const next = this.#questions.next(() => line.nextRequestId());
      if (next === undefined) return;
      const { requestId, body } = next;
      line.send({ ...body, requestId });
      this.#pulse.asked(requestId, this.#port.clock.now());
      this.#port.once(timerOf(requestId), limits.trackerAnswerTimeoutMs, { type: 'overdue', requestId });
    }
  }

  /** A connection is up. */
  begin(): void {
    this.#overdue = 0;
    this.#countEveryMs = limits.countPeersSoonMs;
    this.countPeers();
  }

  /** It is gone: what was asked is asked once more. */
  interrupt(problem: Problem): void {
    this.#port.cancel('count');
    this.#pulse.stop();
    this.#questions.interrupt(problem);
  }

  /** There is nobody to ask. */
  failAll(problem: Problem): void {
    this.#questions.failAll(problem);
  }

  /** Somebody looks. Whether there is something new to put. */
  countAgain(): boolean {
    const isDue = this.#port.clock.now() - this.#countedMs >= limits.countPeersAgainMs;
    if (isDue) this.countPeers();
    return isDue;
  }

  countPeers(): void {
    this.#countedMs = this.#port.clock.now();
    this.#port.once('count', this.#countEveryMs, { type: 'count' });
    this.#countEveryMs = Math.min(2 * this.#countEveryMs, limits.countPeersEveryMs);
    // Many without an answer would make a tracker that is only silent one that is stuck.
    if (this.#isCounting) return;
    this.#isCounting = true;
    this.#questions.add(
      new CountExchange((peers) => {
        this.#isCounting = false;
        if (peers === undefined) this.#countEveryMs = limits.countPeersEveryMs;
        else this.#port.show({ peers });
      }),
    );
  }

  reply(requestId: number, reply: TrackerReply): void {
    this.#overdue = 0;
    // It has come, whatever it says.
    const latencyMs = this.#pulse.answered(requestId, this.#port.clock.now());
    if (latencyMs !== undefined) this.#port.show({ latencyMs });
    if (this.#questions.reply(requestId, reply)) this.#port.cancel(timerOf(requestId));
  }

  /** The tracker refused it. Whether it was a question. */
  refused(requestId: number, problem: Problem): boolean {
    const isOurs = this.#questions.fail(requestId, problem);
    if (isOurs) this.#port.cancel(timerOf(requestId));
    return isOurs;
  }

  /** It was not answered in time. Whether that has happened so often that the tracker must be stuck. */
  late(requestId: number, problem: Problem): boolean {
    // A deadline of the last connection means nothing to this one.
    if (!this.#questions.fail(requestId, problem)) return false;
    this.#overdue += 1;
    return this.#overdue >= limits.maxOverdueAnswers;
  }
}

const timerOf = (requestId: number): string => `answer-${requestId}`;
