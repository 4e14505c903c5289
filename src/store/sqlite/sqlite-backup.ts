/**
 * Copies an SQLite catalogue while it is used: as it was at one moment, read beside the one who writes. Invariant: what
 * is at the path afterwards is a whole catalogue, or what was there before.
 */
import { closeSync, openSync, renameSync, rmSync } from 'node:fs';
import { backup } from 'node:sqlite';
import { backupStepPages } from '../../core/limits/stores.ts';
import { fail, ok, type Result } from '../../core/result.ts';
import { openForReading } from './sqlite-schema.ts';

/** SQLITE_FULL, see sqlite3.h. */
const diskFull = 13;

/** Copies the catalogue at one path to another. */
export async function backUp(from: string, path: string): Promise<Result<void>> {
  const partial = `${path}.part`;
  try {
    rmSync(partial, { force: true });
    const database = openForReading(from);
    try {
      // With a transaction open the copy is of this moment, and changes do not make it begin again.
      database.exec('BEGIN; SELECT 1 FROM total');
      // SQLite would let the whole machine read it.
      closeSync(openSync(partial, 'wx', 0o600));
      await backup(database, partial, { rate: backupStepPages });
    } finally {
      database.close();
    }
    renameSync(partial, path);
    return ok(undefined);
  } catch (error) {
    rmSync(partial, { force: true });
    const isFull = error instanceof Error && 'errcode' in error && error.errcode === diskFull;
    const reason = error instanceof Error ? error.message : String(error);
    return fail(isFull ? 'disk-full' : 'io', `Cannot write the backup ${path}: ${reason}`);
  }
}
