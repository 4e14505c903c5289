/** What the actor of a tree is told. */
import type { ListPage, Source } from '../../../core/catalogue.ts';
import type { TreeTarget } from '../../../core/engine/engine-api.ts';
import type { PeerId } from '../../../core/ids.ts';
import type { Problem, Result } from '../../../core/result.ts';
import type { WriterReport } from '../../../workers/tree-contract.ts';
import type { ActorRef, AskFailure, Outcome, StopReason } from '../../runtime/index.ts';
import type { DownloadHost, WorkArgs, WorkCommand } from '../downloads/download-messages.ts';
import type { SessionCommand, TreeNews } from '../sessions/session.ts';
import type { PreparedFiles, TreeDisk } from './tree-disk.ts';
import type { FoundSources } from '../trackers/trackers-messages.ts';
import type { OpenFile } from './tree-files.ts';

export type TreeArgs = WorkArgs<TreeTarget>;

export type TreeMessage =
  | WorkCommand
  /** What its larger files, which are downloads of their own, need of their pool. */
  | DownloadHost
  | TreeNews
  | { readonly type: 'disk'; readonly outcome: Outcome<Result<TreeDisk>> }
  | { readonly type: 'disk-over'; readonly outcome: Outcome<void> }
  | {
      readonly type: 'connected';
      readonly peer: PeerId;
      readonly outcome: Outcome<Result<ActorRef<SessionCommand>>, AskFailure>;
    }
  /** The connection has ended, whether it knew of us or not. */
  | { readonly type: 'session-gone'; readonly session: ActorRef<SessionCommand> }
  | { readonly type: 'found-peer'; readonly outcome: Outcome<Result<Source>, AskFailure> }
  | { readonly type: 'listed'; readonly outcome: Outcome<Result<ListPage>, AskFailure> }
  | {
      readonly type: 'prepared';
      readonly files: readonly OpenFile[];
      readonly outcome: Outcome<PreparedFiles>;
    }
  | { readonly type: 'wrote'; readonly report: WriterReport }
  | {
      readonly type: 'elsewhere';
      readonly files: readonly OpenFile[];
      readonly outcome: Outcome<Result<readonly FoundSources[]>, AskFailure>;
    }
  /** Who else has small files that are wanted. */
  | {
      readonly type: 'held';
      readonly files: readonly OpenFile[];
      readonly outcome: Outcome<Result<readonly FoundSources[]>, AskFailure>;
    }
  /** Which of `files` one peer does not bring, as they are to come from another. */
  | {
      readonly type: 'dropped';
      readonly from: PeerId;
      readonly to: PeerId;
      readonly files: readonly OpenFile[];
      readonly outcome: Outcome<readonly number[], AskFailure>;
    }
  | { readonly type: 'content-over'; readonly child: number; readonly reason: StopReason }
  | { readonly type: 'room-told'; readonly outcome: Outcome<Result<void>, AskFailure> }
  | { readonly type: 'given-up'; readonly problem: Problem }
  | { readonly type: 'look-again' | 'tick' | 'finished' };
