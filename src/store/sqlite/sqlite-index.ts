/**
 * Puts the words of files into the full-text index. Invariant: newer files have smaller rows there, because reading
 * lists forwards is two to nine times as fast as backwards, and the newest are wanted first; and a row tells the kind of
 * its file (file-kinds.ts), so that a search with filters reads no other. FTS5 takes rows only in their order within a
 * transaction, so the files of a group are held back and put in together, the newest first.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { mergePages } from '../../core/limits/stores.ts';
import { kindCount } from '../file-kinds.ts';
import { writing } from './sqlite-statements.ts';

/** More files than there can ever be: a thousand a second for a hundred years. */
const firstRow = 2 ** 42;

/** The row of a file in the index. */
export function indexRow(fid: number, kind: number): number {
  return (firstRow - fid) * kindCount + kind;
}

/** All files below a number have rows above this. An integer for SQLite: the index looks for no other. */
export function indexRowBefore(fid: number): bigint {
  return BigInt((firstRow - Math.min(fid, firstRow) + 1) * kindCount - 1);
}

/** Expressions of SQL for the same of a column: its file, its kind. */
export const fileOf = (row: string): string => `${firstRow} - ${row} / ${kindCount}`;
export const kindIn = (row: string): string => `(${row} & ${kindCount - 1})`;
/** Whether a row is one of so many, a power of two, by its file's number. */
export const isOneOf = (row: string, count: number): string => `(${row} & ${(count - 1) * kindCount}) = 0`;

interface HeldBack {
  readonly row: number;
  readonly terms: Uint8Array;
}

export class WordIndex {
  /** In the order of their numbers. */
  readonly #heldBack = new Map<number, HeldBack>();
  readonly #insert: StatementSync;
  readonly #delete: StatementSync;
  readonly #merge: StatementSync;

  constructor(database: DatabaseSync) {
    this.#insert = writing(database, 'INSERT INTO word (rowid, tokens) VALUES (?, CAST(? AS TEXT))');
    this.#delete = writing(database, 'DELETE FROM word WHERE rowid = ?');
    this.#merge = writing(database, "INSERT INTO word (word, rank) VALUES ('merge', ?)");
  }

  /** `fid` is higher than any before; the terms are UTF-8. */
  add(fid: number, kind: number, terms: Uint8Array): void {
    this.#heldBack.set(fid, { row: indexRow(fid, kind), terms });
  }

  remove(fid: number, kind: number): void {
    if (!this.#heldBack.delete(fid)) this.#delete.run(indexRow(fid, kind));
  }

  /** Puts in what has been held back. */
  save(): void {
    if (this.#heldBack.size === 0) return;
    for (const { row, terms } of [...this.#heldBack.values()].toReversed()) this.#insert.run(row, terms);
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
