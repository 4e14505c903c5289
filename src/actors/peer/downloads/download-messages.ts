/** What a download is told and what it needs of others. */
import type { Source } from '../../../core/catalogue.ts';
import type {
  ContentTarget,
  DownloadDetails,
  DownloadTarget,
  TreeFile,
} from '../../../core/engine/engine-api.ts';
import type { PeerId } from '../../../core/ids.ts';
import type { Manifest } from '../../../core/swarm/manifest.ts';
import type { Result } from '../../../core/result.ts';
import type { Pool } from '../../../workers/pool.ts';
import type { Introduction, TransferJobs } from '../../../workers/transfer-contract.ts';
import type { ActorRef, Asking, AskFailure, Outcome } from '../../runtime/index.ts';
import type { KnownHere } from './download-copy.ts';
import type { FileMessage } from './download-file.ts';
import type { SeekerMessage } from './download-seeker.ts';
import type { LibraryCommand } from '../library/library-messages.ts';
import type { LocalCopies } from './local-copies.ts';
import type { Partials } from './partials.ts';
import type { SessionCommand, SessionNews } from '../sessions/session.ts';
import type { TrackerQuestion } from '../trackers/trackers-messages.ts';
import type { TransferRecord } from './transfer-record.ts';

/** What a download needs of the pool it belongs to. */
export type DownloadHost =
  /** Problems: `busy` when there are too many connections, `unauthorised` when the peer is blocked here. */
  | ({ readonly type: 'session'; readonly source: Source } & Asking<Result<ActorRef<SessionCommand>>>)
  /** Whether there is room for the whole of it on the disk, which is then kept for it while it is worked on. */
  | ({
      readonly type: 'room';
      readonly transfer: number;
      readonly sizeBytes: number;
      /** Of a tree: the files that are here as a whole. */
      readonly wholeBytes?: number;
    } & Asking<Result<void>>)
  /** It begins to write before it can ask for room. */
  | { readonly type: 'begins'; readonly transfer: number }
  /** Files of a tree that have come to their end. */
  | { readonly type: 'tree-files'; readonly transfer: number; readonly files: readonly TreeFile[] }
  /** The record has changed and is to be shown. */
  | { readonly type: 'changed'; readonly transfer: number };

/** What an actor that works on a download is given. */
export interface WorkArgs<Target extends DownloadTarget> {
  readonly record: TransferRecord<Target>;
  readonly me: Introduction;
  readonly transfers: Pool<TransferJobs>;
  readonly host: ActorRef<DownloadHost>;
  readonly trackers: ActorRef<TrackerQuestion>;
  readonly library: ActorRef<LibraryCommand> | undefined;
  /** What is known to lie elsewhere on this machine; undefined: nothing. */
  readonly copies?: LocalCopies | undefined;
  /** Where others find what there is of it. */
  readonly partials: Partials;
  /** Milliseconds of a clock that only goes forward. */
  readonly now?: () => number;
  readonly random?: () => number;
}

export type DownloadArgs = WorkArgs<ContentTarget>;

/** What an actor that works on a download is told. */
export type WorkCommand =
  /** `retry`: whatever waits for its time is tried now. `order-pieces`: the record says another order now. */
  | { readonly type: 'retry' | 'find-sources' | 'order-pieces' }
  | ({ readonly type: 'details' } & Asking<Result<DownloadDetails>>);

/** What comes of the sources that the crew has taken into use. */
export type CrewMessage =
  | SessionNews
  | {
      readonly type: 'session';
      readonly peer: PeerId;
      readonly outcome: Outcome<Result<ActorRef<SessionCommand>>, AskFailure>;
    }
  | {
      readonly type: 'manifest';
      readonly peer: PeerId;
      readonly outcome: Outcome<Result<Manifest>, AskFailure>;
    }
  /** The connection has ended, whether it knew of us or not. */
  | { readonly type: 'session-gone'; readonly peer: PeerId; readonly session: ActorRef<SessionCommand> }
  /** A source will write no more to the file. */
  | { readonly type: 'let-go' };

export type DownloadMessage =
  | WorkCommand
  | CrewMessage
  | FileMessage
  | SeekerMessage
  | { readonly type: 'stored'; readonly outcome: Outcome<KnownHere> }
  | { readonly type: 'adoptable'; readonly outcome: Outcome<Extract<LibraryCommand, { type: 'adopt' }>> }
  | { readonly type: 'tick' | 'rotate' };
