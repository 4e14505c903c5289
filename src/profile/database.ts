/**
 * The profile's SQLite file: opened here, brought to the present schema here, and shared by several processes
 * (a running peer, a `get` beside it).
 * Invariant: what is in it can be made anew or is worth less than running, so a damaged file is put aside.
 */
import { renameSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { databaseCheckpointPages } from '../core/limits/presence.ts';
import { databaseBusyTimeoutMs } from '../core/limits/profile.ts';
import { fail, ok, type Problem, type Result } from '../core/result.ts';
import { migrations } from './schema.ts';

/** SQLite's primary result codes. */
const notADatabase = 26;
const corrupt = 11;

/** Opens or makes it. Problems: `version` when a newer Shoal wrote it, `io`. */
export function openDatabase(file: string): Result<DatabaseSync> {
  try {
    return openAndMigrate(file);
  } catch (error) {
    if (!isDamaged(error)) return { ok: false, problem: sqliteProblem(error) };
  }
  try {
    putAside(file);
    return openAndMigrate(file);
  } catch (error) {
    return { ok: false, problem: sqliteProblem(error) };
  }
}

function openAndMigrate(file: string): Result<DatabaseSync> {
  const database = new DatabaseSync(file, { timeout: databaseBusyTimeoutMs });
  try {
    // NORMAL loses the last moments on a power cut, never consistency; all of it can be made again.
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON');
    database.exec(`PRAGMA wal_autocheckpoint = ${databaseCheckpointPages}`);
    const migrated = inTransaction(database, () => migrate(database));
    if (!migrated.ok) database.close();
    return migrated;
  } catch (error) {
    database.close();
    throw error;
  }
}

function migrate(database: DatabaseSync): Result<DatabaseSync> {
  const row = database.prepare('PRAGMA user_version').get();
  const version = Number(row?.['user_version']);
  if (version > migrations.length) return fail('version', 'This profile belongs to a newer version of Shoal');
  for (const step of migrations.slice(version)) database.exec(step);
  database.exec(`PRAGMA user_version = ${migrations.length}`);
  return ok(database);
}

/** All or nothing; the write lock is taken at the start, so that nothing read inside can be outdated. */
export function inTransaction<T>(database: DatabaseSync, work: () => T): T {
  database.exec('BEGIN IMMEDIATE');
  try {
    const value = work();
    database.exec('COMMIT');
    return value;
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
}

function putAside(file: string): void {
  const aside = `${file}.damaged-${Date.now()}`;
  for (const part of ['', '-wal', '-shm']) {
    try {
      renameSync(file + part, aside + part);
    } catch {
      // The companions of a closed database do not exist.
    }
  }
}

function isDamaged(error: unknown): boolean {
  const code = Number((error as { readonly errcode?: number }).errcode) & 0xff;
  return code === notADatabase || code === corrupt;
}

/** The problem of a database call that threw; anything else is thrown on. */
export function sqliteProblem(error: unknown): Problem {
  if ((error as { readonly code?: string }).code !== 'ERR_SQLITE_ERROR') throw error;
  return { code: 'io', message: `The profile's database cannot be used: ${(error as Error).message}` };
}
