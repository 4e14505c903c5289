/**
 * What the engine thread and its clients (command line, TUI) say to each other: plain data over a MessagePort.
 * A client sends commands and gets events; each command that wants an answer carries a `requestId` which the
 * answer repeats. State is a snapshot on request and events after it; counters only grow, and rates are the
 * client's business.
 */
import type {
  ListEntry,
  PeerFindings,
  PeerSummary,
  SearchEnd,
  SearchResult,
  SharedFile,
  Source,
} from '../catalogue.ts';
import type { EngineCommand } from './engine-commands.ts';
import type { EngineLimits, TrackerAddress } from './engine-config.ts';
import type {
  BlockedPeer,
  DiskView,
  DownloadDetails,
  DownloadView,
  EngineSnapshot,
  LogLine,
  ShareEntry,
  ShareView,
  TrackerView,
  TreeFile,
  UploadView,
} from './engine-views.ts';
import type { ContentId, PeerId } from '../ids.ts';
import type { Problem, Result } from '../result.ts';

export * from './engine-commands.ts';
export * from './engine-config.ts';
export * from './engine-views.ts';

/** A download that was asked for: its number, and how it stood in the queue before. */
export interface Asked {
  readonly transfer: number;
  /**
   * `new`: not there. `open`: there, and left as it is. `done`: there, finished, and its file is where it was put.
   * `ended`: there, and taken up again.
   */
  readonly was: 'new' | 'open' | 'done' | 'ended';
}

export type EngineEvent =
  | { readonly type: 'ready'; readonly peer: PeerId; readonly name: string }
  | { readonly type: 'listening'; readonly host: string; readonly port: number }
  | { readonly type: 'tracker'; readonly tracker: TrackerView }
  | { readonly type: 'registered'; readonly tracker: TrackerAddress; readonly files: number }
  /** Files that came or went together, at most `shareBatchFiles`. */
  | { readonly type: 'shared' | 'unshared'; readonly files: readonly SharedFile[] }
  | { readonly type: 'skipped'; readonly path: string; readonly problem: Problem }
  | { readonly type: 'upload'; readonly upload: UploadView }
  /** Contents that a peer has been sent, as much of each as it wanted; many small ones together. */
  | { readonly type: 'sent-files'; readonly peer: PeerId; readonly ids: readonly ContentId[] }
  | { readonly type: 'download'; readonly download: DownloadView }
  /** The client need not keep it any more. */
  | { readonly type: 'removed'; readonly transfers: readonly number[] }
  /** Files of a tree that have come to their end. */
  | { readonly type: 'tree-files'; readonly transfer: number; readonly files: readonly TreeFile[] }
  | { readonly type: 'shares'; readonly shares: readonly ShareView[] }
  | { readonly type: 'limits'; readonly limits: EngineLimits }
  | { readonly type: 'blocked'; readonly blocked: readonly BlockedPeer[] }
  | { readonly type: 'disk'; readonly disk: DiskView }
  | { readonly type: 'log'; readonly line: LogLine }
  | { readonly type: 'stops-when-idle'; readonly stopsWhenIdle: boolean }
  | {
      readonly type: 'answer-search';
      readonly requestId: number;
      /** All results so far, best first; more may follow unless `last`. */
      readonly answer: Result<readonly SearchResult[]>;
      readonly last: boolean;
      readonly trackers: { readonly asked: number; readonly answered: number };
      /** With the last: whether there is more, and how to get at it. */
      readonly end?: SearchEnd;
    }
  | {
      readonly type: 'answer-find-name';
      readonly requestId: number;
      readonly answer: Result<readonly SearchResult[]>;
    }
  | {
      readonly type: 'answer-find-contents';
      readonly requestId: number;
      readonly answer: Result<readonly SearchResult[]>;
    }
  /** Beside those found: whether others are missing. */
  | ({
      readonly type: 'answer-peers';
      readonly requestId: number;
      readonly answer: Result<readonly PeerSummary[]>;
    } & Omit<PeerFindings, 'peers'>)
  | { readonly type: 'answer-find-peer'; readonly requestId: number; readonly answer: Result<Source> }
  | {
      readonly type: 'answer-browse';
      readonly requestId: number;
      /** Pages come in order; `last` on the final one, or with the problem. */
      readonly answer: Result<readonly ListEntry[]>;
      readonly last: boolean;
    }
  | {
      readonly type: 'answer-shared';
      readonly requestId: number;
      readonly answer: Result<readonly SharedFile[]>;
    }
  | {
      readonly type: 'answer-share-entries';
      readonly requestId: number;
      readonly answer: Result<readonly ShareEntry[]>;
    }
  | { readonly type: 'answer-add-share'; readonly requestId: number; readonly answer: Result<void> }
  | { readonly type: 'answer-remove-share'; readonly requestId: number; readonly answer: Result<void> }
  | {
      readonly type: 'answer-download';
      readonly requestId: number;
      readonly answer: Result<number>;
      /** With a number. */
      readonly was?: Asked['was'];
    }
  | {
      readonly type: 'answer-details';
      readonly requestId: number;
      readonly answer: Result<DownloadDetails>;
    }
  | { readonly type: 'answer-snapshot'; readonly requestId: number; readonly answer: Result<EngineSnapshot> }
  /** The client was too slow and has missed events: this is how all is now, whatever it knew before. */
  | { readonly type: 'resync'; readonly snapshot: EngineSnapshot }
  /** Why the engine ends by itself; nothing but `stopped` follows. */
  | { readonly type: 'fault'; readonly problem: Problem }
  | { readonly type: 'stopped' };

/** It has dealt with an event when it returns or, where it returns a promise, when that has settled. */
export type EngineListener = (event: EngineEvent) => unknown;

/** What a client holds: the engine behind a port, or a fake in tests. */
export interface EngineClient {
  send(command: EngineCommand): void;
  /** Of one transfer at most ten views a second come, the latest, and its end at once; all else as it happens. */
  subscribe(listener: EngineListener): () => void;
  /** Settles when the engine has ended: 0 after a stop, 70 when its supervisor gave up. */
  readonly ended: Promise<number>;
}

/** The engine of another process: it goes on when its client lets go of it. `ended` is 69 when it was lost. */
export interface AttachedEngine extends EngineClient {
  /** The engine's process. */
  readonly pid: number;
  /** Lets go of it; `ended` settles with 0. */
  close(): void;
}
