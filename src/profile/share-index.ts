/**
 * What this profile shares, kept on disk so that it can be listed while nothing runs. The library writes it;
 * everybody else only reads.
 */
import { existsSync } from 'node:fs';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { SharedFile, VirtualPath } from '../core/catalogue.ts';
import { databaseBusyTimeoutMs } from '../core/limits.ts';
import { ok, type Result } from '../core/result.ts';
import { inTransaction, sqliteProblem } from './database.ts';
import { homeLayout } from './home.ts';

/** Paths of files. */
export interface PathSet {
  readonly size: number;
  has(path: VirtualPath): boolean;
}

const readAll = 'SELECT path, id, size_bytes AS sizeBytes FROM shared_file ORDER BY path';

export class ShareIndex {
  readonly #database: DatabaseSync;
  readonly #put: StatementSync;
  readonly #remove: StatementSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
    // What is there already costs no write: at a start that is nearly all.
    this.#put = database.prepare(
      `INSERT INTO shared_file (path, id, size_bytes) VALUES (?, ?, ?)
       ON CONFLICT (path) DO UPDATE SET id = excluded.id, size_bytes = excluded.size_bytes WHERE id <> excluded.id`,
    );
    this.#remove = database.prepare('DELETE FROM shared_file WHERE path = ?');
  }

  files(): SharedFile[] {
    return this.#database.prepare(readAll).all() as unknown as SharedFile[];
  }

  /** Removes all but what is shared, all of which is in it. Reads one row at a time, and none if none can be gone. */
  retain(shared: PathSet): void {
    const row = this.#database.prepare('SELECT count(*) AS count FROM shared_file').get();
    if (row?.['count'] === shared.size) return;
    const all = this.#database.prepare('SELECT path FROM shared_file');
    all.setReturnArrays(true);
    const gone: VirtualPath[] = [];
    for (const [path] of all.iterate() as unknown as Iterable<[VirtualPath]>)
      if (!shared.has(path)) gone.push(path);
    if (gone.length > 0) this.update(gone, []);
  }

  /** Removes paths, then adds files, all or nothing. */
  update(removed: readonly string[], added: readonly SharedFile[]): void {
    inTransaction(this.#database, () => {
      for (const path of removed) this.#remove.run(path);
      for (const { path, id, sizeBytes } of added) this.#put.run(path, id, sizeBytes);
    });
  }
}

/** What the profile in `home` shared when it last ran; nothing for a new profile. Problem: `io`. */
export function readShareIndex(home: string): Promise<Result<readonly SharedFile[]>> {
  return Promise.resolve(readFrom(homeLayout(home).database));
}

function readFrom(file: string): Result<readonly SharedFile[]> {
  if (!existsSync(file)) return ok([]);
  try {
    const database = new DatabaseSync(file, { readOnly: true, timeout: databaseBusyTimeoutMs });
    try {
      return ok(database.prepare(readAll).all() as unknown as SharedFile[]);
    } finally {
      database.close();
    }
  } catch (error) {
    return { ok: false, problem: sqliteProblem(error) };
  }
}
