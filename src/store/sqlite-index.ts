/**
 * Puts the words of files into the full-text index. Invariant: newer files have smaller rows there, because reading
 * lists forwards is two to nine times as fast as backwards, and the newest are wanted first. FTS5 takes rows only in
 * their order within a transaction, so the files of a group are held back and put in together, the newest first.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { mergePages } from '../core/limits.ts';
import { writing } from './sqlite-statements.ts';

/** More files than there can ever be: a thousand a second for a hundred years. */
const firstRow = 2 ** 42;

/** The row of a file in the index, and the other way round. */
export function indexRow(fid: number): number {
  return firstRow - fid;
}

export class WordIndex {
  /** In the order of their numbers. */
  readonly #heldBack = new Map<number, Uint8Array>();
  readonly #insert: StatementSync;
  readonly #delete: StatementSync;
  readonly #merge: StatementSync;

  constructor(database: DatabaseSync) {
    this.#insert = writing(database, 'INSERT INTO word (rowid, tokens) VALUES (?, CAST(? AS TEXT))');
    this.#delete = writing(database, 'DELETE FROM word WHERE rowid = ?');
    this.#merge = writing(database, "INSERT INTO word (word, rank) VALUES ('merge', ?)");
  }

  /** `fid` is higher than any before; the terms are UTF-8. */
  add(fid: number, terms: Uint8Array): void {
    this.#heldBack.set(fid, terms);
  }

  remove(fid: number): void {
    if (!this.#heldBack.delete(fid)) this.#delete.run(indexRow(fid));
  }

  /** Puts in what has been held back. */
  save(): void {
    if (this.#heldBack.size === 0) return;
    for (const [fid, terms] of [...this.#heldBack].toReversed()) this.#insert.run(indexRow(fid), terms);
    this.#heldBack.clear();
  }

  /** Merges what is easily merged, some pages of it. */
  merge(): void {
    this.#merge.run(mergePages);
  }

  /** Forgets what has been held back: it has been undone. */
  discard(): void {
    this.#heldBack.clear();
  }
}
