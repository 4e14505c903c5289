/**
 * Puts files into the share of a peer and takes them out, in every table at once. Invariant: a file row and its
 * words exist while a known peer holds it. Called inside a transaction.
 */
import { hash } from 'node:crypto';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { SharedFile } from '../core/catalogue.ts';
import { contentId, type ContentId } from '../core/ids.ts';
import { bytesOf } from './share-hash.ts';
import { indexTextOf } from './sqlite-words.ts';
import { reading, writing } from './sqlite-statements.ts';

/** The key of a file begins with this much of its content id, so that one index finds all copies of a content. */
const idPrefixBytes = 8;
/** Then comes a hash over content id and path, of which nobody can make two that share so much. */
const hashBytes = 12;

/** What is known of a content at a path, before something is done about it. */
export interface Place {
  readonly key: Uint8Array;
  readonly id: Uint8Array;
  /** The file rows there: one, but for peers that lie about its size. */
  readonly variants: readonly { readonly fid: number; readonly sizeBytes: number }[];
  /** The one that the peer in question has. */
  readonly held: HeldRow | undefined;
}

/** A file of a peer, as a row. */
export interface HeldRow extends SharedFile {
  readonly fid: number;
}

export class ShareRows {
  #files: number;
  #shares: number;
  #lastFid: number;
  readonly #variants: StatementSync;
  readonly #holds: StatementSync;
  readonly #insertFile: StatementSync;
  readonly #insertWords: StatementSync;
  readonly #insertHolder: StatementSync;
  readonly #deleteHolder: StatementSync;
  readonly #anyHolder: StatementSync;
  readonly #deleteFile: StatementSync;
  readonly #deleteWords: StatementSync;
  readonly #held: StatementSync;

  constructor(database: DatabaseSync) {
    const single = (sql: string): number =>
      Number((reading(database, sql).get() as unknown as [number | null])[0]);
    this.#files = single('SELECT count(*) FROM file');
    this.#shares = single('SELECT count(*) FROM holder');
    this.#lastFid = single('SELECT max(fid) FROM file');
    this.#variants = reading(database, 'SELECT fid, size FROM file WHERE key = ?');
    this.#holds = reading(database, 'SELECT 1 FROM holder WHERE fid = ? AND pid = ?');
    this.#insertFile = writing(
      database,
      'INSERT INTO file (fid, key, size, id, path) VALUES (?, ?, ?, ?, ?)',
    );
    this.#insertWords = writing(database, 'INSERT INTO word (rowid, tokens) VALUES (?, ?)');
    this.#insertHolder = writing(database, 'INSERT INTO holder (fid, pid) VALUES (?, ?)');
    this.#deleteHolder = writing(database, 'DELETE FROM holder WHERE fid = ? AND pid = ?');
    this.#anyHolder = reading(database, 'SELECT 1 FROM holder WHERE fid = ? LIMIT 1');
    this.#deleteFile = writing(database, 'DELETE FROM file WHERE fid = ?');
    this.#deleteWords = writing(database, 'DELETE FROM word WHERE rowid = ?');
    this.#held = reading(
      database,
      `SELECT f.fid, f.id, f.path, f.size FROM holder h JOIN file f ON f.fid = h.fid
       WHERE h.pid = ? AND h.fid > ? AND instr(?, substr(f.id, 1, 1)) > 0 ORDER BY h.fid LIMIT ?`,
    );
  }

  /** Rows of all files. */
  get files(): number {
    return this.#files;
  }

  /** Pairs of a file and a peer that has it. */
  get shares(): number {
    return this.#shares;
  }

  /** Looks up a content at a path for a peer. */
  find(pid: number, { id, path }: Pick<SharedFile, 'id' | 'path'>): Place {
    const bytes = bytesOf(id);
    const key = keyOf(bytes, id, path);
    const rows = this.#variants.all(key) as unknown as [number, number][];
    const variants = rows.map(([fid, sizeBytes]) => ({ fid, sizeBytes }));
    const held = variants.find(({ fid }) => this.#holds.get(fid, pid) !== undefined);
    return { key, id: bytes, variants, held: held && { ...held, id, path } };
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
  join(pid: number, { path, sizeBytes }: SharedFile, { key, id, variants }: Place): void {
    const known = variants.find((variant) => variant.sizeBytes === sizeBytes);
    const fid = known?.fid ?? ++this.#lastFid;
    if (known === undefined) {
      this.#insertFile.run(fid, key, sizeBytes, id, path);
      this.#insertWords.run(fid, indexTextOf({ path, sizeBytes }));
      this.#files += 1;
    }
    this.#insertHolder.run(fid, pid);
    this.#shares += 1;
  }

  leave(pid: number, { fid }: HeldRow): void {
    this.#deleteHolder.run(fid, pid);
    this.#shares -= 1;
    if (this.#anyHolder.get(fid) !== undefined) return;
    this.#deleteFile.run(fid);
    this.#deleteWords.run(fid);
    this.#files -= 1;
  }
}

/** The keys of all files of a content lie between these two. */
export function keysOf(id: ContentId): readonly [first: Uint8Array, last: Uint8Array] {
  const prefix = bytesOf(id).subarray(0, idPrefixBytes);
  const bound = (filler: number): Uint8Array => Buffer.concat([prefix, Buffer.alloc(hashBytes, filler)]);
  return [bound(0), bound(0xff)];
}

function keyOf(bytes: Uint8Array, id: ContentId, path: string): Uint8Array {
  const key = Buffer.allocUnsafe(idPrefixBytes + hashBytes);
  key.set(bytes.subarray(0, idPrefixBytes));
  // As a string of bytes, because making a Buffer of the whole hash costs more than hashing does.
  key.write(hash('sha256', id + path, 'binary'), idPrefixBytes, hashBytes, 'latin1');
  return key;
}
