/**
 * What is said between the actors that move files and their jobs: types only. Control calls and reports go over
 * Comlink, both ways on the one port that each job is given; file data never does.
 * `serve` is one accepted connection, or one dialled to a peer that called; `fetch` one dialled, however many files go over
 * it. Where the visitor was called by us, the `serve` job fetches.
 */
import type { Socket } from 'node:net';
import type { MessagePort } from 'node:worker_threads';
import type { ListPage } from '../core/catalogue.ts';
import type { ContentId, PeerId } from '../core/ids.ts';
import type { Manifest } from '../core/swarm/manifest.ts';
import type { OfferMemory } from '../core/swarm/partial-offer.ts';
import type { PieceRange } from '../core/swarm/piece-ranges.ts';
import type { Problem, Result } from '../core/result.ts';
import type { SentPart } from '../core/uploads/sent-book.ts';
import type { Identity } from '../identity/identity.ts';
import type { FileStamp } from '../core/share/file-stamp.ts';
import type { OpenedTree, TreeReport, WantedFile, WriteTreeInput } from './tree-contract.ts';

export interface TransferJobs {
  readonly serve: { readonly input: ServeInput; readonly output: Ended };
  readonly fetch: { readonly input: FetchInput; readonly output: Ended };
  /** Does nothing; the pool's threads start for it and are there when they are needed. */
  readonly warmUp: { readonly input: undefined; readonly output: void };
  readonly writeTree: { readonly input: WriteTreeInput; readonly output: void };
  /** Which of these pieces are right on the disk. Problems: `not-found`, `io`. */
  readonly checkPieces: { readonly input: CheckInput; readonly output: Result<readonly PieceRange[]> };
  /** Which of these pieces were copied; what is wrong or missing in the other file is none of them. */
  readonly copyPieces: { readonly input: CopyInput; readonly output: Result<readonly PieceRange[]> };
}

/** Who we are to the other side. */
export interface Introduction {
  readonly identity: Identity;
  readonly name: string;
  readonly agent: string;
  /** Whether we do without encryption: then ids are not proved. Default: false. */
  readonly insecure?: boolean;
  /** 48 secret bytes with which all threads of a listener seal the sessions that visitors may resume. */
  readonly ticketKeys?: Uint8Array;
}

/** The other side, its key proved. Its name is what it calls itself. */
export interface RemotePeer {
  readonly peer: PeerId;
  readonly name: string;
  readonly agent: string;
}

/** Why a connection is over; `closed` when either side simply left. */
export interface Ended {
  readonly problem: Problem;
}

export interface ListRequest {
  readonly path: string;
  readonly recursive: boolean;
  readonly cursor: string | undefined;
  readonly limit: number;
}

// Serving

export type ServeInput = ServeTerms & ({ readonly socket: Socket } | { readonly caller: Caller });

/** A peer that called: it is dialled, shown the token, and served like a visitor. */
export interface Caller {
  readonly host: string;
  readonly tcpPort: number;
  /** Whose key it must have. */
  readonly peer: PeerId;
  readonly token: Uint8Array;
}

/** A `socket` is handed over untouched: nothing may have been read from it. */
export interface ServeTerms {
  readonly link: MessagePort;
  readonly me: Introduction;
  /** The words of the engine's `EngineRates`. */
  readonly rates: SharedArrayBuffer;
  /** The engine's `Revocations`. */
  readonly revocations: SharedArrayBuffer;
}

/** A shared file as the library knows it: it is served only while it still looks like this. */
export interface ServedFile {
  readonly filePath: string;
  readonly stamp: FileStamp;
}

/** A content that is being downloaded: what is there of it is served. */
export interface ServedPartial {
  readonly filePath: string;
  readonly sizeBytes: number;
  readonly offer: OfferMemory;
}

export interface ServeReport {
  /** Payload sent over this connection so far. */
  readonly sentBytes: number;
  /** What is being sent, or was last. */
  readonly id: ContentId | undefined;
  /** What of each content has gone since the last report. */
  readonly parts: readonly SentPart[];
}

/** What there is to send: files small enough for a minislot, and others. */
export interface SlotWants {
  readonly small: boolean;
  readonly large: boolean;
}

/** What a serve job asks of the actor that started it. */
export interface ServeHost {
  /** Asked once, before anything is answered. Gives the memory of the limit for what this peer gets, if any. */
  authorize(remote: RemotePeer): Promise<Result<SharedArrayBuffer | undefined>>;
  /**
   * The visitor shows this token: gives the port at which who called it waits, with the calls of a fetch job, from then
   * on the only ones. Problem: `unauthorised` when it was not called.
   */
  claim(remote: RemotePeer, token: Uint8Array): Promise<Result<Claimed>>;
  open(id: ContentId): Promise<Result<ServedFile | ServedPartial>>;
  /** Where these should lie, in their order; nothing was looked at for it. */
  openAll(ids: readonly ContentId[]): Promise<readonly Result<ServedFile>[]>;
  manifest(id: ContentId): Promise<Result<Manifest>>;
  list(request: ListRequest): Promise<Result<ListPage>>;
  /** The file is no longer what was shared under this id. */
  stale(id: ContentId, reason: string): void;
  /** The visitor says that this piece came wrong. */
  spoiled(id: ContentId, piece: number): void;
  /** What waits to be sent has changed; nothing of either kind once there has been nothing for a while. */
  wantSlot(wants: SlotWants): void;
  report(report: ServeReport): void;
}

