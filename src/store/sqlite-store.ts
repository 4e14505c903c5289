/**
 * A catalogue in an SQLite file. Invariant: every call is one transaction, so that a crash at any moment loses
 * at most the call that was running, and after a start nobody is online until attached again.
 */
import type { DatabaseSync } from 'node:sqlite';
import type { PeerSummary } from '../core/catalogue.ts';
import type { ContentId, PeerId } from '../core/ids.ts';
import { nameKey, suggestName } from '../core/peer-name.ts';
import type { CompiledQuery } from '../core/query-match.ts';
import { ok, type Problem, type Result } from '../core/result.ts';
import { bucketCount } from '../core/share-digest.ts';
import type {
  AttachProblem,
  CatalogStore,
  ContentSources,
  PeerArrival,
  PageRequest,
  PeerPage,
  SearchPage,
  ShareBatch,
  ShareChange,
  ShareState,
  StoreStats,
  SweepLimits,
  SweepOutcome,
} from './catalog-store.ts';
import { notAttached, refusalOf, staleShare, takenName } from './checks.ts';
import { backUp } from './sqlite-backup.ts';
import { PeerRows } from './sqlite-peers.ts';
import { SqliteReader } from './sqlite-reader.ts';
import { ShareRows, type HeldRow } from './sqlite-rows.ts';
import { openDatabase } from './sqlite-schema.ts';
import { ShareWriter } from './sqlite-share.ts';

/** Rows read at once when a whole share is walked. */
const walkRows = 512;
const everyBucket = Uint8Array.from({ length: bucketCount }, (_, bucket) => bucket);

export class SqliteStore implements CatalogStore {
  readonly #database: DatabaseSync;
  readonly #peers: PeerRows;
  readonly #rows: ShareRows;
  readonly #reader: SqliteReader;

  private constructor(database: DatabaseSync) {
    this.#database = database;
    this.#peers = new PeerRows(database);
    this.#rows = new ShareRows(database);
    this.#reader = new SqliteReader(database);
  }

  /** Opens the file, made when missing. Throws what SQLite throws: no permission, not a database, locked. */
  static async open(path: string, nowMs: number = Date.now()): Promise<SqliteStore> {
    return new SqliteStore(openDatabase(path, nowMs));
  }

  async attach(arrival: PeerArrival, nowMs: number): Promise<Result<ShareState, AttachProblem>> {
    const key = nameKey(arrival.name);
    if (!key.ok) return key;
    const owner = this.#peers.ownerOf(key.value);
    if (owner !== undefined && owner !== arrival.peer) {
      const isTaken = (other: string): boolean => this.#peers.ownerOf(other) !== undefined;
      return takenName(arrival.name, suggestName(arrival.name, isTaken));
    }
    const member = this.#inTransaction(() => this.#peers.attach(arrival, key.value, nowMs));
    this.#peers.arrived(member);
    return ok(this.#peers.state(member.pid));
  }

  async apply(peer: PeerId, { adds, removes }: ShareBatch): Promise<Result<ShareChange>> {
    const member = this.#peers.member(peer);
    if (member === undefined) return notAttached();
    const { pid, refused } = member;
    const rejected: { index: number; problem: Problem }[] = [];
    return this.#inTransaction(() => {
      const share = new ShareWriter(this.#rows, this.#peers, pid);
      for (const file of removes) {
        const { held } = this.#rows.find(pid, file);
        if (held !== undefined) share.leave(held);
        refused.remove(file.id, file.path);
      }
      for (const [index, file] of adds.entries()) {
        const place = this.#rows.find(pid, file);
        if (place.held?.sizeBytes === file.sizeBytes) continue;
        if (place.held !== undefined) share.leave(place.held);
        const problem = refusalOf(file, share.count);
        if (problem === undefined) share.join(file, place);
        else {
          rejected.push({ index, problem });
          refused.add(file);
        }
      }
      share.save();
      return ok({ added: share.added, removed: share.removed, rejected, count: share.count });
    });
  }

