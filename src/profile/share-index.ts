/**
 * What this profile shares, kept on disk so that it can be listed while nothing runs. The library writes it;
 * everybody else only reads.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { SharedFile, VirtualPath } from '../core/catalogue.ts';
import type { ContentId } from '../core/ids.ts';
import { databaseBusyTimeoutMs } from '../core/limits/profile.ts';
import type { Place } from '../core/share/place.ts';
import { ok, type Result } from '../core/result.ts';
import { inTransaction, sqliteProblem } from './database.ts';
import { homeLayout } from './home.ts';

/** What is shared, by path. */
export interface SharedFiles {
  readonly size: number;
  at(path: VirtualPath): SharedFile | undefined;
  files(): Iterable<SharedFile>;
}

const readAll = 'SELECT path, id, size_bytes AS sizeBytes FROM shared_file ORDER BY path';

export class ShareIndex {
  readonly #database: DatabaseSync;
  readonly #put: StatementSync;
  readonly #remove: StatementSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
    // What is there already costs no write.
    this.#put = database.prepare(
      `INSERT INTO shared_file (path, id, size_bytes) VALUES (?, ?, ?)
       ON CONFLICT (path) DO UPDATE SET id = excluded.id, size_bytes = excluded.size_bytes WHERE id <> excluded.id`,
    );
    this.#remove = database.prepare('DELETE FROM shared_file WHERE path = ?');
  }

  files(): SharedFile[] {
    return this.#database.prepare(readAll).all() as unknown as SharedFile[];
  }

  /** Makes it hold what is shared and nothing else. Reads row by row, and writes only where it does not yet. */
  reconcile(shared: SharedFiles): void {
    const all = this.#database.prepare('SELECT path, id FROM shared_file ORDER BY path');
    all.setReturnArrays(true);
    const gone: VirtualPath[] = [];
    let right = 0;
    for (const [path, id] of all.iterate() as unknown as Iterable<[VirtualPath, ContentId]>) {
      const file = shared.at(path);
      if (file === undefined) gone.push(path);
      else if (file.id === id) right += 1;
    }
    const missing = right < shared.size ? shared.files() : [];
    if (gone.length > 0 || right < shared.size) this.update(gone, missing);
  }

  /** Says where the shared folders lie, and that no others do. */
  setRoots(places: readonly Pick<Place, 'path' | 'root'>[]): void {
    inTransaction(this.#database, () => {
      this.#database.exec('DELETE FROM shared_root');
      const put = this.#database.prepare('INSERT INTO shared_root (path, folder) VALUES (?, ?)');
      for (const { path, root } of places) put.run(path, root);
    });
  }

  /** Where these contents should lie on the disk, as far as they were shared when that was last known. */
  findContents(ids: readonly ContentId[]): ReadonlyMap<ContentId, string> {
    const roots = this.#database.prepare('SELECT path, folder FROM shared_root').all();
    if (roots.length === 0) return new Map();
    const find = this.#database.prepare(
      'SELECT shared_file.id, shared_file.path FROM json_each(?) AS asked JOIN shared_file ON shared_file.id = asked.value',
    );
    find.setReturnArrays(true);
    const rows = find.all(JSON.stringify(ids)) as unknown as [ContentId, VirtualPath][];
    const found = new Map<ContentId, string>();
    for (const [id, path] of rows) {
      const root = roots.find((each) => path.startsWith(String(each['path'])));
      if (root) found.set(id, join(String(root['folder']), path.slice(String(root['path']).length)));
    }
    return found;
  }

  /** Removes paths, then adds files, all or nothing. */
  update(removed: readonly string[], added: Iterable<SharedFile>): void {
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
