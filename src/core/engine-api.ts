/**
 * What the engine thread and its clients (command line, TUI) say to each other: plain data over a MessagePort.
 * A client sends commands and gets events; each command that wants an answer carries a `requestId` which the
 * answer repeats. State is a snapshot on request and events after it; counters only grow, and rates are the
 * client's business.
 */
import type { ListEntry, PeerSummary, SearchResult, SharedFile, Source, VirtualPath } from './catalogue.ts';
import type { ContentId, PeerId } from './ids.ts';
import { downloadsAtOnce, uploadSlots } from './limits.ts';
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
  /** Those given here win over what the profile remembers, and that over the defaults. */
  readonly limits: Partial<EngineLimits>;
  /** Without encryption, with peers that say the same: for trusted networks and comparisons. */
  readonly insecure: boolean;
  readonly log: { readonly level: LogLevel; readonly file: string | undefined };
}

/** What a user may set while the engine runs; the profile remembers it. Rates: 0 = unlimited. */
export interface EngineLimits {
  readonly downloadBytesPerSecond: number;
  readonly uploadBytesPerSecond: number;
  readonly uploadSlots: number;
  readonly downloadsAtOnce: number;
  /** Whether the two rates hold for peers in private networks too. */
  readonly limitsLan: boolean;
}

/** The limits of a new profile. */
export const defaultLimits: EngineLimits = {
  downloadBytesPerSecond: 0,
  uploadBytesPerSecond: 0,
  uploadSlots,
  downloadsAtOnce,
  limitsLan: false,
};

export interface TrackerAddress {
  readonly host: string;
  readonly port: number;
}

export type LogLevel = 'silent' | 'error' | 'warn' | 'info' | 'debug' | 'trace';

/** What to download: a content by id, or a whole folder of one peer. */
export type DownloadTarget = ContentTarget | TreeTarget;

export interface ContentTarget {
  readonly kind: 'content';
  readonly id: ContentId;
  /** The name to give it, as a remote gave it: made safe by the engine. */
  readonly name: string;
  /** Folders below `outDir`, likewise made safe; empty for none. */
  readonly folders: readonly string[];
  /** Sources already known, tried beside those the trackers give. */
  readonly sources: readonly Source[];
}

export interface TreeTarget {
  readonly kind: 'tree';
  readonly source: Source;
  /** A folder of the peer's share, ending in `/`; `/` is the whole share. Its last folder is made in `outDir`. */
  readonly path: VirtualPath;
}

export type Priority = 'high' | 'normal' | 'low';

/** In which order the pieces of one content come: rarest first, or from the front, for those who look on. */
export type PieceOrder = 'rarest' | 'sequential';

/** What can be done to transfers, any number at once; unknown and ended ones are passed over. */
export type TransferCommand =
  /** Cancelled: it stops, what is on the disk stays, and `retry` takes it up again. */
  | {
      readonly type: 'pause' | 'resume' | 'cancel' | 'retry' | 'find-sources';
      readonly transfers: readonly number[];
    }
  /** Forgets them. `deletesData`: and takes what they wrote off the disk. */
  | { readonly type: 'remove'; readonly transfers: readonly number[]; readonly deletesData: boolean }
  | { readonly type: 'prioritise'; readonly transfers: readonly number[]; readonly priority: Priority }
  | {
      readonly type: 'move';
      readonly transfers: readonly number[];
      readonly to: 'up' | 'down' | 'top' | 'bottom';
    }
  /** 0 = unlimited. */
  | { readonly type: 'limit'; readonly transfers: readonly number[]; readonly bytesPerSecond: number }
  | { readonly type: 'order-pieces'; readonly transfers: readonly number[]; readonly order: PieceOrder };

