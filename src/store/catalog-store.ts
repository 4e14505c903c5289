/**
 * What a tracker asks of its catalogue, whichever engine keeps it. Invariant of every store: results and sources
 * never show a peer that is not attached, and a peer's `count` and `digest` always describe exactly the rows
 * kept for it. Calls of one peer are made one after the other; each call is atomic: all of it or nothing.
 */
import type { PeerSummary, SearchResult, SharedFile, Source } from '../core/catalogue.ts';
import type { ContentId, PeerId } from '../core/ids.ts';
import type { CompiledQuery } from '../core/search/query.ts';
import type { Term } from '../core/search/query-match.ts';
import type { Problem, Result } from '../core/result.ts';
import type { ClusterStats } from '../core/tracker/tracker-stats.ts';
import type { TrackerDirectory } from './tracker-directory.ts';

/** A peer that comes in. `host` is the address that was seen; whether it can be reached is told later. */
export type PeerArrival = Omit<Source, 'reachable'>;

/** What a share is, in short: two equal states are equal shares. */
export interface ShareState {
  /** The peer's own counter of changes to its share; 0 before the first commit. */
  readonly generation: number;
  /** Shared files: the same content under two paths counts twice. */
  readonly count: number;
  /** 16 bytes, see core/share/share-digest.ts. */
  readonly digest: Uint8Array;
}

/** A file that a peer adds. `isDenied`: it is refused with `unauthorised`, however well it would fit. */
export type AddedFile = SharedFile & { readonly isDenied?: boolean };

/**
 * Changes to a share. Removes come first; both are idempotent. Adding a content at a path where the peer has it
 * with another size replaces that.
 */
export interface ShareBatch {
  readonly adds: readonly AddedFile[];
  readonly removes: readonly Pick<SharedFile, 'id' | 'path'>[];
}

/** Files that have been looked at (prepared-batch.ts says how they lie there), in memory that crosses threads as it is. */
export interface PreparedAdds {
  readonly count: number;
  readonly packed: SharedArrayBuffer;
}

/**
 * A batch of which all is known that can be without the catalogue: `prepare` makes it, on any thread. A store does with
 * it what it does with the batch it was made of.
 */
export interface PreparedBatch extends Omit<ShareBatch, 'adds'> {
  readonly adds: PreparedAdds;
}

export interface ShareChange {
  /** Rows new to this peer's share. */
  readonly added: number;
  /** Rows that left this peer's share. */
  readonly removed: number;
  /** Indices into `adds` that were not taken, each with why (`limit`, `bad-name`): no part of the share. */
  readonly rejected: readonly { readonly index: number; readonly problem: Problem }[];
  /** Files in the share now. */
  readonly count: number;
}

/** Why a peer could not come in: `name-taken` brings a name that is free now, `bad-name` does not. */
export interface AttachProblem extends Problem {
  readonly suggestion?: string;
}

/** How a catalogue is opened that cannot be used as it is: it is waited for, or made anew. */
export interface StorePatience {
  readonly patienceMs?: number;
  /** Told now and then what it waits for. */
  readonly onWait?: (reason: string) => void;
  /** Told that what was in it cannot be read by this version and is gone: peers bring it again. */
  readonly onEmptied?: (reason: string) => void;
  /** Whether somebody waits for what others look up in it: who writes it on its own thread then gives way to them. */
  readonly isAwaited?: (() => boolean) | undefined;
  /** Aborted when nobody wants it any more. */
  readonly signal?: AbortSignal;
}

/** Which part of what a search finds is asked for. */
export interface PageRequest {
  /** Results at most; cut to its bound. */
  readonly limit: number;
  /**
   * What the page before gave as its cursor; none: the first page. One that no store of this kind gave is the end:
   * an empty page without another. At most `maxCursorBytes`.
   */
  readonly cursor?: string | undefined;
}

export interface SearchPage {
  /** Best first, as far as the store looked for this page: see `cursor`. */
  readonly results: readonly SearchResult[];
  /** There are more, or there may be: the search stopped at one of its bounds. */
  readonly more: boolean;
  /**
   * What to ask the next page with; undefined when there is none. A store ranks a stretch of its newest rows at a
   * time, so pages neither overlap nor leave anything out while rows come, except that a content whose rows lie in
   * two stretches is in both.
   */
  readonly cursor?: string | undefined;
  /** A part of the catalogue did not answer in time. */
  readonly isPartial?: boolean;
}

/** Who has a content now; `sources` is empty when nobody does. */
export interface ContentSources {
  readonly id: ContentId;
  readonly sizeBytes: number | undefined;
  readonly sources: readonly Source[];
  /** A part of the catalogue did not answer in time: there may be others. */
  readonly isPartial?: boolean;
}

export interface PeerPage {
  /** In the order of their names. */
  readonly peers: readonly PeerSummary[];
  /** Give it back to get the next page; undefined on the last. */
  readonly cursor: string | undefined;
  /** A part of the catalogue did not answer in time: its peers are missing. */
  readonly isPartial?: boolean;
}

export interface SweepLimits {
  /** Peers that left before this time (milliseconds since 1970) are forgotten, with their files. */
  readonly leftBeforeMs: number;
  /** Rows to delete at most in this call; a peer that is forgotten counts as one. */
  readonly maxRows: number;
  /**
   * Of peers that are away no more files than this are kept: those that left first are forgotten before their time.
   * Default: all are kept. Of several parts each keeps its portion.
   */
  readonly maxFilesAway?: number;
}

