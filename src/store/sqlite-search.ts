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
import { matches, type CompiledQuery } from '../core/query-match.ts';
import { relevance } from '../core/query-rank.ts';
import type { ContentSources, PageRequest, SearchPage } from './catalog-store.ts';
import { bounded, inTurn } from './checks.ts';
import { stretchOf, type Stretch } from './page-cursor.ts';
import { emptyPage, mostHeldSize, pageOf, type Candidates, type Hit } from './results.ts';
import { bytesOf } from './share-hash.ts';
import type { PeerListing } from './sqlite-listing.ts';
import { keysOf } from './sqlite-rows.ts';
import { expressionOf, isIndexEnough, nameExpression } from './sqlite-words.ts';
import { reading } from './sqlite-statements.ts';

const liveHolders = 'FROM holder h JOIN peer p ON p.pid = h.pid AND p.online = 1 WHERE h.fid = f.fid';
/** How many who are online have file `f`, as far as it matters. */
const copies = `(SELECT count(*) FROM (SELECT 1 ${liveHolders} LIMIT ${maxSourcesPerResult}))`;

/** Rows of the index below a number, newest first. */
const hits = 'SELECT rowid AS fid FROM word WHERE word MATCH ? AND rowid < ? ORDER BY rowid DESC';

interface Question {
  /** For the full-text index. */
  readonly expression: string;
  /** The smallest and the largest size to give. */
  readonly sizes: readonly [number, number];
  /** A closer look at what the index gives. */
  readonly accepts: (hit: Hit) => boolean;
  readonly relevanceOf: (path: string) => number;
}

export class SqliteSearch {
  readonly #peers: PeerListing;
  readonly #hits: StatementSync;
  readonly #beyond: StatementSync;
  readonly #copies: StatementSync;
  readonly #holders: StatementSync;
  readonly #lastPid: StatementSync;

  constructor(database: DatabaseSync, peers: PeerListing) {
    this.#peers = peers;
    // The inner LIMIT bounds the time of a search whose hits are nearly all offline.
    this.#hits = reading(
      database,
      `SELECT f.fid, f.id, f.path, f.size, ${copies} AS copies
       FROM (${hits} LIMIT ${maxSearchHits}) AS hit
       CROSS JOIN file f ON f.fid = hit.fid WHERE f.size BETWEEN ? AND ? AND copies > 0`,
    );
    this.#beyond = reading(database, `${hits} LIMIT 1 OFFSET ${maxSearchHits}`);
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

  search(query: CompiledQuery, { limit, cursor }: PageRequest): SearchPage {
    const isExact = isIndexEnough(query);
    const most = bounded(limit, maxSearchResults);
    const stretch = stretchOf(cursor, most);
    if (stretch === undefined) return emptyPage;
    return this.#answer(stretch, most, {
      expression: expressionOf(query),
      sizes: [query.minBytes ?? 0, query.maxBytes ?? Number.MAX_SAFE_INTEGER],
      accepts: (hit) => isExact || matches(query, hit),
      relevanceOf: (path) => relevance(query, path),
    });
  }

  findName(name: string, limit: number): SearchPage {
    if (isId(name)) return this.#namesOf(name as ContentId, limit);
    const { results, more } = this.#answer(wholeFor(limit), bounded(limit, maxSearchResults), {
      expression: nameExpression(name),
      sizes: [0, Number.MAX_SAFE_INTEGER],
      accepts: ({ path }) => baseName(path) === name,
      relevanceOf: (path) => (baseName(path) === name ? 1 : 0),
    });
    return { results, more };
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

  #answer(stretch: Stretch, limit: number, question: Question): SearchPage {
    return this.#pageOf(this.#candidates(stretch, question), stretch, limit, question.relevanceOf);
  }

  #candidates({ below, limit }: Stretch, { expression, sizes, accepts }: Question): Candidates {
    const most = limit * candidatesPerResult;
    const hits: Hit[] = [];
    let refused = 0;
    for (const row of this.#hits.iterate(expression, below, ...sizes)) {
      const [fid, id, path, sizeBytes, copies] = row as unknown as [
        number,
        Uint8Array,
        string,
        number,
        number,
      ];
      const hit = { fid, id: contentId(id), path, sizeBytes, copies };
      if (accepts(hit)) {
        if (hits.length === most) return { hits, next: hits.at(-1)?.fid ?? fid + 1 };
        hits.push(hit);
      } else if (++refused === maxRefusedHits) return { hits, next: fid };
    }
    const beyond = this.#beyond.get(expression, below) as unknown as readonly [number] | undefined;
    return { hits, next: beyond && beyond[0] + 1 };
  }

  /** The name that most have comes first. */
  #namesOf(id: ContentId, limit: number): SearchPage {
    const hits = this.#copiesOf(id, undefined).map((copy) => ({
      ...copy,
      id,
      copies: this.#livePids(copy.fid, maxSourcesPerResult).length,
    }));
    hits.sort((a, b) => b.copies - a.copies);
    const whole = wholeFor(limit);
    const { results, more } = this.#pageOf({ hits, next: undefined }, whole, whole.limit, () => 0);
    return { results, more };
  }

  #pageOf(
    candidates: Candidates,
    stretch: Stretch,
    limit: number,
    relevanceOf: Question['relevanceOf'],
  ): SearchPage {
    return pageOf(candidates, stretch, limit, relevanceOf, (id, sizeBytes) => {
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
    return distinct.flatMap((pid) => this.#peers.sourceOf(pid) ?? []);
  }
}

/** The only page of what has no others. */
function wholeFor(limit: number): Stretch {
  return { below: Number.MAX_SAFE_INTEGER, given: 0, limit: bounded(limit, maxSearchResults) };
}
