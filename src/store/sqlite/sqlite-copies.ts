/**
 * Who has a content in an SQLite catalogue, and under which names. Invariant: only rows and sources of peers that are
 * online, and no statement stays open after a call.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Source } from '../../core/catalogue.ts';
import type { ContentId } from '../../core/ids.ts';
import { maxRowsPerContent, maxRowsSeenPerContent, maxSourcesPerResult } from '../../core/limits/stores.ts';
import { maxSourcesPerContent } from '../../core/limits/wire.ts';
import type { ContentSources } from '../catalog-store.ts';
import { bounded, inTurn } from '../checks.ts';
import { mostHeldSize, type Copies, type SameContent } from '../results.ts';
import { bytesOf } from '../share-hash.ts';
import { hitColumns, hitOf, numbersIn, type HitRow, type StoredHit } from './sqlite-hits.ts';
import { contentKeys, type FileKeys } from './sqlite-keys.ts';
import type { PeerListing } from './sqlite-listing.ts';
import { keysOf } from './sqlite-schema.ts';
import { reading } from './sqlite-statements.ts';

export class ContentCopies {
  readonly #peers: PeerListing;
  readonly #keys: FileKeys;
  readonly #near: StatementSync;
  readonly #rows: StatementSync;
  readonly #holders: StatementSync;
  readonly #lastPid: StatementSync;

  constructor(database: DatabaseSync, peers: PeerListing) {
    this.#peers = peers;
    this.#keys = keysOf(database);
    this.#near = reading(
      database,
      // Only the index is read of those that are not needed.
      `SELECT (SELECT group_concat(fid) FROM (
         SELECT fid FROM file WHERE key BETWEEN wanted.value ->> 0 AND wanted.value ->> 1 LIMIT ${maxRowsSeenPerContent}
       )) FROM json_each(?) AS wanted`,
    );
    this.#rows = reading(
      database,
      `SELECT f.fid, ${hitColumns} FROM json_each(?) AS near CROSS JOIN file f ON f.fid = near.value
       WHERE f.id = ? AND EXISTS (SELECT 1 FROM holder h JOIN peer p ON p.pid = h.pid AND p.online = 1 WHERE h.fid = near.value)`,
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
    const rows = this.hits(id);
    const from = turn === 0 ? 0 : this.#pidAt(turn);
    const pids = rows.map(({ fid }) => this.#livePids(fid, maxSourcesPerContent, from));
    const sizeBytes = mostHeldSize(rows.map((row, at) => [row.sizeBytes, pids[at]?.length ?? 0]));
    const [sources = []] = this.#sources([pids], bounded(perContent, maxSourcesPerContent), from);
    return { id, sizeBytes, sources };
  }

  /** Names and sources of each content at the size of its hits, which are as they are now. */
  of(contents: readonly SameContent<StoredHit>[]): readonly Copies[] {
    const near = this.#nearAll(contents.map(([{ key }]) => key));
    const rows = contents.map((hits, at) => {
      const fids = near[at] ?? [];
      // Mostly there are no rows but those that were found.
      return fids.length === hits.length ? hits.slice(0, maxRowsPerContent) : this.#rowsOf(hits[0], fids);
    });
    const sources = this.#sources(
      rows.map((same) => same.map(({ pids }) => pids)),
      maxSourcesPerResult,
    );
    return rows.map((same, at) => ({ paths: same.map(({ path }) => path), sources: sources[at] ?? [] }));
  }

  /** Its rows that are meant, newest first. */
  hits(id: ContentId, isMeant: (hit: StoredHit) => boolean = () => true): readonly StoredHit[] {
    const [first] = this.#keys.range(bytesOf(id));
    const [fids = []] = this.#nearAll([first]);
    return fids.length === 0 ? [] : this.#rowsOf({ id }, fids, isMeant);
  }

  #pidAt(turn: number): number {
    const [last] = this.#lastPid.get() as unknown as [number];
    return Math.floor(turn * (last + 1));
  }

  /** The rows beside each key: those of its content, and seldom of another that shares its number. */
  #nearAll(keys: readonly number[]): readonly (readonly number[])[] {
    const ranges = JSON.stringify(keys.map(contentKeys));
    const rows = this.#near.all(ranges) as unknown as [fids: string | null][];
    return rows.map(([fids]) => (fids === null ? [] : numbersIn(fids)));
  }

  /** Those of these rows that are of a content, newest first; `sizeBytes`: at that size. */
  #rowsOf(
    { id, sizeBytes }: Pick<StoredHit, 'id'> & Partial<StoredHit>,
    fids: readonly number[],
    isMeant: (hit: StoredHit) => boolean = () => true,
  ): readonly StoredHit[] {
    const rows: StoredHit[] = [];
    const newest = JSON.stringify(fids.toSorted((a, b) => b - a));
    // Who is online is looked up of one row after the other, and not of those that are not needed.
    for (const row of this.#rows.iterate(newest, bytesOf(id))) {
      const hit = hitOf(row as unknown as HitRow);
      if (hit === undefined || (sizeBytes !== undefined && hit.sizeBytes !== sizeBytes)) continue;
      if (!isMeant(hit)) continue;
      if (rows.push(hit) === maxRowsPerContent) break;
    }
    return rows;
  }

  /** Those from `from` on in the order of their arrival, then those before. */
  #livePids(fid: number, most: number, from: number): readonly number[] {
    const between = (first: number, end: number, max: number): number[] =>
      (this.#holders.all(fid, first, end, max) as unknown as [number][]).map(([pid]) => pid);
    const later = between(from, Number.MAX_SAFE_INTEGER, most);
    return from === 0 || later.length === most ? later : [...later, ...between(0, from, most - later.length)];
  }

  /** Of each content those who have its rows: each once, those from `from` on in the order of their arrival first. */
  #sources(
    contents: readonly (readonly (readonly number[])[])[],
    most: number,
    from = 0,
  ): readonly (readonly Source[])[] {
    const holders = contents.map((pids) =>
      [...new Set(pids.flat())].sort((a, b) => inTurn(a, b, from)).slice(0, most),
    );
    const known = this.#peers.sourcesOf(new Set(holders.flat()));
    return holders.map((pids) => pids.flatMap((pid) => known.get(pid) ?? []));
  }
}
