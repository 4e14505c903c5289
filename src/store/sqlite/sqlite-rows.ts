/**
 * Puts files into the share of a peer and takes them out, in every table at once. Invariant: a file row and its
 * words exist while a known peer holds it. Called inside a transaction.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { SharedFile } from '../../core/catalogue.ts';
import { contentId } from '../../core/ids.ts';
import { kindOf } from '../file-kinds.ts';
import type { PreparedRow } from '../prepared-batch.ts';
import type { FileKeys } from './sqlite-keys.ts';
import { keysOf } from './sqlite-schema.ts';
import { WordIndex } from './sqlite-index.ts';
import { reading, writing } from './sqlite-statements.ts';

/** What is known of a content at a path, before something is done about it. */
export interface Place {
  readonly key: number;
  /** The file rows there: one, but for peers that lie about its size. */
  readonly variants: readonly Variant[];
}

interface Variant {
  readonly fid: number;
  readonly sizeBytes: number;
}

/** A file of a peer, as a row. */
export interface HeldRow extends SharedFile {
  readonly fid: number;
}

export class ShareRows {
  #files: number;
  #shares: number;
  #lastFid: number;
  #haveChanged = false;
  #tidiedAt = 0;
  readonly #keys: FileKeys;
  readonly #saveTotals: StatementSync;
  readonly #variants: StatementSync;
  readonly #holds: StatementSync;
  readonly #insertFile: StatementSync;
  readonly #words: WordIndex;
  readonly #insertHolder: StatementSync;
  readonly #deleteHolder: StatementSync;
  readonly #anyHolder: StatementSync;
  readonly #deleteFile: StatementSync;
  readonly #held: StatementSync;

  constructor(database: DatabaseSync) {
    const totals = reading(database, 'SELECT files, shares, last_fid FROM total').get();
    [this.#files, this.#shares, this.#lastFid] = totals as unknown as [number, number, number];
    this.#keys = keysOf(database);
    this.#saveTotals = writing(database, 'UPDATE total SET files = ?, shares = ?, last_fid = ?');
    this.#variants = reading(
      database,
      'SELECT fid, size FROM file WHERE key = ? AND id = ? AND path = CAST(? AS TEXT)',
    );
    this.#holds = reading(database, 'SELECT 1 FROM holder WHERE fid = ? AND pid = ?');
    this.#insertFile = writing(
      database,
      'INSERT INTO file (fid, key, size, id, path) VALUES (?, ?, ?, ?, CAST(? AS TEXT))',
    );
    this.#words = new WordIndex(database);
    this.#insertHolder = writing(database, 'INSERT OR IGNORE INTO holder (fid, pid) VALUES (?, ?)');
    this.#deleteHolder = writing(database, 'DELETE FROM holder WHERE fid = ? AND pid = ?');
    this.#anyHolder = reading(database, 'SELECT 1 FROM holder WHERE fid = ? LIMIT 1');
    this.#deleteFile = writing(database, 'DELETE FROM file WHERE fid = ?');
    this.#held = reading(
      database,
      `SELECT f.fid, f.id, f.path, f.size FROM holder h JOIN file f ON f.fid = h.fid
       WHERE h.pid = ? AND h.fid > ? AND instr(?, substr(f.id, 1, 1)) > 0 ORDER BY h.fid LIMIT ?`,
    );
  }

  /** What puts the numbers back to what they are now, when all that comes until then is undone. */
  mark(): () => void {
    const [files, shares, lastFid] = [this.#files, this.#shares, this.#lastFid];
    return () => {
      this.#files = files;
      this.#shares = shares;
      this.#lastFid = lastFid;
      this.#words.discard();
    };
  }

  /** Writes what is held back until the end of a group. */
  save(): void {
    if (!this.#haveChanged) return;
    this.#words.save();
    this.#saveTotals.run(this.#files, this.#shares, this.#lastFid);
    this.#haveChanged = false;
  }

  /** Merges a little of the index, unless files came since the last time: fewer lists are read faster. */
  tidy(): void {
    if (this.#lastFid === this.#tidiedAt) this.#words.merge();
    this.#tidiedAt = this.#lastFid;
  }

  /** Looks up a content at a path, which is UTF-8. */
  find(id: Uint8Array, path: Uint8Array): Place {
    const key = this.#keys.of(id, path);
    const rows = this.#variants.all(key, id, path) as unknown as [number, number][];
    return { key, variants: rows.map(([fid, sizeBytes]) => ({ fid, sizeBytes })) };
  }

  /** What a peer has of those at a place. */
  heldBy(pid: number, { variants }: Place): Variant | undefined {
    return variants.find(({ fid }) => this.#holds.get(fid, pid) !== undefined);
  }

  /** A peer's files after a `fid` whose content ids begin with one of these bytes, in order. */
  held(pid: number, afterFid: number, buckets: Uint8Array, most: number): readonly HeldRow[] {
    const rows = this.#held.all(pid, afterFid, buckets, most) as unknown as [
      number,
      Uint8Array,
      string,
      number,
    ][];
    return rows.map(([fid, id, path, sizeBytes]) => ({ fid, id: contentId(id), path, sizeBytes }));
  }

  /** Gives a peer a file at a place that was looked up for it and where it holds none of this size. */
  join(pid: number, row: PreparedRow, { key, variants }: Place): void {
    const { id, sizeBytes } = row;
    const known = variants.find((variant) => variant.sizeBytes === sizeBytes);
    const fid = known?.fid ?? ++this.#lastFid;
    if (known === undefined) {
      this.#insertFile.run(fid, key, sizeBytes, id, row.pathBytes);
      this.#words.add(fid, row.kind, row.termsBytes);
      this.#files += 1;
    }
    this.joinKnown(pid, fid);
  }

  /** Gives a peer a row that is there. False: it has it. */
  joinKnown(pid: number, fid: number): boolean {
    if (this.#insertHolder.run(fid, pid).changes === 0n) return false;
    this.#shares += 1;
    this.#haveChanged = true;
    return true;
  }

  leave(pid: number, row: HeldRow): void {
    const { fid } = row;
    this.#deleteHolder.run(fid, pid);
    this.#shares -= 1;
    this.#haveChanged = true;
    if (this.#anyHolder.get(fid) !== undefined) return;
    this.#deleteFile.run(fid);
    this.#words.remove(fid, kindOf(row));
    this.#files -= 1;
  }
}
