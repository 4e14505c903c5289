/**
 * The sources that one download has in use, and what each of them is doing for it.
 * Invariant: a source is in use in the book exactly while it is a member here or its session is being asked for.
 */
import type { Assignment } from '../../../core/swarm/assignment.ts';
import type { ContentId, PeerId } from '../../../core/ids.ts';
import {
  detachTimeoutMs,
  manifestsAskedAtOnce,
  maxSourcesInUse,
  sourceAnswerTimeoutMs,
} from '../../../core/limits/downloads.ts';
import type { Order } from '../../../core/swarm/piece-order.ts';
import { lostLine } from '../../../core/peer-words.ts';
import type { Problem } from '../../../core/result.ts';
import type { SourceBook } from '../../../core/swarm/source-book.ts';
import type { OpenedContent } from '../../../workers/transfer-contract.ts';
import type { ActorContext, ActorRef } from '../../runtime/index.ts';
import type { CrewMessage, DownloadHost } from './download-messages.ts';
import type { SessionCommand } from '../sessions/session.ts';

export type Stage = 'idle' | 'asked-manifest' | 'attaching' | 'attached';

interface Member {
  readonly session: ActorRef<SessionCommand>;
  stage: Stage;
}

export interface CrewNeeds {
  readonly ctx: ActorContext<CrewMessage>;
  readonly host: ActorRef<DownloadHost>;
  readonly sources: SourceBook;
  readonly transfer: number;
  readonly id: ContentId;
  readonly now: () => number;
}

export class Crew {
  /** What pieces are fetched for; undefined while the file is not open, or nothing may be fetched. */
  content: Omit<OpenedContent, 'isPartial'> | undefined;
  /** Nobody is asked for the manifest once it is known. */
  needsManifest = true;
  readonly #needs: CrewNeeds;
  readonly #members = new Map<PeerId, Member>();
  readonly #watched = new WeakSet<ActorRef<SessionCommand>>();

  constructor(needs: CrewNeeds) {
    this.#needs = needs;
  }

  get size(): number {
    return this.#members.size;
  }

  has(peer: PeerId): boolean {
    return this.#members.has(peer);
  }

  /** What it is doing for us; undefined when it is not in use. */
  stageOf(peer: PeerId): Stage | undefined {
    return this.#members.get(peer)?.stage;
  }

  /** Takes sources into use while there are some and more are wanted. */
  recruit(): void {
    const { ctx, host, sources, now } = this.#needs;
    while (sources.inUse < maxSourcesInUse) {
      const source = sources.take(now());
      if (!source) return;
      ctx.ask(host, { type: 'session', source }, sourceAnswerTimeoutMs, (outcome) => ({
        type: 'session',
        peer: source.peer,
        outcome,
      }));
    }
  }

  joined(peer: PeerId, session: ActorRef<SessionCommand>): void {
    this.#members.set(peer, { session, stage: 'idle' });
    if (this.#watched.has(session)) return;
    this.#watched.add(session);
    // It tells those it knows when it ends, not those whose message still lay in its mailbox then.
    this.#needs.ctx.watch(session, () => ({ type: 'session-gone', peer, session }));
  }

  /** Whether a source is in use by way of this connection. */
  isServedBy(session: ActorRef<SessionCommand>, peer: PeerId): boolean {
    return this.#members.get(peer)?.session === session;
  }

  moveTo(peer: PeerId, stage: Stage): void {
    const member = this.#members.get(peer);
    if (member) member.stage = stage;
  }

  /** Gives those without work the next thing to do; those that are gone are told of as lost. */
  engage(lost: (peer: PeerId) => void): void {
    for (const [peer, member] of this.#members)
      if (member.stage === 'idle' && !this.#engageOne(peer, member)) lost(peer);
  }

  carryOut(orders: readonly Order[] = []): void {
    const { transfer } = this.#needs;
    for (const { type, peer, ranges } of orders)
      this.#members.get(peer)?.session.offer({ type, content: transfer, ranges });
  }

  /** Out of use, and why; without a reason its connection was lost. */
  lose(peer: PeerId, reason?: Problem): void {
    const { sources } = this.#needs;
    const problem = reason ?? lostLine(sources.of(peer)?.source.name ?? '');
    const wasAtWork = this.stageOf(peer) === 'attached';
    this.#members.delete(peer);
    sources.lost(peer, problem, this.#needs.now(), wasAtWork);
  }

  /** Lets the least useful source go where others wait to be tried. */
  rotate(assignment: Assignment): void {
    const { sources, now } = this.#needs;
    if (sources.inUse < maxSourcesInUse || !sources.hasReady(now())) return;
    const peer = assignment.leastUseful(now());
    if (peer === undefined) return;
    assignment.leave(peer);
    this.dismiss(peer);
    this.#members.delete(peer);
    sources.released(peer, now());
  }

  /** It is to fetch nothing more for us. */
  dismiss(peer: PeerId): void {
    this.#members.get(peer)?.session.offer({ type: 'forget', content: this.#needs.transfer });
    this.moveTo(peer, 'idle');
  }

  dismissAll(): PeerId[] {
    const peers = [...this.#members.keys()];
    for (const peer of peers) this.dismiss(peer);
    return peers;
  }

  /** Has everybody let go of the file; a `let-go` comes from each of those that are returned as a number. */
  release(): number {
    const { ctx, transfer } = this.#needs;
    const writers = [...this.#members.values()].filter(({ stage }) => isWriter(stage));
    for (const { session } of writers)
      ctx.ask(session, { type: 'detach', content: transfer }, detachTimeoutMs, () => ({ type: 'let-go' }));
    return writers.length;
  }

  /** False when the session is gone. */
  #engageOne(peer: PeerId, member: Member): boolean {
    const { ctx, id, sources, now } = this.#needs;
    if (this.content) {
      member.stage = 'attaching';
      sources.asked(peer, now());
      sources.silent(peer, undefined);
      const opened = { ...this.content, isPartial: sources.of(peer)?.isPartial ?? false };
      return member.session.offer({ type: 'attach', opened, download: ctx.self });
    }
    const asked = [...this.#members.values()].filter(({ stage }) => stage === 'asked-manifest').length;
    if (!this.needsManifest || asked >= manifestsAskedAtOnce) return true;
    member.stage = 'asked-manifest';
    sources.asked(peer, now());
    ctx.ask(member.session, { type: 'manifest', id }, sourceAnswerTimeoutMs, (outcome) => ({
      type: 'manifest',
      peer,
      outcome,
    }));
    return true;
  }
}

const isWriter = (stage: Stage): boolean => stage === 'attaching' || stage === 'attached';
