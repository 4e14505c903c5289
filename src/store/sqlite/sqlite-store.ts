/**
 * A catalogue in an SQLite file. Invariant: what a call has answered is in the file and seen by every reader, whatever
 * crashes then, and after a start nobody is online until attached again.
 */
import type { DatabaseSync } from 'node:sqlite';
import type { PeerSummary } from '../../core/catalogue.ts';
import type { ContentId, PeerId } from '../../core/ids.ts';
import { rowsBeforeGivingWay } from '../../core/limits/stores.ts';
import { nameKey, suggestName } from '../../core/peer-name.ts';
import type { CompiledQuery, Term } from '../../core/search/query-match.ts';
import { ok, type Problem, type Result } from '../../core/result.ts';
import { bucketCount } from '../../core/share/share-digest.ts';
import type {
  AttachProblem,
  CatalogStore,
  ContentSources,
  PeerArrival,
  PageRequest,
  PeerPage,
  PreparedBatch,
  SearchPage,
  ShareBatch,
  ShareChange,
  ShareState,
  StorePatience,
  StoreStats,
  SweepLimits,
  SweepOutcome,
} from '../catalog-store.ts';
import { GivingWay } from '../giving-way.ts';
import { notAttached, staleShare, takenName } from '../checks.ts';
import { prepare, rowsOf } from '../prepared-batch.ts';
import { backUp } from './sqlite-backup.ts';
import { GroupCommit } from './sqlite-group.ts';
import { PeerRows } from './sqlite-peers.ts';
import { SqliteReader } from './sqlite-reader.ts';
import { ShareRows, type HeldRow } from './sqlite-rows.ts';
import { openDatabase } from './sqlite-schema.ts';
import { ShareWriter } from './sqlite-share.ts';

/** Rows read at once when a whole share is walked. */
const walkRows = 512;
const everyBucket = Uint8Array.from({ length: bucketCount }, (_, bucket) => bucket);

export class SqliteStore implements CatalogStore {
  readonly takesWritesAhead = true;
  readonly #path: string;
  readonly #database: DatabaseSync;
  readonly #peers: PeerRows;
  readonly #rows: ShareRows;
  readonly #reader: SqliteReader;
  readonly #group: GroupCommit;
  readonly #givingWay: GivingWay | undefined;

  private constructor(path: string, database: DatabaseSync, givingWay: GivingWay | undefined) {
    this.#path = path;
    this.#database = database;
    this.#peers = new PeerRows(database);
    this.#rows = new ShareRows(database);
    this.#reader = new SqliteReader(database);
    this.#group = new GroupCommit(database, () => this.#save());
    this.#givingWay = givingWay;
  }

  /** Opens the file, made when missing, see `openDatabase`. Throws what SQLite throws: no permission, not a database, locked. */
  static async open(
    path: string,
    nowMs: number = Date.now(),
    { onEmptied, isAwaited }: Pick<StorePatience, 'onEmptied' | 'isAwaited'> = {},
  ): Promise<SqliteStore> {
    const givingWay = isAwaited && new GivingWay({ isAwaited });
    return new SqliteStore(path, openDatabase(path, nowMs, onEmptied), givingWay);
  }

