/**
 * What a user has set while a peer of this profile ran, kept for its next start: limits, blocked peers, and
 * folders shared beside those of the command line. Whatever the database says is checked as it is read.
 */
import type { DatabaseSync } from 'node:sqlite';
import type { BlockedPeer, EngineLimits } from '../core/engine/engine-api.ts';
import { validLimits } from '../core/engine/engine-limits.ts';
import { isId, type PeerId } from '../core/ids.ts';
import { inTransaction } from './database.ts';

export class Preferences {
  readonly #database: DatabaseSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  /** Those limits that were ever set. */
  limits(): Partial<EngineLimits> {
    const rows = this.#database.prepare('SELECT name, value FROM chosen_limit').all();
    return validLimits(Object.fromEntries(rows.map(({ name, value }) => [String(name), Number(value)])));
  }

  saveLimits(limits: Partial<EngineLimits>): void {
    const put = this.#database.prepare('INSERT OR REPLACE INTO chosen_limit (name, value) VALUES (?, ?)');
    inTransaction(this.#database, () => {
      for (const [name, value] of Object.entries(limits)) put.run(name, Number(value));
    });
  }

  /** In the order in which they were blocked. */
  blocked(): BlockedPeer[] {
    const rows = this.#database.prepare('SELECT peer, name FROM blocked_peer ORDER BY number').all();
    return rows.flatMap(({ peer, name }) => {
      const id = String(peer);
      return isId(id) ? [{ peer: id as PeerId, name: String(name) }] : [];
    });
  }

  block({ peer, name }: BlockedPeer): void {
    this.#database.prepare('INSERT OR REPLACE INTO blocked_peer (peer, name) VALUES (?, ?)').run(peer, name);
  }

  unblock(peer: PeerId): void {
    this.#database.prepare('DELETE FROM blocked_peer WHERE peer = ?').run(peer);
  }

  /** Absolute paths, in the order in which they were added. */
  shares(): string[] {
    const rows = this.#database.prepare('SELECT folder FROM added_share ORDER BY number').all();
    return rows.map(({ folder }) => String(folder));
  }

  addShare(folder: string): void {
    this.#database.prepare('INSERT OR IGNORE INTO added_share (folder) VALUES (?)').run(folder);
  }

  removeShare(folder: string): void {
    this.#database.prepare('DELETE FROM added_share WHERE folder = ?').run(folder);
  }
}
