/**
 * What the engine thread and its clients (command line, TUI) say to each other: plain data over a MessagePort.
 * A client sends commands and gets events; each command that wants an answer carries a `requestId` which the
 * answer repeats. State is a snapshot on request and events after it; counters only grow, and rates are the
 * client's business.
 */
import type { ListEntry, PeerSummary, SearchResult, SharedFile } from './catalogue.ts';
import type { ContentId, PeerId } from './ids.ts';
import type { Problem, Result } from './result.ts';

/** How the engine is started; plain data, checked by the command line before it gets here. */
export interface EngineConfig {
  /** The profile's folder: identity, caches, queue, logs. Made (0700) when missing. */
  readonly home: string;
  readonly name: string;
  /** `share` serves and registers; `guest` only asks and downloads, and is listed nowhere. */
  readonly role: 'share' | 'guest';
  readonly shares: readonly string[];
  readonly downloads: string;
  readonly host: string;
  readonly port: number;
  readonly trackers: readonly TrackerAddress[];
  readonly uploadSlots: number;
  readonly downloadsAtOnce: number;
  readonly log: { readonly level: LogLevel; readonly file: string | undefined };
}

export interface TrackerAddress {
  readonly host: string;
  readonly port: number;
}

export type LogLevel = 'silent' | 'error' | 'warn' | 'info' | 'debug' | 'trace';

/** What to download: a content by id, or a whole folder of one peer. */
export type DownloadTarget = {
  readonly kind: 'content';
  readonly id: ContentId;
  /** The name to give it, as a remote gave it: made safe by the engine. */
  readonly name: string;
  /** Folders below `outDir`, likewise made safe; empty for none. */
  readonly folders: readonly string[];
  /** Sources already known, tried beside those the trackers give. */
  readonly sources: readonly { peer: PeerId; name: string; host: string; port: number }[];
};

export type EngineCommand =
  | { readonly type: 'search'; readonly requestId: number; readonly query: string; readonly limit: number }
  | { readonly type: 'find-name'; readonly requestId: number; readonly name: string }
  | { readonly type: 'peers'; readonly requestId: number }
  | {
      readonly type: 'browse';
      readonly requestId: number;
      /** A peer's name or id. */
      readonly peer: string;
      readonly path: string;
      readonly recursive: boolean;
    }
  | { readonly type: 'shared'; readonly requestId: number }
  | {
      readonly type: 'download';
      readonly requestId: number;
      readonly target: DownloadTarget;
      readonly outDir: string;
      /** 0 = unlimited. */
      readonly bytesPerSecond: number;
      /** Without progress for so long it fails, and at once when the disk refuses; undefined: it waits for ever. */
      readonly giveUpAfterMs?: number;
    }
  | { readonly type: 'pause' | 'resume' | 'cancel'; readonly transfer: number }
  | { readonly type: 'snapshot'; readonly requestId: number }
  | { readonly type: 'stop' };

export type DownloadState =
  'queued' | 'finding' | 'waiting' | 'downloading' | 'paused' | 'finishing' | 'done' | 'failed' | 'cancelled';

/** A download as clients see it. Byte counters only grow within one engine's life. */
export interface DownloadView {
  readonly transfer: number;
  readonly id: ContentId;
  readonly name: string;
  readonly state: DownloadState;
  readonly sizeBytes: number | undefined;
  /** Verified and on disk, earlier runs included. */
  readonly doneBytes: number;
  /** Payload received in this run, wasted bytes included. */
  readonly fetchedBytes: number;
  /** Peers delivering now. */
  readonly sources: number;
  /** Distinct peers that delivered a verified piece in this run. */
  readonly usedSources: number;
  /** Best place in a source's queue, when all of them make us wait. */
  readonly queuePosition: number | undefined;
  readonly path: string | undefined;
  readonly problem: Problem | undefined;
  readonly nextAttemptMs: number | undefined;
}

export interface UploadView {
  readonly upload: number;
  readonly peer: PeerId;
  readonly peerName: string;
  readonly id: ContentId | undefined;
  readonly state: 'queued' | 'uploading' | 'idle' | 'done';
  readonly sentBytes: number;
  readonly queuePosition: number | undefined;
}

export type TrackerState = 'connecting' | 'syncing' | 'registered' | 'waiting' | 'refused' | 'stopped';

export interface TrackerView extends TrackerAddress {
  readonly state: TrackerState;
  readonly id: PeerId | undefined;
  readonly files: number;
  readonly problem: Problem | undefined;
}

export interface EngineSnapshot {
  readonly peer: PeerId;
  readonly name: string;
  readonly port: number | undefined;
  readonly trackers: readonly TrackerView[];
  readonly downloads: readonly DownloadView[];
  readonly uploads: readonly UploadView[];
  readonly share: {
    readonly files: number;
    readonly bytes: number;
    readonly hashing: { readonly files: number; readonly bytes: number };
  };
  /** The actor tree, for `doctor` and debugging. */
  readonly actors: readonly ActorView[];
}

export interface ActorView {
  readonly path: string;
  readonly status: string;
  readonly queued: number;
  readonly capacity: number;
  readonly handled: number;
  readonly restarts: number;
  readonly lastError: string | undefined;
  readonly thread: number;
}

export type EngineEvent =
  | { readonly type: 'ready'; readonly peer: PeerId; readonly name: string }
  | { readonly type: 'listening'; readonly host: string; readonly port: number }
  | { readonly type: 'tracker'; readonly tracker: TrackerView }
  | { readonly type: 'registered'; readonly tracker: TrackerAddress; readonly files: number }
  | { readonly type: 'shared' | 'unshared'; readonly file: SharedFile }
  | { readonly type: 'skipped'; readonly path: string; readonly problem: Problem }
  | { readonly type: 'upload'; readonly upload: UploadView }
  | { readonly type: 'download'; readonly download: DownloadView }
  | {
      readonly type: 'answer-search' | 'answer-find-name';
      readonly requestId: number;
      readonly answer: Result<readonly SearchResult[]>;
    }
  | {
      readonly type: 'answer-peers';
      readonly requestId: number;
      readonly answer: Result<readonly PeerSummary[]>;
    }
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
  | { readonly type: 'answer-download'; readonly requestId: number; readonly answer: Result<number> }
  | { readonly type: 'answer-snapshot'; readonly requestId: number; readonly answer: Result<EngineSnapshot> }
  /** Why the engine ends by itself; nothing but `stopped` follows. */
  | { readonly type: 'fault'; readonly problem: Problem }
  | { readonly type: 'stopped' };

/** What a client holds: the engine behind a port, or a fake in tests. */
export interface EngineClient {
  send(command: EngineCommand): void;
  subscribe(listener: (event: EngineEvent) => void): () => void;
  /** Settles when the engine has ended: 0 after a stop, 70 when its supervisor gave up. */
  readonly ended: Promise<number>;
}