  async attach(arrival: PeerArrival, nowMs: number): Promise<Result<ShareState, AttachProblem>> {
    const key = nameKey(arrival.name);
    if (!key.ok) return key;
    const owner = this.#peers.ownerOf(key.value);
    if (owner !== undefined && owner !== arrival.peer) {
      const isTaken = (other: string): boolean => this.#peers.ownerOf(other) !== undefined;
      return takenName(arrival.name, suggestName(arrival.name, isTaken));
    }
    return this.#group.add(() => {
      this.#group.orElse(() => this.#peers.discard());
      const before = this.#peers.member(arrival.peer);
      const member = this.#peers.attach(arrival, key.value, nowMs);
      this.#peers.arrived(member);
      this.#group.orElse(() =>
        before === undefined ? this.#peers.departed(member) : this.#peers.arrived(before),
      );
      return ok(this.#peers.state(member.pid));
    });
  }

  async apply(peer: PeerId, batch: ShareBatch | PreparedBatch): Promise<Result<ShareChange>> {
    const member = this.#peers.member(peer);
    if (member === undefined) return notAttached();
    const { pid, refused } = member;
    const { adds, removes } = prepare(batch);
    const rejected: { index: number; problem: Problem }[] = [];
    return this.#change(pid, (share) => {
      for (const file of removes) {
        share.remove(file);
        refused.remove(file.id, file.path);
      }
      for (const row of rowsOf(adds)) {
        if (row.index % rowsBeforeGivingWay === 0) this.#givingWay?.pause();
        const problem = share.add(row);
        if (problem === undefined) continue;
        rejected.push({ index: row.index, problem });
        refused.add(row.file());
      }
      return ok({ added: share.added, removed: share.removed, rejected, count: share.count });
    });
  }

  async dropBuckets(peer: PeerId, buckets: readonly number[]): Promise<Result<number>> {
    const member = this.#peers.member(peer);
    if (member === undefined) return notAttached();
    const dropped = new Set(buckets);
    return this.#change(member.pid, (share) => {
      for (const row of this.#walk(member.pid, Uint8Array.from(dropped))) share.leave(row);
      member.refused.dropBuckets(dropped);
      return ok(share.removed);
    });
  }

  async commit(peer: PeerId, state: ShareState): Promise<Result<ShareState>> {
    const member = this.#peers.member(peer);
    if (member === undefined) return notAttached();
    if (!member.refused.agree(state, this.#peers.sums(member.pid))) return staleShare();
    const known = this.#peers.state(member.pid);
    // Peers look every few heartbeats whether all is still there: that costs no write.
    const isKnown = known.generation === state.generation && known.count === state.count;
    if (isKnown && !this.#group.isOpen) {
      member.refused.clear();
      return ok(known);
    }
    // What is known may be what is being changed.
    return this.#group.add(() => {
      if (!isKnown) this.#peers.setGeneration(member.pid, state.generation);
      member.refused.clear();
      return ok(this.#peers.state(member.pid));
    });
  }

  async bucketDigests(peer: PeerId): Promise<Result<Uint8Array>> {
    const member = this.#peers.member(peer);
    return member === undefined ? notAttached() : ok(this.#peers.sums(member.pid).bucketDigests());
  }

  async detach(peers: readonly PeerId[], nowMs: number): Promise<void> {
    await this.#group.add(() => {
      this.#group.orElse(() => this.#peers.discard());
      for (const member of new Set(peers.flatMap((peer) => this.#peers.member(peer) ?? []))) {
        this.#peers.detach(member, nowMs);
        this.#peers.departed(member);
        this.#group.orElse(() => this.#peers.arrived(member));
      }
    });
  }

  async setReachable(peer: PeerId, reachable: boolean): Promise<void> {
    await this.#group.add(() => this.#peers.setReachable(peer, reachable));
  }

  async search(query: CompiledQuery, page: PageRequest): Promise<SearchPage> {
    return this.#seen().search(query, page);
  }

  async findName(name: string, limit: number, without?: readonly Term[]): Promise<SearchPage> {
    return this.#seen().findName(name, limit, without);
  }

  async holders(
    ids: readonly ContentId[],
    perContent: number,
    turn?: number,
  ): Promise<readonly ContentSources[]> {
    return this.#seen().holders(ids, perContent, turn);
  }

  async peers(cursor: string | undefined, limit: number): Promise<PeerPage> {
    return this.#seen().peers(cursor, limit);
  }

  async findPeer(peer: string): Promise<PeerSummary | undefined> {
    return this.#seen().findPeer(peer);
  }

  async wordsLike(prefix: string, limit: number): Promise<readonly string[]> {
    return this.#seen().wordsLike(prefix, limit);
  }

  async backup(path: string): Promise<Result<void>> {
    this.#group.flush();
    return backUp(this.#path, path);
  }

  async sweep({ leftBeforeMs, maxRows, maxFilesAway = Infinity }: SweepLimits): Promise<SweepOutcome> {
    return this.#group.add(() => {
      let peers = 0;
      let rows = 0;
      for (;;) {
        const isTooMuch = maxFilesAway !== Infinity && this.#peers.filesAway() > maxFilesAway;
        const pid = this.#peers.gone(isTooMuch ? Number.MAX_SAFE_INTEGER : leftBeforeMs);
        if (pid === undefined) {
          if (rows === 0) this.#rows.tidy();
          return { peers, rows, more: false };
        }
        if (peers + rows >= maxRows) return { peers, rows, more: true };
        const share = this.#writer(pid);
        const before = share.count;
        for (const row of this.#walk(pid, everyBucket)) {
          if (peers + rows >= maxRows) break;
          share.leave(row);
          rows += 1;
        }
        this.#group.count(share.save());
        this.#peers.leftAway(before - share.count);
        if (share.count > 0) return { peers, rows, more: true };
        this.#peers.forget(pid);
        peers += 1;
      }
    });
  }

  async stats(): Promise<StoreStats> {
    return this.#seen().stats();
  }

  async close(): Promise<void> {
    this.#group.flush();
    this.#database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    await this.#reader.close();
  }

  /** The catalogue with everything that has been done to it. */
  #seen(): SqliteReader {
    this.#group.show();
    return this.#reader;
  }

  #save(): void {
    this.#givingWay?.pause();
    this.#peers.save();
    this.#rows.save();
    this.#givingWay?.pause();
  }

  #change<T>(pid: number, change: (share: ShareWriter) => T): Promise<T> {
    return this.#group.add(() => {
      const share = this.#writer(pid);
      const value = change(share);
      this.#group.count(share.save());
      return value;
    });
  }

  #writer(pid: number): ShareWriter {
    const putBack = this.#rows.mark();
    this.#group.orElse(() => {
      putBack();
      this.#peers.discard();
    });
    return new ShareWriter(this.#rows, this.#peers, pid);
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
}
