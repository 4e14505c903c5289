/**
 * A command's conversation with an engine: questions get their answers as promises, everything else goes to who
 * listens. Invariant: every question settles, by its answer, the engine's end or a deadline.
 */
import type {
  ListEntry,
  PeerFindings,
  SearchFindings,
  SearchResult,
  SharedFile,
  Source,
} from '../core/catalogue.ts';
import type {
  Asked,
  DownloadDetails,
  EngineClient,
  EngineCommand,
  EngineEvent,
  EngineListener,
  EngineSnapshot,
} from '../core/engine/engine-api.ts';
import { answerTimeoutMs } from '../core/limits/cli.ts';
import { engineStopTimeoutMs } from '../core/limits/engine.ts';
import { fail, ok, type Problem, type Result } from '../core/result.ts';
import { exitCode } from './exit-codes.ts';

interface Answers {
  readonly search: SearchFindings;
  readonly 'find-name': readonly SearchResult[];
  readonly 'find-contents': readonly SearchResult[];
  readonly peers: PeerFindings;
  readonly 'find-peer': Source;
  readonly shared: readonly SharedFile[];
  readonly download: Asked;
  readonly snapshot: EngineSnapshot;
  readonly details: DownloadDetails;
}

type Details<Kind> = Omit<Extract<EngineCommand, { readonly type: Kind }>, 'type' | 'requestId'>;

type Take = (answer: Result<unknown>, last: boolean) => void;

export class EngineSession {
  /** Settles when the engine has ended, with its exit code. */
  readonly ended: Promise<number>;
  readonly #client: EngineClient;
  readonly #pending = new Map<number, Take>();
  readonly #unsubscribe: () => void;
  #nextRequest = 1;
  #fault: Problem | undefined;
  #over = false;

  constructor(client: EngineClient) {
    this.#client = client;
    this.#unsubscribe = client.subscribe((event) => this.#receive(event));
    this.ended = client.ended.then((code) => {
      this.#over = true;
      for (const take of this.#pending.values()) take({ ok: false, problem: this.endProblem() }, true);
      return code;
    });
  }

  /** Why nothing more comes of an engine that has ended. */
  endProblem(): Problem {
    return this.#fault ?? { code: 'internal', message: 'The engine has stopped by itself' };
  }

  subscribe(listener: EngineListener): () => void {
    return this.#client.subscribe(listener);
  }

  send(command: EngineCommand): void {
    if (!this.#over) this.#client.send(command);
  }

  /** Asks and waits: `timeout` when nothing came in time, `internal` when the engine ended first. */
  ask<Kind extends keyof Answers>(
    type: Kind,
    details: Details<Kind>,
    timeoutMs: number = answerTimeoutMs,
  ): Promise<Result<Answers[Kind]>> {
    return new Promise((resolve) => {
      const requestId = this.#expect(timeoutMs, (answer) => resolve(answer as Result<Answers[Kind]>));
      this.send({ type, requestId, ...details } as EngineCommand);
    });
  }

  /** Browses page by page; the deadline holds for each page. */
  browse(
    question: Details<'browse'>,
    onPage: (entries: readonly ListEntry[]) => void,
    timeoutMs: number = answerTimeoutMs,
  ): Promise<Result<void>> {
    return new Promise((resolve) => {
      const requestId = this.#expect(timeoutMs, (answer, last) => {
        if (!answer.ok) return resolve(answer);
        onPage(answer.value as readonly ListEntry[]);
        if (last) resolve(ok(undefined));
      });
      this.send({ type: 'browse', ...question, requestId });
    });
  }

  /** Stops the engine gracefully and waits for its end, but not for ever. Returns its exit code. */
  async stop(): Promise<number> {
    this.send({ type: 'stop', when: 'now' });
    const deadline = Promise.withResolvers<number>();
    const timer = setTimeout(() => deadline.resolve(exitCode.fault), engineStopTimeoutMs).unref();
    const code = await Promise.race([this.ended, deadline.promise]);
    clearTimeout(timer);
    this.#unsubscribe();
    return code;
  }

  #expect(timeoutMs: number, take: Take): number {
    const requestId = this.#nextRequest++;
    const settle: Take = (answer, last) => {
      if (answer.ok && !last) timer.refresh();
      else {
        clearTimeout(timer);
        this.#pending.delete(requestId);
      }
      take(answer, last);
    };
    const late = `No answer within ${Math.round(timeoutMs / 1000)} s`;
    // The engine's thread keeps the process alive as long as an answer may come.
    const timer = setTimeout(() => settle(fail('timeout', late), true), timeoutMs).unref();
    this.#pending.set(requestId, settle);
    if (this.#over) settle({ ok: false, problem: this.endProblem() }, true);
    return requestId;
  }

  #receive(event: EngineEvent): void {
    switch (event.type) {
      case 'answer-search':
        if (event.last) this.#pending.get(event.requestId)?.(foundIn(event), true);
        return;
      case 'answer-peers':
        this.#pending.get(event.requestId)?.(onlineIn(event), true);
        return;
      case 'answer-download':
        this.#pending.get(event.requestId)?.(askedIn(event), true);
        return;
      case 'answer-find-name':
      case 'answer-find-contents':
      case 'answer-find-peer':
      case 'answer-shared':
      case 'answer-snapshot':
      case 'answer-details':
      case 'answer-share-entries':
      case 'answer-add-share':
      case 'answer-remove-share':
        this.#pending.get(event.requestId)?.(event.answer, true);
        return;
      case 'answer-browse':
        this.#pending.get(event.requestId)?.(event.answer, event.last);
        return;
      case 'fault':
        this.#fault = event.problem;
        return;
      case 'ready':
      case 'listening':
      case 'tracker':
      case 'registered':
      case 'shared':
      case 'unshared':
      case 'skipped':
      case 'upload':
      case 'download':
      case 'removed':
      case 'sent-files':
      case 'tree-files':
      case 'shares':
      case 'limits':
      case 'blocked':
      case 'disk':
      case 'log':
      case 'stops-when-idle':
      case 'resync':
      case 'stopped':
    }
  }
}

function askedIn({
  answer,
  was = 'new',
}: Extract<EngineEvent, { readonly type: 'answer-download' }>): Result<Asked> {
  return answer.ok ? ok({ transfer: answer.value, was }) : answer;
}

function foundIn({
  answer,
  end = {},
}: Extract<EngineEvent, { readonly type: 'answer-search' }>): Result<SearchFindings> {
  return answer.ok ? ok({ results: answer.value, end }) : answer;
}

function onlineIn({
  answer,
  isCut = false,
  isPartial = false,
}: Extract<EngineEvent, { readonly type: 'answer-peers' }>): Result<PeerFindings> {
  return answer.ok ? ok({ peers: answer.value, isCut, isPartial }) : answer;
}
