/**
 * How a visit reaches the rest of the tracker: questions to the registry are put until they are answered, look-ups go
 * to the searchers, and what comes back is handled in the connection's turn. Invariant: what was begun elsewhere for
 * this connection (swarms joined, a permit) is ended with it.
 */
import type { Source } from '../../core/catalogue.ts';
import type { ContentId } from '../../core/ids.ts';
import * as limits from '../../core/limits.ts';
import { fail, type Problem, type Result } from '../../core/result.ts';
import type { Sendable } from '../../protocol/session-events.ts';
import type { TrackerReply } from '../../protocol/tracker-messages.ts';
import type { TrackerServerSession, Welcome } from '../../protocol/tracker-server-session.ts';
import type { AttachProblem, PeerArrival, ShareState } from '../../store/catalog-store.ts';
import type { ActorContext, ActorRef, Answer, Outcome, Question } from '../runtime/index.ts';
import type { Calling } from './calls.ts';
import type { ConnectionArgs } from './connection.ts';
import type { Newcomers, SwarmsCommand } from './swarms.ts';
import { askDesk } from './look-up-desk.ts';
import type { LookUp } from './look-ups.ts';
import type { RegistryCommand } from './registry.ts';
import type { Permission } from './sync-permits.ts';
import type { Joining, VisitPort } from './visit-port.ts';

/** Goes on where an answer or a retry was waited for. */
export interface Resume {
  readonly type: 'resume';
  readonly run: () => void;
}

/** The connection's own side. */
export interface ConnectionSide {
  readonly session: TrackerServerSession;
  write(bytes: Uint8Array | undefined): void;
  /** The peer is not silent: it is we who do not listen. */
  beat(): void;
  refuse(problem: Problem, detail?: string): void;
  served(): void;
}

type Context = Pick<ActorContext<Resume>, 'ask' | 'pipe' | 'timers'> & { readonly self: ActorRef<Newcomers> };

export class HousePort implements VisitPort {
  protected readonly args: ConnectionArgs;
  readonly #ctx: Context;
  readonly #side: ConnectionSide;
  #hasJoined = false;
  /** Or has asked for one. */
  #hasPermit = false;

  constructor(ctx: Context, args: ConnectionArgs, side: ConnectionSide) {
    this.#ctx = ctx;
    this.args = args;
    this.#side = side;
  }

  /** The connection is over. */
  end(): void {
    const { swarms, session } = this.args;
    if (this.#hasJoined) swarms.tell({ type: 'left', visitor: session });
    if (this.#hasPermit) this.release();
  }

  ask<const Q extends Question<RegistryCommand>>(
    question: Q,
    then: (answer: Answer<RegistryCommand, Q>) => void,
  ): void {
    this.#put(this.args.registry, question, then);
  }

  attach(arrival: PeerArrival, then: (answer: Result<ShareState, AttachProblem>) => void): void {
    const { slot, session, directory } = this.args;
    this.#put(directory, { type: 'attach', slot, session, arrival, nowMs: this.wallMs() }, then);
  }

  lookUp<const Q extends Question<LookUp>>(question: Q, then: (answer: Answer<LookUp, Q>) => void): void {
    askDesk(this.#ctx, this.args.desk, question, (answer) => resume(() => then(answer)));
  }

  join(joining: Joining, then: (partial: readonly (readonly Source[])[]) => void): void {
    this.#hasJoined = true;
    const { swarms, session: visitor } = this.args;
    const question = { type: 'join', visitor, connection: this.#ctx.self, ...joining } as const;
    this.#ctx.ask(swarms, question, limits.registryAskTimeoutMs, (outcome) =>
      // Those who share it are worth an answer without those who download it.
      resume(() => then(outcome.ok ? outcome.value : [])),
    );
  }

  leave(ids: readonly ContentId[]): void {
    const { swarms, session: visitor } = this.args;
    if (this.#hasJoined) swarms.tell({ type: 'leave', visitor, ids });
  }

  announce(news: Extract<SwarmsCommand, { readonly type: 'shared' | 'returned' }>): void {
    this.args.swarms.tell(news);
  }

  call(calling: Calling, then: (answer: Result<void>) => void): void {
    const nobody = fail('busy', 'Nobody can be called now; try again later');
    this.#ctx.ask(this.args.calls, { type: 'call', ...calling }, limits.registryAskTimeoutMs, (outcome) =>
      resume(() => then(outcome.ok ? outcome.value : nobody)),
    );
  }

  permit(then: (permission: Permission) => void): void {
    this.#hasPermit = true;
    const { permits, session } = this.args;
    const later: Permission = { isGiven: false, retryAfterMs: limits.minSyncRetryMs };
    this.#ctx.ask(permits, { type: 'permit', session }, limits.registryAskTimeoutMs, (outcome) =>
      resume(() => then(outcome.ok ? outcome.value : later)),
    );
  }

  release(): void {
    this.#hasPermit = false;
    this.args.permits.tell({ type: 'release', session: this.args.session });
  }

  reply(reply: Sendable<TrackerReply>): void {
    this.#side.write(this.#side.session.send(reply));
  }

  accept(welcome: Welcome): void {
    this.#side.write(this.#side.session.accept(welcome));
  }

  arrived(): void {
    this.#ctx.timers.cancel('hello');
    this.args.arrived();
  }

  served(): void {
    this.#side.served();
  }

  later(run: () => void, afterMs = limits.allowanceRetryMs): void {
    this.#side.beat();
    this.#ctx.timers.once('retry', afterMs, resume(run));
  }

  refuse(problem: Problem, detail?: string): void {
    this.#side.refuse(problem, detail);
  }

  nowMs(): number {
    return this.args.clock.now();
  }

  wallMs(): number {
    return this.args.wallMs();
  }

  random(): number {
    return this.args.random();
  }

  /** Puts a question until it is answered with something else than `busy`, or its time is over. */
  #put<M, const Q extends Question<M>>(
    to: ActorRef<M>,
    question: Q,
    then: (answer: Answer<M, Q>) => void,
    untilMs = this.nowMs() + limits.registryAskTimeoutMs,
  ): void {
    this.#ctx.ask(to, question, limits.registryAskTimeoutMs, (outcome) =>
      resume(() => {
        // Who is full or has just failed is back in a moment. All that is asked may be asked twice.
        if (this.nowMs() < untilMs && isPassing(outcome)) {
          const again = resume(() => this.#put(to, question, then, untilMs));
          this.#ctx.timers.once('retry', limits.registryRetryMs, again);
        } else if (outcome.ok) then(outcome.value);
        else
          this.refuse({ code: 'busy', message: 'The tracker has more to do than it can; try again later' });
      }),
    );
  }
}

const resume = (run: () => void): Resume => ({ type: 'resume', run });

/** All answers of the registry are results. */
function isPassing(outcome: Outcome<unknown, string>): boolean {
  if (!outcome.ok) return outcome.error !== 'timeout';
  const result = outcome.value as Result<unknown>;
  return !result.ok && result.problem.code === 'busy';
}
