/**
 * Reads an SQLite catalogue: finds rows for queries, names and ids. Invariant: only rows and sources of peers
 * that are online, and no statement stays open after a call.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Source } from '../core/catalogue.ts';
import { baseName } from '../core/file-type.ts';
import { contentId, isId, type ContentId } from '../core/ids.ts';
import {
  candidatesPerResult,
  maxRefusedHits,
  maxRowsPerContent,
  maxRowsSeenPerContent,
  maxSearchHits,
  maxSearchResults,
  maxSourcesPerContent,
  maxSourcesPerResult,
} from '../core/limits.ts';
import { matches, relevance, type CompiledQuery } from '../core/query-match.ts';
import type { ContentSources, SearchPage } from './catalog-store.ts';
import { bounded, inTurn } from './checks.ts';
import { mostHeldSize, pageOf, type Hit } from './results.ts';
import type { PeerRows } from './sqlite-peers.ts';
import { bytesOf } from './share-hash.ts';
import { keysOf } from './sqlite-rows.ts';
import { expressionOf, isIndexEnough, nameExpression } from './sqlite-words.ts';
import { reading } from './sqlite-statements.ts';

const liveHolders = 'FROM holder h JOIN peer p ON p.pid = h.pid AND p.online = 1 WHERE h.fid = f.fid';
/** How many who are online have file `f`, as far as it matters. */
const copies = `(SELECT count(*) FROM (SELECT 1 ${liveHolders} LIMIT ${maxSourcesPerResult}))`;

interface Question {
  /** For the full-text index. */
  readonly expression: string;
  /** The smallest and the largest size to give. */
  readonly sizes: readonly [number, number];
  /** A closer look at what the index gives. */
  readonly accepts: (hit: Hit) => boolean;
  readonly relevanceOf: (path: string) => number;
}

export class CatalogReader {
  readonly #peers: PeerRows;
  readonly #hits: StatementSync;
  readonly #isBeyond: StatementSync;
  readonly #copies: StatementSync;
  readonly #holders: StatementSync;
  readonly #lastPid: StatementSync;

  constructor(database: DatabaseSync, peers: PeerRows) {
    this.#peers = peers;
    // The inner LIMIT bounds the time of a search whose hits are nearly all offline.
    this.#hits = reading(
      database,
      `SELECT f.fid, f.id, f.path, f.size, ${copies} AS copies
       FROM (SELECT rowid AS fid FROM word WHERE word MATCH ? ORDER BY rowid DESC LIMIT ${maxSearchHits}) AS hit
       CROSS JOIN file f ON f.fid = hit.fid WHERE f.size BETWEEN ? AND ? AND copies > 0`,
    );
    this.#isBeyond = reading(
      database,
      `SELECT 1 FROM word WHERE word MATCH ? LIMIT 1 OFFSET ${maxSearchHits}`,
    );
    this.#copies = reading(
      database,
      `SELECT f.fid, f.path, f.size
       FROM (SELECT fid, id, path, size FROM file WHERE key BETWEEN ? AND ? LIMIT ${maxRowsSeenPerContent}) AS f
       WHERE f.id = ? AND EXISTS (SELECT 1 ${liveHolders}) ORDER BY f.fid DESC`,
    );
    this.#holders = reading(
      database,
      `SELECT h.pid FROM holder h JOIN peer p ON p.pid = h.pid AND p.online = 1
       WHERE h.fid = ? AND h.pid >= ? AND h.pid < ? ORDER BY h.pid LIMIT ?`,
    );
    this.#lastPid = reading(database, 'SELECT coalesce(max(pid), 0) FROM peer');
  }

  search(query: CompiledQuery, limit: number): SearchPage {
    const isExact = isIndexEnough(query);
    return this.#answer(limit, {
      expression: expressionOf(query),
      sizes: [query.minBytes ?? 0, query.maxBytes ?? Number.MAX_SAFE_INTEGER],
      accepts: (hit) => isExact || matches(query, hit),
      relevanceOf: (path) => relevance(query, path),
    });
  }

  findName(name: string, limit: number): SearchPage {
    if (isId(name)) return this.#namesOf(name as ContentId, limit);
    return this.#answer(limit, {
      expression: nameExpression(name),
      sizes: [0, Number.MAX_SAFE_INTEGER],
      accepts: ({ path }) => baseName(path) === name,
      relevanceOf: (path) => (baseName(path) === name ? 1 : 0),
    });
  }

  holders(id: ContentId, perContent: number, turn: number): ContentSources {
    const rows = this.#copiesOf(id, undefined);
    const from = turn === 0 ? 0 : this.#pidAt(turn);
    const pids = rows.map(({ fid }) => this.#livePids(fid, maxSourcesPerContent, from));
    const sizeBytes = mostHeldSize(rows.map((row, at) => [row.sizeBytes, pids[at]?.length ?? 0]));
    return { id, sizeBytes, sources: this.#sources(pids, bounded(perContent, maxSourcesPerContent), from) };
  }

  #pidAt(turn: number): number {
    const [last] = this.#lastPid.get() as unknown as [number];
    return Math.floor(turn * (last + 1));
  }

  #answer(limit: number, { expression, sizes, accepts, relevanceOf }: Question): SearchPage {
    const results = bounded(limit, maxSearchResults);
    const most = results * candidatesPerResult;
    const hits: Hit[] = [];
    let refused = 0;
    for (const row of this.#hits.iterate(expression, ...sizes)) {
      const [fid, id, path, sizeBytes, copies] = row as unknown as [
        number,
        Uint8Array,
        string,
        number,
        number,
      ];
      const hit = { fid, id: contentId(id), path, sizeBytes, copies };
      if (accepts(hit)) {
        if (hits.push(hit) > most) break;
      } else if (++refused === maxRefusedHits) break;
    }
    const more =
      hits.length > most || refused === maxRefusedHits || this.#isBeyond.get(expression) !== undefined;
    return this.#pageOf(hits.slice(0, most), more, results, relevanceOf);
  }

  /** The name that most have comes first. */
  #namesOf(id: ContentId, limit: number): SearchPage {
    const hits = this.#copiesOf(id, undefined).map((copy) => ({
      ...copy,
      id,
      copies: this.#livePids(copy.fid, maxSourcesPerResult).length,
    }));
    hits.sort((a, b) => b.copies - a.copies);
    return this.#pageOf(hits, false, bounded(limit, maxSearchResults), () => 0);
  }

  #pageOf(
    hits: readonly Hit[],
    more: boolean,
    limit: number,
    relevanceOf: Question['relevanceOf'],
  ): SearchPage {
    return pageOf(hits, more, limit, relevanceOf, (id, sizeBytes) => {
      const rows = this.#copiesOf(id, sizeBytes);
      const pids = rows.map(({ fid }) => this.#livePids(fid, maxSourcesPerResult));
      return { paths: rows.map(({ path }) => path), sources: this.#sources(pids, maxSourcesPerResult) };
    });
  }

  #copiesOf(
    id: ContentId,
    size: number | undefined,
  ): readonly { fid: number; path: string; sizeBytes: number }[] {
    const copies: { fid: number; path: string; sizeBytes: number }[] = [];
    for (const row of this.#copies.all(...keysOf(id), bytesOf(id))) {
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
    return distinct.flatMap((pid) => {
      const member = this.#peers.memberOf(pid);
      if (member === undefined) return [];
      const { peer, name, host, port } = member;
      return [{ peer, name, host, port }];
    });
  }
}
