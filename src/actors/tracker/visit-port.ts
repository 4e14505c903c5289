/** What a visit is given to work with: the world as it sees it. Types only. */
import type { SharedFile, Source } from '../../core/catalogue.ts';
import type { FileEntries } from '../../core/share/file-entries.ts';
import type { ContentId, PeerId } from '../../core/ids.ts';
import type { Problem, Result } from '../../core/result.ts';
import type { Sendable } from '../../protocol/session-events.ts';
import type { TrackerReply } from '../../protocol/tracker-messages.ts';
import type { Welcome } from '../../protocol/tracker-server-session.ts';
import type { AttachProblem, PeerArrival, ShareChange, ShareState } from '../../store/catalog-store.ts';
import type { Answer, Question } from '../runtime/index.ts';
import type { Calling } from './calls.ts';
import type { Admission } from './admission.ts';
import type { LookUp } from './look-ups.ts';
import type { RegistryCommand, Stay } from './registry.ts';
import type { Permission } from './sync-permits.ts';
import type { SwarmsCommand } from './swarms.ts';

/** What is said of who joins. */
export type Joining = Pick<
  Extract<SwarmsCommand, { readonly type: 'join' }>,
  'source' | 'ids' | 'lonely' | 'perId'
>;

/** What a visit does to the world. */
export interface VisitPort {
  /** Looks something up; `then` is called with the answer, and never when the connection ends before. */
  lookUp<const Q extends Question<LookUp>>(question: Q, then: (answer: Answer<LookUp, Q>) => void): void;
  /** Asks the registry; `then` is called with its answer, and never when the connection ends before. */
  ask<const Q extends Question<RegistryCommand>>(
    question: Q,
    then: (answer: Answer<RegistryCommand, Q>) => void,
  ): void;
  /** Changes what the peer shares; the same holds for `then`, and for `asked`: called when the registry has been asked. */
  apply(
    stay: Stay,
    adds: FileEntries,
    removes: readonly Pick<SharedFile, 'id' | 'path'>[],
    asked: () => void,
    then: (answer: Result<ShareChange>) => void,
  ): void;
  /** Says of files that were just taken where they are to be had, to those who download them. */
  announceShared(source: Source, files: FileEntries): void;
  /** Asks for the peer to be listed; the same holds for `then`. */
  attach(arrival: PeerArrival, then: (answer: Result<ShareState, AttachProblem>) => void): void;
  /** Joins swarms; `then` is called with the partial sources of each content, or none of any. */
  join(joining: Joining, then: (partial: readonly (readonly Source[])[]) => void): void;
  leave(ids: readonly ContentId[]): void;
  /** Says that a peer is back with what it shared, which may be news to those who download. */
  announceReturn(source: Source): void;
  /** Has a peer told that another wants to be dialled; the same holds for `then`. */
  call(calling: Calling, then: (answer: Result<void>) => void): void;
  reply(reply: Sendable<TrackerReply>): void;
  accept(welcome: Welcome): void;
  /** It is in, listed or as a guest. */
  arrived(): void;
  /** The request has been answered: the next one, please. */
  served(): void;
  /** Asks to be one of those who send much now; the same holds for `then`. */
  permit(then: (permission: Permission) => void): void;
  /** All has been sent. */
  release(): void;
  /** Runs it after a moment, unless the connection ends before. */
  later(run: () => void, afterMs?: number): void;
  /** Says why and closes the connection. */
  refuse(problem: Problem, detail?: string): void;
  /** Monotonic. */
  nowMs(): number;
  /** Since 1970. */
  wallMs(): number;
  /** From 0 up to 1. */
  random(): number;
}

export interface VisitArgs {
  readonly peer: PeerId;
  /** The address we see. */
  readonly host: string;
  /** Never used before. */
  readonly session: number;
  readonly heartbeatMs: number;
  readonly admission: Admission;
}
