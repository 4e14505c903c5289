/**
 * The peers of an SQLite catalogue: who is known under which name, who is online, and the state of each share.
 * Invariant: no two known peers have names with the same key.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Source } from '../../core/catalogue.ts';
import type { PeerId } from '../../core/ids.ts';
import type { PeerArrival, ShareState } from '../catalog-store.ts';
import { RefusedFiles } from '../refused-files.ts';
import { ShareSums } from '../share-sums.ts';
import { reading, writing } from './sqlite-statements.ts';

/** A peer that is online. */
export interface Member extends Source {
  readonly pid: number;
  readonly refused: RefusedFiles;
}

interface Changed {
  readonly sums: ShareSums;
  /** What its files have more of, or less, than is saved. */
  readonly moreBytes: number;
}

/** A row as our own statements give it: arrays, because they are cheaper than objects. */
type Found<Row> = Row | undefined;

export class PeerRows {
  readonly #online = new Map<PeerId, Member>();
  /** Shares that have changed and are not saved, by `pid`. */
  readonly #changed = new Map<number, Changed>();
  readonly #pidOf: StatementSync;
  readonly #ownerOf: StatementSync;
  readonly #insert: StatementSync;
  readonly #update: StatementSync;
  readonly #detach: StatementSync;
  readonly #state: StatementSync;
  readonly #sums: StatementSync;
  readonly #saveState: StatementSync;
  readonly #saveSums: StatementSync;
  readonly #setGeneration: StatementSync;
  readonly #setReachable: StatementSync;
  readonly #gone: StatementSync;
  readonly #filesAway: StatementSync;
  readonly #forget: StatementSync;
  readonly #forgetSums: StatementSync;
  readonly #count: StatementSync;
  /** See `filesAway`; undefined when it is to be counted anew. */
  #away: number | undefined;