export type EngineCommand =
  | TransferCommand
  | { readonly type: 'search'; readonly requestId: number; readonly query: string; readonly limit: number }
  | { readonly type: 'find-name'; readonly requestId: number; readonly name: string }
  | { readonly type: 'peers'; readonly requestId: number }
  /** Where one peer is, by its name or id. */
  | { readonly type: 'find-peer'; readonly requestId: number; readonly peer: string }
  | {
      readonly type: 'browse';
      readonly requestId: number;
      /** A peer's name or id. */
      readonly peer: string;
      readonly path: string;
      readonly recursive: boolean;
    }
  /** All that is shared, for scripts. */
  | { readonly type: 'shared'; readonly requestId: number }
  /** One level of our own share, for people. */
  | { readonly type: 'share-entries'; readonly requestId: number; readonly path: VirtualPath }
  /** The folder is remembered with the profile. Answered once it is known to be a folder that can be read. */
  | { readonly type: 'add-share'; readonly requestId: number; readonly folder: string }
  | { readonly type: 'remove-share'; readonly requestId: number; readonly folder: string }
  /** Undefined: all of them. */
  | { readonly type: 'rescan'; readonly folder: string | undefined }
  | {
      readonly type: 'download';
      readonly requestId: number;
      readonly target: DownloadTarget;
      readonly outDir: string;
      /** 0 = unlimited. */
      readonly bytesPerSecond: number;
      /** Default `normal`. */
      readonly priority?: Priority;
      /** Default `rarest`. */
      readonly order?: PieceOrder;
      /** Without progress for so long it fails, and at once when the disk refuses; undefined: it waits for ever. */
      readonly giveUpAfterMs?: number;
    }
  /** Everything about one download, as it is now: asked again as often as it is to be shown. */
  | { readonly type: 'details'; readonly requestId: number; readonly transfer: number }
  | { readonly type: 'set-limits'; readonly limits: Partial<EngineLimits> }
  /** A blocked peer gets nothing of us and is asked for nothing, until it is unblocked. */
  | { readonly type: 'block' | 'unblock'; readonly peer: PeerId; readonly name: string }
  /** Ends the connections with a peer; it may come back. */
  | { readonly type: 'disconnect'; readonly peer: PeerId }
  | { readonly type: 'snapshot'; readonly requestId: number }
  /** `idle`: when no download is left that could go on. A later `stop` replaces an earlier one. */
  | { readonly type: 'stop'; readonly when: 'now' | 'idle' }
  /** Takes back a `stop` that waits. */
  | { readonly type: 'stay' };

export type DownloadState =
  'queued' | 'finding' | 'waiting' | 'downloading' | 'paused' | 'finishing' | 'done' | 'failed' | 'cancelled';

/**
 * What is done about a problem: `connection` is tried again for ever, later and later; `disk` is looked at again
 * until it is mended; `never` waits for the user.
 */
export type RetryClass = 'connection' | 'disk' | 'never';

/** A download as clients see it. Byte counters only grow within one engine's life. */
export interface DownloadView {
  readonly transfer: number;
  /** Undefined for a tree. */
  readonly id: ContentId | undefined;
  readonly name: string;
  /** Where it comes to lie: the folder it was asked into. */
  readonly outDir: string;
  readonly state: DownloadState;
  readonly priority: Priority;
  readonly order: PieceOrder;
  /** Place in our own queue, from 1; lower comes first. Kept by those that run. Undefined once it has ended. */
  readonly queueIndex: number | undefined;
  /** Its own limit; 0 = unlimited. */
  readonly limitBytesPerSecond: number;
  readonly sizeBytes: number | undefined;
  /** Verified and on disk, earlier runs included. */
  readonly doneBytes: number;
  /** Payload received in this run, wasted bytes included. */
  readonly fetchedBytes: number;
  /** Payload received in this run that was wrong or came twice. */
  readonly wastedBytes: number;
  /** Sent to others of what is here already, in this run. */
  readonly sentBytes: number;
  /** Of a tree: its files. */
  readonly files: { readonly total: number; readonly done: number; readonly failed: number } | undefined;
  /** Peers delivering now. */
  readonly sources: number;
  /** Peers known to have some of it. */
  readonly knownSources: number;
  /** Distinct peers that delivered a verified piece in this run. */
  readonly usedSources: number;
  /** Whole copies among the connected sources, ours not counted; undefined while that is unknown. */
  readonly availability: number | undefined;
  /** Best place in a source's queue, when all of them make us wait. */
  readonly queuePosition: number | undefined;
  readonly path: string | undefined;
  readonly problem: Problem | undefined;
  readonly retry: RetryClass | undefined;
  /** Attempts that ended with the problem, in a row. */
  readonly attempts: number;
  /** Milliseconds since 1970, like all times of the views. */
  readonly nextAttemptMs: number | undefined;
  readonly addedMs: number;
  readonly endedMs: number | undefined;
}

/** One source of one download. */
export interface SourceView extends Source {
  readonly state: 'idle' | 'connecting' | 'waiting' | 'delivering' | 'useless' | 'resting' | 'banned';
  /** Pieces it has, of all; undefined while unknown. */
  readonly havePieces: number | undefined;
  /** Payload received from it in this run. */
  readonly receivedBytes: number;
  readonly bytesPerSecond: number;
  readonly queuePosition: number | undefined;
  readonly problem: Problem | undefined;
  readonly nextAttemptMs: number | undefined;
}

