/**
 * Where the engine's events part to its clients, and their commands come together. Invariant: a client that does
 * not keep up costs the engine a bounded memory and no time, and the other clients notice nothing of it; each
 * question is answered to who asked it, under the number it was asked with, exactly once.
 */
import type { Clock } from '../actors/runtime/index.ts';
import {
  isAnswer,
  isLastAnswer,
  isRequest,
  refusalOf,
  type EngineAnswer,
  type EngineRequest,
} from '../core/engine/engine-answers.ts';
import type { EngineCommand, EngineEvent, EngineSnapshot } from '../core/engine/engine-api.ts';
import type { Result } from '../core/result.ts';
import { HubClient, type ClientLink } from './hub-client.ts';

export interface HubOptions {
  readonly clock: Clock;
  /** Calls back when what happens now is over, so that many events travel together. */
  readonly defer: (callback: () => void) => void;
  /** Where commands go. */
  readonly deliver: (command: EngineCommand) => void;
}

/** A client as its link sees it. */
export interface Joined {
  receive(command: EngineCommand): void;
  /** It has dealt with so many bytes. */
  took(bytes: number): void;
  /** Nothing more can be sent to it; what it has asked is forgotten. */
  leave(): void;
}

interface Question {
  /** Undefined: the hub itself. */
  readonly client: HubClient | undefined;
  /** The number under which it was asked. */
  readonly requestId: number;
  readonly take: (answer: EngineAnswer) => void;
}

export class EventHub {
  readonly #options: HubOptions;
  readonly #clients = new Set<HubClient>();
  readonly #questions = new Map<number, Question>();
  #lastRequest = 0;

  constructor(options: HubOptions) {
    this.#options = options;
  }

  /** Takes in a client: from now on it hears of everything. `maxBacklog`: how many events may wait for it. */
  join(link: ClientLink, maxBacklog: number): Joined {
    const { clock, defer } = this.#options;
    const client: HubClient = new HubClient(link, maxBacklog, {
      clock,
      defer,
      snapshot: (take) => this.snapshot(take),
      drop: (requestId) => this.#drop(client, requestId),
    });
    this.#clients.add(client);
    return {
      receive: (command) => this.#receive(client, command),
      took: (bytes) => client.took(bytes),
      leave: () => {
        this.#clients.delete(client);
        client.close();
        this.#drop(client);
      },
    };
  }

  /** Hands an event to all clients, an answer to the one that asked. */
  publish(event: EngineEvent): void {
    if (!isAnswer(event)) {
      for (const client of this.#clients) client.add(event);
      return;
    }
    const question = this.#questions.get(event.requestId);
    if (question === undefined) return;
    if (isLastAnswer(event)) this.#forget(event.requestId, question);
    question.take({ ...event, requestId: question.requestId });
  }

  /** Sends everything at once: before the thread ends. */
  flush(): void {
    for (const client of this.#clients) client.flush(Infinity);
  }

  /** Asks the engine how all is, on nobody's behalf. */
  snapshot(take: (answer: Result<EngineSnapshot>) => void): void {
    this.#ask({ type: 'snapshot', requestId: 0 }, undefined, (answer) => {
      if (answer.type === 'answer-snapshot') take(answer.answer);
    });
  }

  #receive(client: HubClient, command: EngineCommand): void {
    if (!isRequest(command)) this.#options.deliver(command);
    else if (client.mayAsk) this.#ask(command, client, (answer) => client.add(answer));
    else client.add(refusalOf(command, { code: 'busy', message: 'Too many questions at once' }));
  }

  #ask(request: EngineRequest, client: HubClient | undefined, take: (answer: EngineAnswer) => void): void {
    const id = (this.#lastRequest += 1);
    if (client) client.questions += 1;
    this.#questions.set(id, { client, requestId: request.requestId, take });
    this.#options.deliver({ ...request, requestId: id });
  }

  /** Forgets one question of a client, or all of them. */
  #drop(client: HubClient, requestId?: number): void {
    for (const [id, question] of this.#questions)
      if (question.client === client && (requestId === undefined || question.requestId === requestId))
        this.#forget(id, question);
  }

  #forget(id: number, { client }: Question): void {
    this.#questions.delete(id);
    if (client) client.questions -= 1;
  }
}
