/**
 * Finds the rows that answer a query in an SQLite catalogue, newest first: by the words, by the contents or by the
 * peers it asks for, whichever leaves the least to look at. Invariant: only rows of peers that are online, and no
 * statement stays open after a call.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { contentId, type ContentId } from '../core/ids.ts';
import {
  candidatesPerResult,
  maxRefusedHits,
  maxRowsSeenPerContent,
  maxSearchHits,
  maxSourcesPerResult,
  maxWalkedShare,
} from '../core/limits.ts';
import { matches, type CompiledQuery } from '../core/query-match.ts';
import type { Stretch } from './page-cursor.ts';
import type { Candidates, Hit } from './results.ts';
import { bytesOf } from './share-hash.ts';
import type { FileKeys } from './sqlite-keys.ts';
import { keysOf } from './sqlite-schema.ts';
import { reading } from './sqlite-statements.ts';
import { expressionOf, isIndexEnough } from './sqlite-words.ts';

type HitRow = readonly [fid: number, id: Uint8Array, path: string, sizeBytes: number, copies: number];
type Range = readonly [least: number, most: number];

const anySize: Range = [0, Number.MAX_SAFE_INTEGER];
/** How many who are online have file `f`, as far as it matters. */
const copies = `(SELECT count(*) FROM (SELECT 1 FROM holder h JOIN peer p ON p.pid = h.pid AND p.online = 1
  WHERE h.fid = f.fid LIMIT ${maxSourcesPerResult})) AS copies`;
const columns = `f.fid, f.id, f.path, f.size, ${copies}`;
/** Rows of the index below a number, newest first. */
const found = 'SELECT rowid AS fid FROM word WHERE word MATCH ? AND rowid < ? ORDER BY rowid DESC';
const ofSize = 'f.size BETWEEN ? AND ? AND copies > 0';
const ofPeers =
  'EXISTS (SELECT 1 FROM holder w WHERE w.fid = f.fid AND w.pid IN (SELECT value FROM json_each(?)))';

