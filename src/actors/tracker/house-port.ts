/**
 * How a visit reaches the rest of the tracker: questions to the registry are put until they are answered, look-ups go
 * to the searchers, and what comes back is handled in the connection's turn. Invariant: what was begun elsewhere for
 * this connection (swarms joined, a permit) is ended with it.
 */
import type { SharedFile, Source } from '../../core/catalogue.ts';
import type { FileEntries } from '../../core/share/file-entries.ts';
import type { ContentId } from '../../core/ids.ts';
import * as limits from '../../core/limits/tracker.ts';
import { secondsOf } from '../../core/tracker/presence.ts';
import { fail, type Problem, type Result } from '../../core/result.ts';
import type { Sendable } from '../../protocol/session-events.ts';
import type { TrackerReply } from '../../protocol/tracker-messages.ts';
import type { TrackerServerSession, Welcome } from '../../protocol/tracker-server-session.ts';
import type { AttachProblem, PeerArrival, ShareChange, ShareState } from '../../store/catalog-store.ts';
import type { ActorContext, ActorRef, Answer, Outcome, Question } from '../runtime/index.ts';
import type { Calling } from './calls.ts';
import type { ConnectionArgs } from './connection.ts';
import type { Newcomers } from './swarms.ts';
import { askDesk } from './look-up-desk.ts';
import type { LookUp } from './look-ups.ts';
import type { RegistryCommand, Stay } from './registry.ts';
import { prepareInTurns } from './prepare-in-turns.ts';
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
  /** So far: several may be waited for at the same time. */
  #retries = 0;
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

  /** All that is known of files without the catalogue is found out here, for the registry to write down. */
  apply(
    stay: Stay,
    adds: FileEntries,
    removes: readonly Pick<SharedFile, 'id' | 'path'>[],
    asked: () => void,
    then: (answer: Result<ShareChange>) => void,
  ): void {
    const preparing = prepareInTurns(adds, this.deniedOf(adds), this.args.known);
    this.#ctx.pipe(preparing, (prepared) =>
      resume(() => {
        if (!prepared.ok) throw prepared.error;
        this.ask({ type: 'apply', stay, batch: { adds: prepared.value, removes } }, then);
        asked();
      }),
    );
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
    const { swarms, session: visitor, wanted } = this.args;
    const nowSeconds = secondsOf(this.nowMs());
    for (const id of joining.ids) wanted.note(id, nowSeconds);
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

  announceReturn(source: Source): void {
    this.args.swarms.tell({ type: 'returned', source });
  }

  announceShared(source: Source, files: FileEntries): void {
    const { wanted, swarms } = this.args;
    const nowSeconds = secondsOf(this.nowMs());
    const ids: ContentId[] = [];
    for (let at = 0; at < files.count; at++)
      if (wanted.has(files.bytes, files.start(at), nowSeconds)) ids.push(files.id(at));
    const shown = ids.filter((id) => !this.isDenied(id));
    if (shown.length > 0) swarms.tell({ type: 'shared', source, ids: shown });
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
    this.#ctx.timers.once('later', afterMs, resume(run));
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

  /** Whether nothing is to be said of a content. */
  protected isDenied(_id: ContentId | undefined): boolean {
    return false;
  }

  /** Tells of each file by its place whether it is kept out of the catalogue; undefined: none is. */
  protected deniedOf(_files: FileEntries): ((at: number) => boolean) | undefined {
    return undefined;
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
          this.#retries += 1;
          this.#ctx.timers.once(`retry ${this.#retries}`, limits.registryRetryMs, again);
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
