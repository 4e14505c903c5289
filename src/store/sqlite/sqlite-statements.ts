/**
 * How statements of the catalogue are prepared. Invariant: a reading statement gives rows as arrays, which are
 * cheaper than objects; a writing one never trips over the row ids that FTS5 uses inside.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite';

export function reading(database: DatabaseSync, sql: string): StatementSync {
  const statement = database.prepare(sql);
  statement.setReturnArrays(true);
  return statement;
}

/**
 * FTS5 writes rows of its own with ids above 2^53, and SQLite reports the last one with every later `run`, which
 * throws when it may not be a BigInt.
 */
export function writing(database: DatabaseSync, sql: string): StatementSync {
  const statement = database.prepare(sql);
  statement.setReadBigInts(true);
  return statement;
}
