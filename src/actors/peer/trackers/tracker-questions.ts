/**
 * The questions that one tracker is to answer: those that wait for a connection and those it has been asked.
 * Invariant: every question ends exactly once, with its answer or a problem, and one that a lost connection
 * interrupted is put once more at most.
 */
import { maxWaitingQuestions } from '../../../core/limits/tracker-link.ts';
import type { Problem } from '../../../core/result.ts';
import type { TrackerReply } from '../../../protocol/tracker-messages.ts';
import type { Exchange, RequestBody } from './exchange.ts';

interface Entry {
  readonly exchange: Exchange;
  /** How often it has been sent in vain. */
  losses: number;
}

export class TrackerQuestions {
  readonly #waiting: Entry[] = [];
  readonly #asked = new Map<number, Entry>();

  /** Takes a question, or refuses it with `busy`. */
  add(exchange: Exchange): void {
    if (this.#waiting.length < maxWaitingQuestions) this.#waiting.push({ exchange, losses: 0 });
    else
      exchange.fail({ code: 'busy', message: 'Too many questions wait for this tracker; ask again later' });
  }

  get isWaiting(): boolean {
    return this.#waiting.length > 0;
  }

  /** The next request to send, under the number that `nextId` gives; undefined when nothing waits. */
  next(nextId: () => number): { readonly requestId: number; readonly body: RequestBody } | undefined {
    const entry = this.#waiting.shift();
    if (entry === undefined) return undefined;
    const requestId = nextId();
    this.#asked.set(requestId, entry);
    return { requestId, body: entry.exchange.request() };
  }

  /** Takes a reply. True when its question is over or waits to ask for more: its deadline is done with. */
  reply(requestId: number, reply: TrackerReply): boolean {
    const entry = this.#asked.get(requestId);
    const state = entry?.exchange.take(reply);
    if (entry === undefined || state === 'more') return false;
    this.#asked.delete(requestId);
    if (state === 'again') this.#waiting.unshift(entry);
    else entry.exchange.finish();
    return true;
  }

  /** There is no answer to this one. False when it was over before. */
  fail(requestId: number, problem: Problem): boolean {
    const entry = this.#asked.get(requestId);
    this.#asked.delete(requestId);
    entry?.exchange.fail(problem);
    return entry !== undefined;
  }

  /** The connection was lost: what was under way waits for the next, unless that happened to it before. */
  interrupt(problem: Problem): void {
    const entries = [...this.#asked.values()];
    this.#asked.clear();
    for (const entry of entries.toReversed()) {
      entry.losses += 1;
      if (entry.losses > 1) entry.exchange.fail(problem);
      else this.#waiting.unshift(entry);
    }
  }

  /** Nobody can be asked: all that waits ends. */
  failAll(problem: Problem): void {
    for (const { exchange } of this.#waiting.splice(0)) exchange.fail(problem);
  }
}
