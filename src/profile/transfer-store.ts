/**
 * The download queue as the profile remembers it: what was asked for, how it is to be done, how it ended. One
 * peer at a time writes it; guests of the same profile leave it alone.
 * Invariant: what is on the disk is never less than what a row says of it; rows that make no sense are passed over.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { maxDownloads, maxEndedDownloads } from '../core/limits/downloads.ts';
import { inTransaction } from './database.ts';
import { parseTransfer, type StoredTransfer } from './stored-transfer.ts';

export class TransferStore {
  readonly #database: DatabaseSync;
  readonly #put: StatementSync;
  readonly #remove: StatementSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#put = database.prepare(
      'INSERT OR REPLACE INTO transfer (number, state, place, body) VALUES (?, ?, ?, ?)',
    );
    this.#remove = database.prepare('DELETE FROM transfer WHERE number = ?');
  }

  /** All of them by number, within the bounds of a queue. */
  load(): StoredTransfer[] {
    const select = this.#database.prepare(
      `SELECT number, state, place, body FROM transfer WHERE state IN ('open', 'paused') = ?
       ORDER BY number DESC LIMIT ?`,
    );
    const rows = [...select.all(1, maxDownloads), ...select.all(0, maxEndedDownloads)];
    return rows.flatMap((row) => parseTransfer(row) ?? []).toSorted((a, b) => a.transfer - b.transfer);
  }

  /** Removes some, then writes others, all or nothing. Throws what the database says. */
  save(removed: Iterable<number>, changed: Iterable<StoredTransfer>): void {
    inTransaction(this.#database, () => {
      for (const transfer of removed) this.#remove.run(transfer);
      for (const { transfer, state, place, ...body } of changed)
        this.#put.run(transfer, state, place, JSON.stringify(body));
    });
  }
}
