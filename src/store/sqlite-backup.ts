/**
 * Copies an SQLite catalogue while it is used. Invariant: what is at the path afterwards is a whole catalogue, or
 * what was there before.
 */
import { renameSync, rmSync } from 'node:fs';
import { backup, type DatabaseSync } from 'node:sqlite';
import { backupStepPages } from '../core/limits.ts';
import { fail, ok, type Result } from '../core/result.ts';

/** SQLITE_FULL, see sqlite3.h. */
const diskFull = 13;

/** Changes made through the same handle go into the copy as they come, so that it never has to begin again. */
export async function backUp(database: DatabaseSync, path: string): Promise<Result<void>> {
  const partial = `${path}.part`;
  try {
    rmSync(partial, { force: true });
    await backup(database, partial, { rate: backupStepPages });
    renameSync(partial, path);
    return ok(undefined);
  } catch (error) {
    rmSync(partial, { force: true });
    const isFull = error instanceof Error && 'errcode' in error && error.errcode === diskFull;
    const reason = error instanceof Error ? error.message : String(error);
    return fail(isFull ? 'disk-full' : 'io', `Cannot write the backup ${path}: ${reason}`);
  }
}
