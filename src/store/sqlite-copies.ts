/**
 * Who has a content in an SQLite catalogue, and under which names. Invariant: only rows and sources of peers that are
 * online, and no statement stays open after a call.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Source } from '../core/catalogue.ts';
import type { ContentId } from '../core/ids.ts';
import {
  maxRowsPerContent,
  maxRowsSeenPerContent,
  maxSourcesPerContent,
  maxSourcesPerResult,
} from '../core/limits.ts';
import type { ContentSources } from './catalog-store.ts';
import { bounded, inTurn } from './checks.ts';
import { mostHeldSize, type Copies, type Hit } from './results.ts';
import { bytesOf } from './share-hash.ts';
import type { FileKeys } from './sqlite-keys.ts';
import type { PeerListing } from './sqlite-listing.ts';
import { keysOf } from './sqlite-schema.ts';
import { reading } from './sqlite-statements.ts';

/** A row of a content. */
type Copy = Omit<Hit, 'id' | 'copies'>;

export class ContentCopies {
  readonly #peers: PeerListing;
  readonly #keys: FileKeys;
  readonly #copies: StatementSync;
  readonly #holders: StatementSync;
  readonly #lastPid: StatementSync;

  constructor(database: DatabaseSync, peers: PeerListing) {
    this.#peers = peers;
    this.#keys = keysOf(database);
    this.#copies = reading(
      database,
      // Only the index is read of those that are not needed.
      `SELECT f.fid, f.path, f.size
       FROM (SELECT fid FROM (
         SELECT fid FROM file WHERE key BETWEEN ? AND ? LIMIT ${maxRowsSeenPerContent}
       ) ORDER BY fid DESC LIMIT -1) AS near CROSS JOIN file f ON f.fid = near.fid
       WHERE EXISTS (SELECT 1 FROM holder h JOIN peer p ON p.pid = h.pid AND p.online = 1 WHERE h.fid = near.fid)
       AND f.id = ?`,
    );
    this.#holders = reading(
      database,
      `SELECT h.pid FROM holder h JOIN peer p ON p.pid = h.pid AND p.online = 1
       WHERE h.fid = ? AND h.pid >= ? AND h.pid < ? ORDER BY h.pid LIMIT ?`,
    );
    this.#lastPid = reading(database, 'SELECT coalesce(max(pid), 0) FROM peer');
  }

  /** See `CatalogReader.holders`. */
  holders(id: ContentId, perContent: number, turn: number): ContentSources {
    const rows = this.#rowsOf(id, undefined);
    const from = turn === 0 ? 0 : this.#pidAt(turn);
    const pids = rows.map(({ fid }) => this.#livePids(fid, maxSourcesPerContent, from));
    const sizeBytes = mostHeldSize(rows.map((row, at) => [row.sizeBytes, pids[at]?.length ?? 0]));
    return { id, sizeBytes, sources: this.#sources(pids, bounded(perContent, maxSourcesPerContent), from) };
  }

  /** Its names and sources at one size. */
  of(id: ContentId, sizeBytes: number): Copies {
    const rows = this.#rowsOf(id, sizeBytes);
    const pids = rows.map(({ fid }) => this.#livePids(fid, maxSourcesPerResult));
    return { paths: rows.map(({ path }) => path), sources: this.#sources(pids, maxSourcesPerResult) };
  }

  /** Its rows, the one that most have first. */
  hits(id: ContentId): readonly Hit[] {
    const hits = this.#rowsOf(id, undefined).map((row) => ({
      ...row,
      id,
      copies: this.#livePids(row.fid, maxSourcesPerResult).length,
    }));
    return hits.sort((a, b) => b.copies - a.copies);
  }

  #pidAt(turn: number): number {
    const [last] = this.#lastPid.get() as unknown as [number];
    return Math.floor(turn * (last + 1));
  }

  #rowsOf(id: ContentId, size: number | undefined): readonly Copy[] {
    const copies: Copy[] = [];
    const bytes = bytesOf(id);
    // Who is online is looked up of one row after the other, and not of those that are not needed.
    for (const row of this.#copies.iterate(...this.#keys.range(bytes), bytes)) {
      const [fid, path, sizeBytes] = row as unknown as [number, string, number];
      if (size !== undefined && size !== sizeBytes) continue;
      if (copies.push({ fid, path, sizeBytes }) === maxRowsPerContent) break;
    }
    return copies;
  }

  /** Those from `from` on in the order of their arrival, then those before. */
  #livePids(fid: number, most: number, from = 0): readonly number[] {
    const between = (first: number, end: number, max: number): number[] =>
      (this.#holders.all(fid, first, end, max) as unknown as [number][]).map(([pid]) => pid);
    const later = between(from, Number.MAX_SAFE_INTEGER, most);
    return from === 0 || later.length === most ? later : [...later, ...between(0, from, most - later.length)];
  }

  /** Each once, those from `from` on in the order of their arrival first. */
  #sources(pids: readonly (readonly number[])[], most: number, from = 0): readonly Source[] {
    const distinct = [...new Set(pids.flat())].sort((a, b) => inTurn(a, b, from)).slice(0, most);
    return distinct.flatMap((pid) => this.#peers.sourceOf(pid) ?? []);
  }
}