export interface DownloadDetails {
  readonly download: DownloadView;
  readonly pieceLength: number | undefined;
  readonly pieces: number | undefined;
  /**
   * A byte for each piece, or for each run of pieces where there are more than `maxPieceMapCells`, then the worst
   * of the run: see `pieceState`.
   */
  readonly pieceMap: Uint8Array | undefined;
  readonly sources: readonly SourceView[];
  /** Of a tree: the files that are not done, those that failed first, at most `maxTreeDetails`. */
  readonly openFiles: readonly TreeFile[];
}

/** The bytes of a piece map. From `available` on: how many connected sources have the piece, plus `available`. */
export const pieceState = { missing: 0, requested: 1, have: 2, available: 16 } as const;

/** One file of a tree that has come to its end, or has not yet. */
export interface TreeFile {
  readonly id: ContentId;
  /** In the peer's share. */
  readonly path: VirtualPath;
  readonly sizeBytes: number;
  readonly outcome: 'open' | 'done' | 'failed';
  /** Where it lies now. */
  readonly filePath: string | undefined;
  /** Verified and on disk, earlier runs included; of an open small file nothing. */
  readonly doneBytes: number;
  /** Payload received for it in this run. */
  readonly fetchedBytes: number;
  /** Distinct peers that it came from in this run. */
  readonly sources: number;
  readonly problem: Problem | undefined;
}

export interface UploadView {
  readonly upload: number;
  readonly peer: PeerId;
  readonly peerName: string;
  readonly id: ContentId | undefined;
  /** The name of the content in our share, or of the download it is a part of. */
  readonly name: string | undefined;
  readonly sizeBytes: number | undefined;
  readonly state: 'queued' | 'uploading' | 'idle' | 'done';
  readonly sentBytes: number;
  readonly queuePosition: number | undefined;
  /** When the connection came. */
  readonly sinceMs: number;
}

/** A folder that is shared. */
export interface ShareView {
  readonly folder: string;
  /** The first component of its virtual paths. */
  readonly name: string;
  readonly state: 'scanning' | 'hashing' | 'watching' | 'failed';
  readonly files: number;
  readonly bytes: number;
  /** Still to be hashed. */
  readonly hashing: { readonly files: number; readonly bytes: number };
  readonly scannedMs: number | undefined;
  readonly problem: Problem | undefined;
}

/** One line of our own share: what others get of it, in this engine's life. */
export type ShareEntry = ListEntry & { readonly sentBytes: number; readonly timesSent: number };

export interface BlockedPeer {
  readonly peer: PeerId;
  readonly name: string;
}

export interface LogLine {
  readonly atMs: number;
  readonly level: 'error' | 'warn' | 'info' | 'debug';
  /** Which part says it: an actor's path, a tracker, a download. */
  readonly source: string;
  /** Harmless to terminals. */
  readonly text: string;
}

/** The volume downloads go to. */
export interface DiskView {
  readonly folder: string;
  /** Undefined when the system does not say. */
  readonly freeBytes: number | undefined;
}

export type TrackerState = 'connecting' | 'syncing' | 'registered' | 'waiting' | 'refused' | 'stopped';

export interface TrackerView extends TrackerAddress {
  readonly state: TrackerState;
  readonly id: PeerId | undefined;
  readonly files: number;
  /** How long its last answer took. */
  readonly latencyMs: number | undefined;
  /** Peers online, as it last said. */
  readonly peers: number | undefined;
  readonly nextAttemptMs: number | undefined;
  readonly problem: Problem | undefined;
}

/** What is known of a tracker before it was first spoken to. */
export const unheardOf: Omit<TrackerView, keyof TrackerAddress> = {
  state: 'waiting',
  id: undefined,
  files: 0,
  latencyMs: undefined,
  peers: undefined,
  nextAttemptMs: undefined,
  problem: undefined,
};

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
  readonly shares: readonly ShareView[];
  readonly limits: EngineLimits;
  readonly blocked: readonly BlockedPeer[];
  readonly disk: DiskView;
  /** The last lines, oldest first. */
  readonly log: readonly LogLine[];
  readonly startedMs: number;
  /** Set while a `stop` waits for its time. */
  readonly stopsWhenIdle: boolean;
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
    }
  | {
      readonly type: 'answer-find-name';
      readonly requestId: number;
      readonly answer: Result<readonly SearchResult[]>;
    }
  | {
      readonly type: 'answer-peers';
      readonly requestId: number;
      readonly answer: Result<readonly PeerSummary[]>;
    }
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
  | { readonly type: 'answer-download'; readonly requestId: number; readonly answer: Result<number> }
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

/** What a client holds: the engine behind a port, or a fake in tests. */
export interface EngineClient {
  send(command: EngineCommand): void;
  /** Of one transfer at most ten views a second come, the latest, and its end at once; all else as it happens. */
  subscribe(listener: (event: EngineEvent) => void): () => void;
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