export interface SweepOutcome {
  readonly peers: number;
  readonly rows: number;
  /** Call again: the bound was reached. */
  readonly more: boolean;
}

export interface StoreStats {
  readonly peersOnline: number;
  /** Peers known, the ones that left and may return included. */
  readonly peersKnown: number;
  /** Distinct pairs of content and path. */
  readonly files: number;
  /** Files of all known shares, each counted once for every peer that has it. */
  readonly shares: number;
  /** A part of the catalogue did not answer in time, and is not counted. */
  readonly isPartial?: boolean;
}

/** Looks things up. Several may be open on one catalogue, each on a thread of its own. */
export interface CatalogReader {
  /** Live results, best first: exactness, then sources, then newest. */
  search(query: CompiledQuery, page: PageRequest): Promise<SearchPage>;
  /**
   * Contents that a live peer shares under exactly this file name (without folders), most sources first. A name
   * that is the text of a content id asks for that content, to learn what it is called. `without`: a path with any of
   * these is as if it were not there.
   */
  findName(name: string, limit: number, without?: readonly Term[]): Promise<SearchPage>;
  /**
   * Live sources for each id asked for, in the order asked; at most `perContent` each. Of more, those from a place
   * in the order of their arrival on, and round: `turn`, from 0 to below 1, says which, so that all have theirs.
   */
  holders(ids: readonly ContentId[], perContent: number, turn?: number): Promise<readonly ContentSources[]>;
  /** Peers that are online, a page at a time; undefined starts at the first. */
  peers(cursor: string | undefined, limit: number): Promise<PeerPage>;
  /**
   * An online peer by its id, or by its name as attach compares names; undefined where there is none. Throws a
   * problem (`busy`) where a part of the catalogue that would know does not answer.
   */
  findPeer(peer: string): Promise<PeerSummary | undefined>;
  /**
   * Words of names and folders that begin so, in the order of their bytes: at most `limit`, and at most
   * `maxWordsLike`. They may be of files whose holders are away. Stops early where one word has very many files.
   */
  wordsLike(prefix: string, limit: number): Promise<readonly string[]>;
  stats(): Promise<StoreStats>;
  /** Ends; nothing may be called after it. */
  close(): Promise<void>;
}

export interface CatalogStore extends CatalogReader {
  /** Where the other trackers of this catalogue are; undefined of a store that one tracker has for itself. */
  readonly neighbours?: TrackerDirectory;
  /**
   * Whether `apply` and `commit` of a peer may be called before those before them have answered: each is done on top
   * of those called before it, and fails, or is `stale`, where one of them failed that it rests on.
   */
  readonly takesWritesAhead?: boolean;
  /**
   * Makes a peer visible under its name and address and says what is still known of its share. Attaching again
   * replaces name and address. A name belongs to its peer until the peer is forgotten by `sweep`.
   */
  attach(arrival: PeerArrival, nowMs: number): Promise<Result<ShareState, AttachProblem>>;
  /** Applies changes to the share of an attached peer; they are visible at once. `not-found`: not attached. */
  apply(peer: PeerId, batch: ShareBatch | PreparedBatch): Promise<Result<ShareChange>>;
  /** Removes every file whose content id starts with one of these bytes; returns how many. */
  dropBuckets(peer: PeerId, buckets: readonly number[]): Promise<Result<number>>;
  /**
   * Sets the generation when count and digest are those of the rows kept, with or without the files rejected
   * since the last commit; gives the state kept, without them. `stale` when they are not: compare buckets.
   */
  commit(peer: PeerId, state: ShareState): Promise<Result<ShareState>>;
  /** 256 digests of 8 bytes, by the first byte of the content id. `not-found`: not attached. */
  bucketDigests(peer: PeerId): Promise<Result<Uint8Array>>;
  /**
   * Says whether the address of a peer was got through to: shown as `Source.reachable` until the peer attaches
   * from another host or port. An unknown peer is ignored.
   */
  setReachable(peer: PeerId, reachable: boolean): Promise<void>;
  /** Hides peers and keeps their rows. Unknown and detached ones are ignored. */
  detach(peers: readonly PeerId[], nowMs: number): Promise<void>;
  /** Forgets peers that left long ago, those that left first before the others, a bounded piece of work at a time. */
  sweep(limits: SweepLimits): Promise<SweepOutcome>;
  /**
   * Copies the catalogue to a file that can be opened as one, whole or not at all, while everything else goes on.
   * `bad-request`: this store cannot; `io`, `disk-full`: the file cannot be written.
   */
  backup(path: string): Promise<Result<void>>;
  /**
   * Has somebody told when rows may be gone that peers were told are kept: servers came back with less than they had.
   * Undefined of a store that loses nothing as long as it is open.
   */
  onLoss?(tell: () => void): void;
  /**
   * The peers that are still here are on their way to other trackers of the catalogue: from now on `detach` and `close`
   * leave them listed for a moment, for those to take them over. Undefined of a store that one tracker has for itself.
   */
  handOver?(): void;
  /** How the servers are that the catalogue is on, where there are several. */
  cluster?(): Promise<ClusterStats>;
}
