/**
 * What an engine tells of its state: transfers, shares, trackers, and all of it together. Invariant: plain data
 * as it was at one moment; byte counters only grow, and speeds are reckoned from them by who looks.
 */
import type { ListEntry, Source, VirtualPath } from '../catalogue.ts';
import type { PieceOrder, Priority } from './engine-commands.ts';
import type { EngineLimits, TrackerAddress } from './engine-config.ts';
import type { ContentId, PeerId } from '../ids.ts';
import type { Problem } from '../result.ts';

export type DownloadState =
  'queued' | 'finding' | 'waiting' | 'downloading' | 'paused' | 'finishing' | 'done' | 'failed' | 'cancelled';

/** Whether a download in this state does nothing more by itself, for good or until it is retried. */
export function hasEnded({ state }: { readonly state: DownloadState }): boolean {
  return state === 'done' || state === 'failed' || state === 'cancelled';
}

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
  /** Received of pieces that are on their way, and not verified. */
  readonly arrivingBytes: number;
  /** Payload received in this run, wasted bytes included. */
  readonly fetchedBytes: number;
  /** Payload received in this run that was wrong or came twice. */
  readonly wastedBytes: number;
  /** Sent to others of what is here already, in this run. */
  readonly sentBytes: number;
  /** Of a tree: its files. */
  readonly files: { readonly total: number; readonly done: number; readonly failed: number } | undefined;
  /** Peers at work: they deliver, or are about to. */
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
  /** Whether it was copied from another file of this machine, in this run. */
  readonly isCopy: boolean;
  /** Of `doneBytes`, what an earlier run left that did not end in order, and has not been read and verified yet. */
  readonly uncheckedBytes: number;
  readonly problem: Problem | undefined;
  readonly retry: RetryClass | undefined;
  /** Attempts that ended with the problem, in a row. */
  readonly attempts: number;
  /** Milliseconds since 1970, like all times of the views. */
  readonly nextAttemptMs: number | undefined;
  readonly addedMs: number;
  readonly endedMs: number | undefined;
}

/** Bytes of a download that are here, for who watches it come: verified, and received of pieces on their way. */
export const hereBytes = ({
  doneBytes,
  arrivingBytes,
  sizeBytes = Infinity,
}: Pick<DownloadView, 'doneBytes' | 'arrivingBytes' | 'sizeBytes'>): number =>
  Math.min(doneBytes + arrivingBytes, Math.max(doneBytes, sizeBytes));

/** One source of one download; named by the beginning of its id where it has no name. */
export interface SourceView extends Source {
  readonly state: 'idle' | 'connecting' | 'waiting' | 'delivering' | 'useless' | 'resting' | 'banned';
  /** Pieces it has, of all; undefined while unknown. */
  readonly havePieces: number | undefined;
  /** Payload received from it in this run. */
  readonly receivedBytes: number;
  /** Payload as it comes: those of all sources add up to the speed of the download. */
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
  /** How long it was downloaded in this run; undefined of small files, which come many at a time. */
  readonly tookMs?: number;
  /** Whether it was copied from another file of this machine. */
  readonly isCopy?: boolean;
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
  /** The limit of this peer, for all its connections together; 0 = unlimited. */
  readonly limitBytesPerSecond: number;
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

/** Whether others get through to us, at the address that they are given. */
export interface Reach {
  readonly isReachable: boolean;
  readonly host: string;
  readonly port: number;
}

export type TrackerState = 'connecting' | 'syncing' | 'registered' | 'waiting' | 'refused' | 'stopped';

export interface TrackerView extends TrackerAddress {
  readonly state: TrackerState;
  readonly id: PeerId | undefined;
  /** Where we are instead: another tracker of the same catalogue. */
  readonly via?: TrackerAddress | undefined;
  readonly files: number;
  /** How long its last answer took. */
  readonly latencyMs: number | undefined;
  /** Peers online, as it last said. */
  readonly peers: number | undefined;
  /** Whether it got through to us, and where it tried; undefined while it has not said. */
  readonly reach: Reach | undefined;
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
  reach: undefined,
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
