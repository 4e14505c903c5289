/**
 * The download queue as the profile remembers it: what was asked for, how it is to be done, how it ended. One
 * peer at a time writes it; guests of the same profile leave it alone.
 * Invariant: what is on the disk is never less than what a row says of it; rows that make no sense are passed over.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { DownloadTarget, DownloadView, PieceOrder, Priority } from '../core/engine-api.ts';
import { maxDownloads, maxEndedDownloads } from '../core/limits.ts';
import type { Problem } from '../core/result.ts';
import { inTransaction } from './database.ts';
import type { FolderStamp } from './target-folder.ts';

/** One download as it survives a restart. `open`: it goes on by itself. */
export interface StoredTransfer {
  readonly transfer: number;
  readonly target: DownloadTarget;
  readonly outDir: string;
  readonly giveUpAfterMs: number | undefined;
  readonly state: 'open' | 'paused' | 'done' | 'failed' | 'cancelled';
  readonly priority: Priority;
  readonly order: PieceOrder;
  readonly bytesPerSecond: number;
  readonly place: number;
  readonly sizeBytes: number | undefined;
  /** Flushed. */
  readonly keptBytes: number;
  readonly files: DownloadView['files'];
  readonly path: string | undefined;
  readonly problem: Problem | undefined;
  readonly addedMs: number;
  readonly endedMs: number | undefined;
  /** Which folder `outDir` was when it was last written to. */
  readonly folder: FolderStamp | undefined;
}

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
    return rows.flatMap((row) => parse(row) ?? []).toSorted((a, b) => a.transfer - b.transfer);
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

/** Written by ourselves, and yet by an older or a newer self perhaps. */
function parse(row: Record<string, unknown>): StoredTransfer | undefined {
  try {
    const body = JSON.parse(String(row['body'])) as StoredTransfer;
    if (body.target.kind !== 'content' && body.target.kind !== 'tree') return undefined;
    const { number, state, place } = row;
    return {
      ...body,
      transfer: Number(number),
      state: state as StoredTransfer['state'],
      place: Number(place),
    };
  } catch {
    return undefined;
  }
}
