/**
 * What files were when they were last hashed, so that restarts, renames and moves read nothing again. Keyed by
 * the file's stamp, never by its path; leaves stay in the database, not in memory.
 * Invariant: a manifest that is handed out belongs to its id, whatever happened to the file of the database.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { verifyManifest } from '../content/content-id.ts';
import type { FileStamp } from '../core/share/file-stamp.ts';
import type { ContentId } from '../core/ids.ts';
import { hashCacheAskFiles, hashCacheKeepDays, maxHashCacheFiles } from '../core/limits/profile.ts';
import type { Manifest } from '../core/swarm/manifest.ts';
import { pieceLengthFor } from '../core/swarm/piece-length.ts';
import { inTransaction } from './database.ts';

export interface CachedFile {
  readonly stamp: FileStamp;
  readonly id: ContentId;
  readonly manifest: Manifest;
}

const dayMs = 86_400_000;
/** A row's day is brought up to date when it is older than this, so that scans hardly ever write. */
const seenSlackDays = 7;

export class HashCache {
  readonly #database: DatabaseSync;
  readonly #today: () => number;
  readonly #find: StatementSync;
  readonly #touch: StatementSync;
  readonly #readManifest: StatementSync;
  readonly #addManifest: StatementSync;
  readonly #addFile: StatementSync;
  readonly #removeFile: StatementSync;

  /** `now` in milliseconds since 1970. */
  constructor(database: DatabaseSync, now: () => number = Date.now) {
    this.#database = database;
    this.#today = () => Math.floor(now() / dayMs);
    // One query for many files, and rows as arrays: this is asked for every file at every start.
    this.#find = database.prepare(
      `SELECT asked.key, manifest.id, seen_day FROM json_each(?) AS asked
       JOIN hashed_file ON stamp = asked.value JOIN manifest ON number = manifest`,
    );
    this.#find.setReturnArrays(true);
    this.#touch = database.prepare('UPDATE hashed_file SET seen_day = ? WHERE stamp = ?');
    this.#readManifest = database.prepare('SELECT size_bytes, leaves FROM manifest WHERE id = ?');
    this.#addManifest = database.prepare(
      'INSERT INTO manifest (id, size_bytes, leaves) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET leaves = excluded.leaves',
    );
    this.#addFile = database.prepare(
      'INSERT OR REPLACE INTO hashed_file (stamp, manifest, seen_day) SELECT ?, number, ? FROM manifest WHERE id = ?',
    );
    this.#removeFile = database.prepare('DELETE FROM hashed_file WHERE stamp = ?');
  }

  /** The content of each of these files, undefined where it has to be hashed. */
  findAll(stamps: readonly FileStamp[]): (ContentId | undefined)[] {
    const ids: (ContentId | undefined)[] = [];
    for (let at = 0; at < stamps.length; at += hashCacheAskFiles)
      ids.push(...this.#findSome(stamps.slice(at, at + hashCacheAskFiles)));
    return ids;
  }

  #findSome(stamps: readonly FileStamp[]): (ContentId | undefined)[] {
    const keys = stamps.map(keyOf);
    const rows = this.#find.all(JSON.stringify(keys)) as unknown as [number, ContentId, number][];
    const ids: (ContentId | undefined)[] = stamps.map(() => undefined);
    for (const [index, id] of rows) ids[index] = id;
    const today = this.#today();
    const outdated = rows.filter(([, , seenDay]) => seenDay < today - seenSlackDays);
    if (outdated.length > 0)
      inTransaction(this.#database, () => {
        for (const [index] of outdated) this.#touch.run(today, keys[index] ?? '');
      });
    return ids;
  }

  /** The manifest of a content that some file had; undefined when none is known, or it was damaged. */
  manifest(id: ContentId): Manifest | undefined {
    const row = this.#readManifest.get(id);
    if (row === undefined) return undefined;
    const sizeBytes = Number(row['size_bytes']);
    const leaves = row['leaves'] as Uint8Array;
    const manifest = { sizeBytes, pieceLength: pieceLengthFor(sizeBytes), leaves };
    return verifyManifest(id, manifest).ok ? manifest : undefined;
  }

  putAll(files: readonly CachedFile[]): void {
    const today = this.#today();
    inTransaction(this.#database, () => {
      for (const { stamp, id, manifest } of files) {
        this.#addManifest.run(id, manifest.sizeBytes, manifest.leaves);
        this.#addFile.run(keyOf(stamp), today, id);
      }
    });
  }

  /** Forgets what these files were. */
  forget(stamps: readonly FileStamp[]): void {
    inTransaction(this.#database, () => {
      for (const stamp of stamps) this.#removeFile.run(keyOf(stamp));
    });
  }

  /** Forgets what was not seen for long, or is too much. */
  prune(keepDays = hashCacheKeepDays, maxFiles = maxHashCacheFiles): void {
    inTransaction(this.#database, () => {
      const tooOld = this.#database.prepare('DELETE FROM hashed_file WHERE seen_day < ?');
      tooOld.run(this.#today() - keepDays);
      const oldest = this.#database
        .prepare('SELECT seen_day FROM hashed_file ORDER BY seen_day DESC LIMIT 1 OFFSET ?')
        .get(maxFiles);
      if (oldest) tooOld.run(Number(oldest['seen_day']) + 1);
      this.#database.exec(
        'DELETE FROM manifest WHERE NOT EXISTS (SELECT 1 FROM hashed_file WHERE manifest = number)',
      );
    });
  }
}

const keyOf = ({ device, inode, sizeBytes, mtimeNs }: FileStamp): string =>
  `${inode}:${mtimeNs}:${sizeBytes}:${device}`;