  constructor(database: DatabaseSync) {
    this.#pidOf = reading(database, 'SELECT pid FROM peer WHERE peer = ?');
    this.#ownerOf = reading(database, 'SELECT peer FROM peer WHERE name_key = ?');
    this.#insert = writing(
      database,
      `INSERT INTO peer (pid, peer, name, name_key, host, port, online, left_ms, generation, count, bytes, digest)
       VALUES ((SELECT coalesce(max(pid), 0) + 1 FROM peer), ?, ?, ?, ?, ?, 1, ?, 0, 0, 0, zeroblob(16))`,
    );
    this.#update = writing(
      database,
      `UPDATE peer SET reachable = iif(host = ?3 AND port = ?4, reachable, NULL),
       name = ?1, name_key = ?2, host = ?3, port = ?4, online = 1, left_ms = ?5 WHERE pid = ?6`,
    );
    this.#setReachable = writing(database, 'UPDATE peer SET reachable = ? WHERE peer = ?');
    this.#detach = writing(database, 'UPDATE peer SET online = 0, left_ms = ? WHERE pid = ?');
    this.#state = reading(database, 'SELECT generation, count, digest FROM peer WHERE pid = ?');
    this.#sums = reading(database, 'SELECT sums FROM sums WHERE pid = ?');
    this.#saveState = writing(
      database,
      'UPDATE peer SET count = ?, bytes = bytes + ?, digest = ? WHERE pid = ?',
    );
    this.#saveSums = writing(database, 'INSERT OR REPLACE INTO sums (pid, sums) VALUES (?, ?)');
    this.#setGeneration = writing(database, 'UPDATE peer SET generation = ? WHERE pid = ?');
    this.#gone = reading(
      database,
      'SELECT pid FROM peer WHERE online = 0 AND left_ms < ? ORDER BY left_ms, pid LIMIT 1',
    );
    this.#filesAway = reading(database, 'SELECT coalesce(sum(count), 0) FROM peer WHERE online = 0');
    this.#forget = writing(database, 'DELETE FROM peer WHERE pid = ?');
    this.#forgetSums = writing(database, 'DELETE FROM sums WHERE pid = ?');
    this.#count = reading(database, 'SELECT count(*) FROM peer');
  }

  get online(): number {
    return this.#online.size;
  }

  get known(): number {
    return (this.#count.get() as unknown as Found<[number]>)?.[0] ?? 0;
  }

  member(peer: PeerId): Member | undefined {
    return this.#online.get(peer);
  }

  ownerOf(nameKey: string): string | undefined {
    return (this.#ownerOf.get(nameKey) as unknown as Found<[string]>)?.[0];
  }

  /** Saves the peer as online. `arrived` lists it. */
  attach({ peer, name, host, port }: PeerArrival, nameKey: string, nowMs: number): Member {
    const known = this.#pid(peer);
    if (known !== undefined && !this.#online.has(peer)) this.leftAway(this.state(known).count);
    if (known === undefined) this.#insert.run(peer, name, nameKey, host, port, nowMs);
    else this.#update.run(name, nameKey, host, port, nowMs, known);
    const pid = known ?? this.#pid(peer) ?? 0;
    return { pid, peer, name, host, port, refused: new RefusedFiles() };
  }

  arrived(member: Member): void {
    this.#online.set(member.peer, member);
  }

  /** Saves the peer as gone. `departed` strikes it off. */
  detach({ pid }: Member, nowMs: number): void {
    this.#detach.run(nowMs, pid);
    this.leftAway(-this.state(pid).count);
  }

  departed(member: Member): void {
    this.#online.delete(member.peer);
  }

  state(pid: number): ShareState {
    const [generation = 0, count = 0, digest = new Uint8Array(16)] =
      (this.#state.get(pid) as unknown as Found<[number, number, Uint8Array]>) ?? [];
    const changed = this.#changed.get(pid)?.sums;
    if (changed !== undefined) return { generation, count: changed.count, digest: changed.digest() };
    return { generation, count, digest };
  }

  sums(pid: number): ShareSums {
    const changed = this.#changed.get(pid)?.sums;
    if (changed !== undefined) return changed;
    return new ShareSums((this.#sums.get(pid) as unknown as Found<[Uint8Array]>)?.[0], this.state(pid).count);
  }

  /** A share is different now; `save` will write it. */
  changed(pid: number, sums: ShareSums, moreBytes: number): void {
    this.#changed.set(pid, { sums, moreBytes: moreBytes + (this.#changed.get(pid)?.moreBytes ?? 0) });
  }

  /** Writes the shares that have changed, once for all that was done to each. */
  save(): void {
    for (const [pid, { sums, moreBytes }] of this.#changed) {
      this.#saveState.run(sums.count, moreBytes, sums.digest(), pid);
      this.#saveSums.run(pid, sums.save());
    }
    this.#changed.clear();
  }

  /** Forgets shares that have changed, and what was counted: what was done to them has been undone. */
  discard(): void {
    this.#changed.clear();
    this.#away = undefined;
  }

  setGeneration(pid: number, generation: number): void {
    this.#setGeneration.run(generation, pid);
  }

  setReachable(peer: string, reachable: boolean): void {
    this.#setReachable.run(Number(reachable), peer);
  }

  /** Files of peers that are away, each counted once for every peer that has it. Kept as a total: this is asked often. */
  filesAway(): number {
    if (this.#away !== undefined) return this.#away;
    this.save();
    this.#away = (this.#filesAway.get() as unknown as Found<[number]>)?.[0] ?? 0;
    return this.#away;
  }

  /** So many files are no longer away: their peer is back, or they are forgotten. */
  leftAway(files: number): void {
    if (this.#away !== undefined) this.#away -= files;
  }

  /** The first that left, if before this time. */
  gone(beforeMs: number): number | undefined {
    return (this.#gone.get(beforeMs) as unknown as Found<[number]>)?.[0];
  }

  forget(pid: number): void {
    this.#changed.delete(pid);
    this.#forget.run(pid);
    this.#forgetSums.run(pid);
  }

  #pid(peer: string): number | undefined {
    return (this.#pidOf.get(peer) as unknown as Found<[number]>)?.[0];
  }
}