export interface Claimed {
  readonly link: MessagePort;
}

/** What a serve job lets its actor do. */
export interface ServeControl {
  /** 0: send; n: wait, n-th in the queue. `hasMinislot`: small files may be sent all the same. */
  place(position: number, hasMinislot: boolean): void;
  /** Says goodbye, or why not to come again, and ends. */
  stop(reason?: Problem): void;
}

// Fetching

export interface FetchInput {
  readonly host: string;
  readonly tcpPort: number;
  /** Whose key the other side must have. */
  readonly peer: PeerId;
  /** What others say it is called; may be empty. */
  readonly name: string;
  readonly link: MessagePort;
  readonly me: Introduction;
  /** The words of the engine's `EngineRates`. */
  readonly rates: SharedArrayBuffer;
}

/** A content that pieces are fetched of, under a number of the caller's. The partial file exists. */
export interface OpenedContent {
  readonly content: number;
  readonly id: ContentId;
  /** Proved to be that of `id`. */
  readonly manifest: Manifest;
  readonly filePath: string;
  /** The words of a `SharedRate`. */
  readonly rate: SharedArrayBuffer;
  /** The words of a `SharedWeight`. */
  readonly weight: SharedArrayBuffer;
  /** The words of the `PieceWriters` of the partial file. */
  readonly writers: SharedArrayBuffer;
  /** Whether the source downloads it as well: it is to be asked what it has, and nothing else is asked of it. */
  readonly isPartial: boolean;
}

/** What happened to one content since the last report. */
export interface ContentReport {
  readonly content: number;
  /** On the disk and right. */
  readonly verified: readonly PieceRange[];
  /** Came and were wrong. */
  readonly spoiled: readonly PieceRange[];
  /** Payload that came, whatever became of it. */
  readonly receivedBytes: number;
  /** What a partial source has, said once: the bytes of a bitfield of the right length … */
  readonly claim: Uint8Array | 'everything' | undefined;
  /** … and what it has got since. */
  readonly gained: readonly PieceRange[];
  /**
   * Nothing more of this content will come over this connection, which is closed to it: the source refused
   * (`at: 'source'`) or it cannot be written (`at: 'here'`).
   */
  readonly ended: { readonly at: 'source' | 'here'; readonly problem: Problem } | undefined;
}

export interface FetchReport {
  readonly contents: readonly ContentReport[];
  readonly trees: readonly TreeReport[];
  /** Place in the source's queue; 0: it sends. */
  readonly queuePosition: number;
  /** Nothing has come for a while though it should: when it is given up, in ms since 1970, unless something comes. */
  readonly stallsAtMs: number | undefined;
}

/** What a fetch job tells the actor that started it. */
export interface FetchHost {
  connected(remote: RemotePeer): void;
  /** The next report follows only when this one has been taken. */
  report(report: FetchReport): void;
}

/** What a fetch job lets its actor do; nothing of it before `connected`. */
export interface FetchControl {
  /** Proved to be that of `id`. */
  manifest(id: ContentId): Promise<Result<Manifest>>;
  list(request: ListRequest): Promise<Result<ListPage>>;
  open(content: OpenedContent): Promise<Result<void>>;
  /** Pieces to fetch, after those wanted before. */
  want(content: number, ranges: readonly PieceRange[]): void;
  /** Pieces no longer wanted; those on their way may come all the same. */
  leave(content: number, ranges: readonly PieceRange[]): void;
  close(content: number): Promise<void>;
  openTree(tree: OpenedTree): void;
  /** Small files to fetch, after those wanted before. */
  wantFiles(tree: number, files: readonly WantedFile[]): void;
  /** Small files that are to come from elsewhere. Gives those that are not on their way: these will not come. */
  dropFiles(tree: number, files: readonly number[]): readonly number[];
  /** What of it is under way is thrown away. */
  closeTree(tree: number): void;
  /** Says goodbye and ends. */
  stop(): void;
}

// Checking what is on the disk

export interface CheckInput {
  readonly filePath: string;
  readonly manifest: Manifest;
  readonly ranges: readonly PieceRange[];
  /** Passes over pieces that look like nothing but zeros: they were never written, and holes are slow to hash. */
  readonly skipsEmpty: boolean;
}

/** Pieces of a file of this machine that are to be in a partial file, which exists. */
export interface CopyInput {
  readonly from: string;
  readonly to: string;
  readonly manifest: Manifest;
  readonly ranges: readonly PieceRange[];
  /** Of the partial file: a `PieceWriters`, which is told of each piece and says when nothing may be written any more. */
  readonly writers: SharedArrayBuffer;
}