  async dropBuckets(peer: PeerId, buckets: readonly number[]): Promise<Result<number>> {
    const member = this.#peers.member(peer);
    if (member === undefined) return notAttached();
    const dropped = new Set(buckets);
    const removed = this.#inTransaction(() => {
      const share = new ShareWriter(this.#rows, this.#peers, member.pid);
      for (const row of this.#walk(member.pid, Uint8Array.from(dropped))) share.leave(row);
      share.save();
      return share.removed;
    });
    member.refused.dropBuckets(dropped);
    return ok(removed);
  }

  async commit(peer: PeerId, state: ShareState): Promise<Result<ShareState>> {
    const member = this.#peers.member(peer);
    if (member === undefined) return notAttached();
    if (!member.refused.agree(state, this.#peers.sums(member.pid))) return staleShare();
    this.#inTransaction(() => this.#peers.setGeneration(member.pid, state.generation));
    member.refused.clear();
    return ok(this.#peers.state(member.pid));
  }

  async bucketDigests(peer: PeerId): Promise<Result<Uint8Array>> {
    const member = this.#peers.member(peer);
    return member === undefined ? notAttached() : ok(this.#peers.sums(member.pid).bucketDigests());
  }

  async detach(peers: readonly PeerId[], nowMs: number): Promise<void> {
    const members = peers.flatMap((peer) => this.#peers.member(peer) ?? []);
    this.#inTransaction(() => {
      for (const member of members) this.#peers.detach(member, nowMs);
    });
    for (const member of members) this.#peers.departed(member);
  }

  async setReachable(peer: PeerId, reachable: boolean): Promise<void> {
    this.#inTransaction(() => this.#peers.setReachable(peer, reachable));
  }

  async search(query: CompiledQuery, page: PageRequest): Promise<SearchPage> {
    return this.#reader.search(query, page);
  }

  async findName(name: string, limit: number): Promise<SearchPage> {
    return this.#reader.findName(name, limit);
  }

  async holders(
    ids: readonly ContentId[],
    perContent: number,
    turn?: number,
  ): Promise<readonly ContentSources[]> {
    return this.#reader.holders(ids, perContent, turn);
  }

  async peers(cursor: string | undefined, limit: number): Promise<PeerPage> {
    return this.#reader.peers(cursor, limit);
  }

  async findPeer(peer: string): Promise<PeerSummary | undefined> {
    return this.#reader.findPeer(peer);
  }

  async wordsLike(prefix: string, limit: number): Promise<readonly string[]> {
    return this.#reader.wordsLike(prefix, limit);
  }

  async backup(path: string): Promise<Result<void>> {
    return backUp(this.#database, path);
  }

  async sweep({ leftBeforeMs, maxRows }: SweepLimits): Promise<SweepOutcome> {
    return this.#inTransaction(() => {
      let peers = 0;
      let rows = 0;
      for (;;) {
        const pid = this.#peers.gone(leftBeforeMs);
        if (pid === undefined) return { peers, rows, more: false };
        const share = new ShareWriter(this.#rows, this.#peers, pid);
        for (const row of this.#walk(pid, everyBucket)) {
          if (rows >= maxRows) break;
          share.leave(row);
          rows += 1;
        }
        share.save();
        if (share.count > 0) return { peers, rows, more: true };
        this.#peers.forget(pid);
        peers += 1;
      }
    });
  }

  async stats(): Promise<StoreStats> {
    return {
      peersOnline: this.#peers.online,
      peersKnown: this.#peers.known,
      files: this.#rows.files,
      shares: this.#rows.shares,
    };
  }

  async close(): Promise<void> {
    this.#database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    await this.#reader.close();
  }

  /** The files of a peer in some buckets; each may be deleted while it is visited. */
  *#walk(pid: number, buckets: Uint8Array): Iterable<HeldRow> {
    let after = 0;
    for (;;) {
      const rows = this.#rows.held(pid, after, buckets, walkRows);
      yield* rows;
      const last = rows.at(-1);
      if (last === undefined) return;
      after = last.fid;
    }
  }

  #inTransaction<T>(work: () => T): T {
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      const value = work();
      this.#database.exec('COMMIT');
      return value;
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
      throw error;
    }
  }
}
