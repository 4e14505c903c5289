/**
 * Puts changes that come at the same time into one transaction: most of what a small one costs is writing the pages
 * that it touched. Invariant: a change is answered when its group is committed; a group that fails is as though
 * nothing of it had been asked for, in the database and in memory.
 */
import type { DatabaseSync } from 'node:sqlite';
import { maxGroupRows } from '../../core/limits/stores.ts';

interface Group {
  /** Puts back what is kept in memory, the last change first. */
  readonly undo: (() => void)[];
  readonly ended: PromiseWithResolvers<void>;
  /** Rows changed; see `maxGroupRows`. */
  rows: number;
}

export class GroupCommit {
  readonly #database: DatabaseSync;
  readonly #save: () => void;
  #group: Group | undefined;

  /** `save` writes what has been held back until the end of a group. */
  constructor(database: DatabaseSync, save: () => void) {
    this.#database = database;
    this.#save = save;
  }

  /** Whether there are changes that are not on the disk. */
  get isOpen(): boolean {
    return this.#group !== undefined;
  }

  /** Makes a change now, with all before it in sight, and gives its value once it is on the disk. */
  async add<T>(change: () => T): Promise<T> {
    const group = this.#group ?? this.#begin();
    try {
      const value = change();
      if (group.rows >= maxGroupRows) this.flush();
      await group.ended.promise;
      return value;
    } catch (error) {
      this.#abandon(group, error);
      throw error;
    }
  }

  /** What is done to memory when the group of the running change fails. */
  orElse(undo: () => void): void {
    this.#group?.undo.push(undo);
  }

  /** Says how many rows the running change has changed. */
  count(rows: number): void {
    if (this.#group !== undefined) this.#group.rows += rows;
  }

  /** Ends the open group. It fails for those who wait for it, not here. */
  flush(): void {
    const group = this.#group;
    if (group === undefined) return;
    try {
      this.#save();
      this.#database.exec('COMMIT');
      this.#group = undefined;
      group.ended.resolve();
    } catch (error) {
      this.#abandon(group, error);
    }
  }

  /** Writes what has been held back so far, for who reads meanwhile. If it cannot be, the group fails, not the reader. */
  show(): void {
    const group = this.#group;
    if (group === undefined) return;
    try {
      this.#save();
    } catch (error) {
      this.#abandon(group, error);
    }
  }

  /** Others who change something in this turn join. */
  #begin(): Group {
    this.#database.exec('BEGIN IMMEDIATE');
    const group: Group = { undo: [], ended: Promise.withResolvers(), rows: 0 };
    group.ended.promise.catch(() => undefined);
    this.#group = group;
    setImmediate(() => {
      if (this.#group === group) this.flush();
    });
    return group;
  }

  #abandon(group: Group, error: unknown): void {
    if (this.#group !== group) return;
    this.#group = undefined;
    try {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
    } finally {
      for (const undo of group.undo.toReversed()) undo();
      group.ended.reject(error);
    }
  }
}
