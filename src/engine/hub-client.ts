/**
 * One client of the engine, as the hub keeps it: what waits for it, what is on its way, and what it has missed.
 * Invariant: no more than a window of bytes is on its way at once, no more than a backlog of events waits, and
 * whoever has missed anything is told by a snapshot how all is now.
 */
import type { Clock } from '../actors/runtime/index.ts';
import { isAnswer, refusalOf, type EngineAnswer, type EngineRequest } from '../core/engine/engine-answers.ts';
import type { EngineEvent, EngineSnapshot } from '../core/engine/engine-api.ts';
import {
  channelBatch,
  clientWindowBytes,
  maxClientQuestions,
  maxEngineFrameBytes,
  resyncRetryMs,
} from '../core/limits/engine.ts';
import { ok, type Problem, type Result } from '../core/result.ts';
import { EventBacklog } from './event-backlog.ts';
import { packFrame, type WireEvent } from './link-frames.ts';
import { packSnapshot, ViewWriter } from './view-deltas.ts';

/** What a client is reached by: sends the body of a frame, which is not used again here. */
export type ClientLink = (body: Uint8Array<ArrayBuffer>) => void;

export interface HubServices {
  readonly clock: Clock;
  readonly defer: (callback: () => void) => void;
  /** Asks the engine how all is. */
  readonly snapshot: (take: (answer: Result<EngineSnapshot>) => void) => void;
  /** Forgets a question of this client: its answer could not be taken. */
  readonly drop: (requestId: number) => void;
}

interface Packed {
  readonly event: EngineEvent;
  readonly packed: WireEvent;
}

export class HubClient {
  /** Questions of this client that are under way. */
  questions = 0;
  readonly #link: ClientLink;
  readonly #maxBacklog: number;
  readonly #services: HubServices;
  readonly #backlog: EventBacklog;
  readonly #views = new ViewWriter();
  #onTheWay = 0;
  #isScheduled = false;
  #isClosed = false;
  /** `missed`: events pass it by until it takes some again; `asking`: a snapshot is on its way to us. */
  #state: 'current' | 'missed' | 'asking' = 'current';

  constructor(link: ClientLink, maxBacklog: number, services: HubServices) {
    this.#link = link;
    this.#maxBacklog = maxBacklog;
    this.#services = services;
    const after = (ms: number, callback: () => void): unknown => services.clock.after(ms, callback);
    this.#backlog = new EventBacklog(after, () => this.#schedule());
  }

  get mayAsk(): boolean {
    return this.questions < maxClientQuestions;
  }

  add(event: EngineEvent): void {
    if (this.#isClosed || (this.#state === 'missed' && !isAnswer(event))) return;
    this.#backlog.add(event);
    if (this.#backlog.size <= this.#maxBacklog) return;
    // Much at once is no sign of a slow client.
    this.flush();
    if (this.#backlog.size > this.#maxBacklog) this.#overflow();
  }

  /** It has dealt with so many bytes. */
  took(bytes: number): void {
    this.#onTheWay = Math.max(0, this.#onTheWay - bytes);
    this.#schedule();
  }

  close(): void {
    this.#isClosed = true;
    this.#backlog.clear();
  }

  /** Sends what there is, as far as the window goes. */
  flush(windowBytes = clientWindowBytes): void {
    while (!this.#isClosed && this.#onTheWay < windowBytes) {
      const events = this.#backlog.take(channelBatch);
      if (events.length === 0) return this.#catchUp();
      this.#send(events.map((event) => ({ event, packed: this.#pack(event) })));
    }
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    this.#services.defer(() => {
      this.#isScheduled = false;
      this.flush();
    });
  }

  /** Each is packed once: a view is written as what has changed since it was written last. */
  #send(events: readonly Packed[]): void {
    const body = packFrame({ kind: 'events', events: events.map(({ packed }) => packed) });
    if (body.length <= maxEngineFrameBytes) {
      this.#onTheWay += body.length;
      this.#link(body);
      return;
    }
    const [only] = events;
    if (only !== undefined && events.length === 1) {
      if (isAnswer(only.event)) this.#refuse(only.event, tooLong);
      return;
    }
    const middle = events.length >> 1;
    this.#send(events.slice(0, middle));
    this.#send(events.slice(middle));
  }

  #pack(event: EngineEvent): WireEvent {
    if (event.type === 'download' || event.type === 'upload') return this.#views.write(event);
    if (event.type === 'removed') this.#views.forget(event.transfers);
    if (isOfShare(event)) return { ...event, files: JSON.stringify(event.files) };
    if (event.type === 'tree-files') return { ...event, files: JSON.stringify(event.files) };
    if (event.type === 'resync') {
      this.#views.keepOnly(event.snapshot);
      return { ...event, snapshot: packSnapshot(event.snapshot) };
    }
    if (event.type !== 'answer-snapshot') return event;
    const { answer } = event;
    return { ...event, answer: answer.ok ? ok(packSnapshot(answer.value)) : answer };
  }

  /** It does not keep up: what waits is let go of, and each question among it is refused. */
  #overflow(): void {
    this.#state = 'missed';
    for (const answer of this.#backlog.clear()) this.#refuse(answer, tooSlow);
  }

  #refuse(answer: EngineAnswer, problem: Problem): void {
    const { requestId } = answer;
    this.#services.drop(requestId);
    const type = answer.type.slice('answer-'.length) as EngineRequest['type'];
    this.#backlog.add(refusalOf({ type, requestId }, problem));
  }

  /** All that waited is on its way: whoever missed something is told how all is now. */
  #catchUp(): void {
    if (this.#state !== 'missed') return;
    this.#state = 'asking';
    this.#services.snapshot((answer) => this.#resync(answer));
  }

  #resync(answer: Result<EngineSnapshot>): void {
    // Missed something once more: this snapshot is too old.
    if (this.#state !== 'asking') return this.#schedule();
    if (answer.ok) {
      this.#state = 'current';
      this.#backlog.add({ type: 'resync', snapshot: answer.value });
      return;
    }
    this.#state = 'missed';
    this.#services.clock.after(resyncRetryMs, () => this.flush());
  }
}

const isOfShare = (
  event: EngineEvent,
): event is Extract<EngineEvent, { readonly type: 'shared' | 'unshared' }> =>
  event.type === 'shared' || event.type === 'unshared';

const tooSlow: Problem = { code: 'busy', message: 'The answer came faster than it was taken; ask again' };
const tooLong: Problem = { code: 'limit', message: 'The answer is too long' };