export class CandidateRows {
  readonly #database: DatabaseSync;
  readonly #keys: FileKeys;
  readonly #ofWords: StatementSync;
  readonly #ofWordsAndPeers: StatementSync;
  readonly #beyond: StatementSync;
  readonly #ofContent: StatementSync;
  readonly #peer: StatementSync;
  /** By the number of peers. */
  readonly #ofShares = new Map<number, StatementSync>();

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#keys = keysOf(database);
    // The inner LIMIT bounds the time of a search whose hits are nearly all offline.
    const hits = `SELECT ${columns} FROM (${found} LIMIT ${maxSearchHits}) AS hit CROSS JOIN file f ON f.fid = hit.fid`;
    this.#ofWords = reading(database, `${hits} WHERE ${ofSize}`);
    this.#ofWordsAndPeers = reading(database, `${hits} WHERE ${ofSize} AND ${ofPeers}`);
    this.#beyond = reading(database, `${found} LIMIT 1 OFFSET ${maxSearchHits}`);
    this.#ofContent = reading(
      database,
      `SELECT ${columns} FROM (SELECT * FROM file WHERE key BETWEEN ? AND ? LIMIT ${maxRowsSeenPerContent}) AS f
       WHERE f.id = ? AND ${ofSize} AND (? OR ${ofPeers})`,
    );
    this.#peer = reading(
      database,
      'SELECT pid, count FROM peer WHERE online = 1 AND (name_key = ?1 OR peer = ?1)',
    );
  }

  of(query: CompiledQuery, stretch: Stretch): Candidates {
    const sizes: Range = [query.minBytes ?? 0, query.maxBytes ?? Number.MAX_SAFE_INTEGER];
    const peers = this.#peersOf(query);
    if (query.peers.length > 0 && peers.pids.length === 0) return { hits: [], next: undefined };
    const accepts = (hit: Hit): boolean => matches(query, hit);
    if (query.ids.length > 0) return this.#ofIds(query.ids, sizes, peers.pids, stretch, accepts);
    const expression = expressionOf(query);
    if (peers.pids.length > 0 && (expression === '' || peers.files <= maxWalkedShare))
      return this.#ofShare(peers.pids, sizes, stretch, accepts);
    return this.#indexed(expression, sizes, peers.pids, stretch, isIndexEnough(query) ? () => true : accepts);
  }

  /** What the index has for an expression of one's own. */
  ofExpression(expression: string, stretch: Stretch, accepts: (hit: Hit) => boolean): Candidates {
    return this.#indexed(expression, anySize, [], stretch, accepts);
  }

  #peersOf({ peers }: CompiledQuery): { readonly pids: readonly number[]; readonly files: number } {
    const rows = peers.flatMap((peer) => this.#peer.all(peer) as unknown as [pid: number, files: number][]);
    return {
      pids: [...new Set(rows.map(([pid]) => pid))],
      files: rows.reduce((all, [, files]) => all + files, 0),
    };
  }

  #indexed(
    expression: string,
    sizes: Range,
    pids: readonly number[],
    { below, limit }: Stretch,
    accepts: (hit: Hit) => boolean,
  ): Candidates {
    const rows =
      pids.length === 0
        ? this.#ofWords.iterate(expression, below, ...sizes)
        : this.#ofWordsAndPeers.iterate(expression, below, ...sizes, JSON.stringify(pids));
    const seen = collect(rows, limit, maxRefusedHits, accepts);
    if (seen.next !== undefined) return seen;
    const beyond = this.#beyond.get(expression, below) as unknown as readonly [number] | undefined;
    return { ...seen, next: beyond && beyond[0] + 1 };
  }

  /** Everything of some contents is looked at, because nothing orders it by age. */
  #ofIds(
    ids: readonly ContentId[],
    sizes: Range,
    pids: readonly number[],
    { below, limit }: Stretch,
    accepts: (hit: Hit) => boolean,
  ): Candidates {
    const rows = [...new Set(ids)].flatMap((id) => {
      const bytes = bytesOf(id);
      const range = this.#keys.range(bytes);
      const anybody = Number(pids.length === 0);
      return this.#ofContent.all(
        ...range,
        bytes,
        ...sizes,
        anybody,
        JSON.stringify(pids),
      ) as unknown as HitRow[];
    });
    const left = rows.filter(([fid]) => fid < below).sort(([a], [b]) => b - a);
    return collect(left, limit, Infinity, accepts);
  }

  #ofShare(
    pids: readonly number[],
    sizes: Range,
    { below, limit }: Stretch,
    accepts: (hit: Hit) => boolean,
  ): Candidates {
    const bounds = pids.flatMap((pid) => [pid, below]);
    const rows = this.#shareOf(pids.length).iterate(...bounds, ...sizes);
    return collect(rows, limit, maxSearchHits, accepts);
  }

  /** SQLite merges the shares as it goes, each in the order of its index. */
  #shareOf(peers: number): StatementSync {
    const known = this.#ofShares.get(peers);
    if (known !== undefined) return known;
    const one = 'SELECT fid FROM holder WHERE pid = ? AND fid < ?';
    const all = Array.from({ length: peers }, () => one).join(' UNION ');
    const statement = reading(
      this.#database,
      `SELECT ${columns} FROM (${all} ORDER BY fid DESC) AS held CROSS JOIN file f ON f.fid = held.fid WHERE ${ofSize}`,
    );
    this.#ofShares.set(peers, statement);
    return statement;
  }
}

/** Takes what is accepted until there is enough of it, or until too much was refused. */
function collect(
  rows: Iterable<unknown>,
  limit: number,
  mostRefused: number,
  accepts: (hit: Hit) => boolean,
): Candidates {
  const most = limit * candidatesPerResult;
  const hits: Hit[] = [];
  let refused = 0;
  for (const row of rows) {
    const [fid, id, path, sizeBytes, copies] = row as HitRow;
    const hit = { fid, id: contentId(id), path, sizeBytes, copies };
    if (accepts(hit)) {
      if (hits.length === most) return { hits, next: hits.at(-1)?.fid ?? fid + 1 };
      hits.push(hit);
    } else if (++refused === mostRefused) return { hits, next: fid };
  }
  return { hits, next: undefined };
}
