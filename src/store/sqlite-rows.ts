/**
 * Puts files into the share of a peer and takes them out, in every table at once. Invariant: a file row and its
 * words exist while a known peer holds it. Called inside a transaction.
 */
import { hash } from 'node:crypto';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { SharedFile } from '../core/catalogue.ts';
import { contentId, decodeId, type ContentId } from '../core/ids.ts';
import { indexTextOf } from './sqlite-words.ts';
import { reading, writing } from './sqlite-statements.ts';

/** Bytes kept of the hash over content id and path: nobody can make two files share 12. */
const keyBytes = 12;

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
       WHERE h.pid = ? AND h.fid > ? ORDER BY h.fid LIMIT ?`,
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

  /** The file that a peer has of this content at this path, whatever its size. */
  find(pid: number, { id, path }: Pick<SharedFile, 'id' | 'path'>): HeldRow | undefined {
    for (const { fid, sizeBytes } of this.#variantsOf(keyOf(id, path)))
      if (this.#holds.get(fid, pid) !== undefined) return { fid, id, path, sizeBytes };
    return undefined;
  }

  /** A peer's files after a `fid`, in order. */
  held(pid: number, afterFid: number, most: number): readonly HeldRow[] {
    const rows = this.#held.all(pid, afterFid, most) as unknown as [number, Uint8Array, string, number][];
    return rows.map(([fid, id, path, sizeBytes]) => ({ fid, id: contentId(id), path, sizeBytes }));
  }

  /** The caller has made sure that the peer does not have it. */
  join(pid: number, file: SharedFile): void {
    const key = keyOf(file.id, file.path);
    const known = this.#variantsOf(key).find(({ sizeBytes }) => sizeBytes === file.sizeBytes);
    const fid = known?.fid ?? this.#newFile(key, file);
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

  #variantsOf(key: Uint8Array): readonly Variant[] {
    const rows = this.#variants.all(key) as unknown as [number, number][];
    return rows.map(([fid, sizeBytes]) => ({ fid, sizeBytes }));
  }

  #newFile(key: Uint8Array, file: SharedFile): number {
    const fid = ++this.#lastFid;
    this.#insertFile.run(fid, key, file.sizeBytes, bytesOf(file.id), file.path);
    this.#insertWords.run(fid, indexTextOf(file));
    this.#files += 1;
    return fid;
  }
}

/** The bytes of a content id. Throws for text that is none: the edge has checked it. */
export function bytesOf(id: ContentId): Uint8Array {
  const bytes = decodeId(id);
  if (bytes === undefined) throw new RangeError(`${id} is not a content id`);
  return bytes;
}

function keyOf(id: ContentId, path: string): Uint8Array {
  // As a string of bytes, because making a Buffer of the whole hash costs more than hashing does.
  return Buffer.from(hash('sha256', id + path, 'binary').slice(0, keyBytes), 'latin1');
}
