/**
 * Finds the rows that answer a query in an SQLite catalogue, newest first: by the words, by the contents or by the
 * peers it asks for, whichever leaves the least to look at. Invariant: only rows of peers that are online, and no
 * statement stays open after a call.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { ContentId } from '../core/ids.ts';
import {
  candidatesPerResult,
  maxRefusedHits,
  maxRowsSeenPerContent,
  maxSearchHits,
  maxWalkedShare,
} from '../core/limits.ts';
import { matches, type CompiledQuery } from '../core/query-match.ts';
import type { Stretch } from './page-cursor.ts';
import type { Candidates } from './results.ts';
import { bytesOf } from './share-hash.ts';
import { hitColumns, hitOf, livePidsOf, type HitRow, type StoredHit } from './sqlite-hits.ts';
import { indexRow } from './sqlite-index.ts';
import type { FileKeys } from './sqlite-keys.ts';
import { keysOf } from './sqlite-schema.ts';
import { reading } from './sqlite-statements.ts';
import { expressionOf, isIndexEnough } from './sqlite-words.ts';

type Found = Candidates<StoredHit>;
type Range = readonly [least: number, most: number];

const anySize: Range = [0, Number.MAX_SAFE_INTEGER];
const ofSize = 'f.size BETWEEN ? AND ?';
const ofPeers =
  'EXISTS (SELECT 1 FROM holder w WHERE w.fid = f.fid AND w.pid IN (SELECT value FROM json_each(?)))';

export class CandidateRows {
  readonly #database: DatabaseSync;
  readonly #keys: FileKeys;
  readonly #found: StatementSync;
  readonly #foundOfPeers: StatementSync;
  readonly #ofContent: StatementSync;
  readonly #peer: StatementSync;
  /** By the number of peers. */
  readonly #ofShares = new Map<number, StatementSync>();

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#keys = keysOf(database);
    // What the index finds is told in any case: it counts, whoever has it. Of what nobody online has no more is read,
    // which may be nearly all. The LIMIT keeps SQLite from making one query of the two, and from another order.
    const row = `${indexRow(0)} - word.rowid`;
    const found = (wanted: string): StatementSync =>
      reading(
        database,
        `SELECT hit.fid, f.key, f.id, f.path, f.size, hit.pids FROM (
           SELECT ${row} AS fid, ${livePidsOf(row)} AS pids FROM word
           WHERE word.word MATCH ? AND word.rowid > ? ORDER BY word.rowid LIMIT ${maxSearchHits}
         ) AS hit LEFT JOIN file f ON hit.pids IS NOT NULL AND f.fid = hit.fid AND ${wanted}`,
      );
    this.#found = found(ofSize);
    this.#foundOfPeers = found(`${ofSize} AND ${ofPeers}`);
    this.#ofContent = reading(
      database,
      `SELECT f.fid, ${hitColumns} FROM (SELECT * FROM file WHERE key BETWEEN ? AND ? LIMIT ${maxRowsSeenPerContent}) AS f
       WHERE f.id = ? AND ${ofSize} AND (? OR ${ofPeers})`,
    );
    this.#peer = reading(
      database,
      'SELECT pid, count FROM peer WHERE online = 1 AND (name_key = ?1 OR peer = ?1)',
    );
  }

  of(query: CompiledQuery, stretch: Stretch): Found {
    const sizes: Range = [query.minBytes ?? 0, query.maxBytes ?? Number.MAX_SAFE_INTEGER];
    const peers = this.#peersOf(query);
    if (query.peers.length > 0 && peers.pids.length === 0) return { hits: [], next: undefined };
    const accepts = (hit: StoredHit): boolean => matches(query, hit);
    if (query.ids.length > 0) return this.#ofIds(query.ids, sizes, peers.pids, stretch, accepts);
    const expression = expressionOf(query);
    if (peers.pids.length > 0 && (expression === '' || peers.files <= maxWalkedShare))
      return this.#ofShare(peers.pids, sizes, stretch, accepts);
    return this.#indexed(expression, sizes, peers.pids, stretch, isIndexEnough(query) ? () => true : accepts);
  }

  /** What the index has for an expression of one's own. */
  ofExpression(expression: string, stretch: Stretch, accepts: (hit: StoredHit) => boolean): Found {
    return this.#indexed(expression, anySize, [], stretch, accepts);
  }

  #peersOf({ peers }: CompiledQuery): { readonly pids: readonly number[]; readonly files: number } {
    const rows = peers.flatMap((peer) => this.#peer.all(peer) as unknown as [pid: number, files: number][]);
    return {
      pids: [...new Set(rows.map(([pid]) => pid))],
      files: rows.reduce((all, [, files]) => all + files, 0),
    };
  }

  /** A search whose hits are nearly all offline must have an end too. */
  #indexed(
    expression: string,
    sizes: Range,
    pids: readonly number[],
    { below, limit }: Stretch,
    accepts: (hit: StoredHit) => boolean,
  ): Found {
    const after = indexRow(below);
    const rows =
      pids.length === 0
        ? this.#found.iterate(expression, after, ...sizes)
        : this.#foundOfPeers.iterate(expression, after, ...sizes, JSON.stringify(pids));
    return collect(rows, { limit, refused: maxRefusedHits, seen: maxSearchHits }, accepts);
  }

  /** Everything of some contents is looked at, because nothing orders it by age. */
  #ofIds(
    ids: readonly ContentId[],
    sizes: Range,
    pids: readonly number[],
    { below, limit }: Stretch,
    accepts: (hit: StoredHit) => boolean,
  ): Found {
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
    return collect(left, { limit, refused: Infinity, seen: Infinity }, accepts);
  }

  #ofShare(
    pids: readonly number[],
    sizes: Range,
    { below, limit }: Stretch,
    accepts: (hit: StoredHit) => boolean,
  ): Found {
    const bounds = pids.flatMap((pid) => [pid, below]);
    const rows = this.#shareOf(pids.length).iterate(...bounds, ...sizes);
    return collect(rows, { limit, refused: maxSearchHits, seen: Infinity }, accepts);
  }

  /** SQLite merges the shares as it goes, each in the order of its index; without a LIMIT it forgets the order. */
  #shareOf(peers: number): StatementSync {
    const known = this.#ofShares.get(peers);
    if (known !== undefined) return known;
    const one = 'SELECT fid FROM holder WHERE pid = ? AND fid < ?';
    const all = Array.from({ length: peers }, () => one).join(' UNION ');
    const statement = reading(
      this.#database,
      `SELECT f.fid, ${hitColumns} FROM (${all} ORDER BY fid DESC LIMIT -1) AS held
       CROSS JOIN file f ON f.fid = held.fid WHERE ${ofSize}`,
    );
    this.#ofShares.set(peers, statement);
    return statement;
  }
}

/** Of how many rows a search takes notice. */
interface Bounds {
  /** Results of a page. */
  readonly limit: number;
  /** Rows with somebody online that are not accepted. */
  readonly refused: number;
  /** Rows, whatever became of them. */
  readonly seen: number;
}

/** Takes what is accepted until there is enough of it, or until too much was refused or seen. */
function collect(rows: Iterable<unknown>, bounds: Bounds, accepts: (hit: StoredHit) => boolean): Found {
  const most = bounds.limit * candidatesPerResult;
  const hits: StoredHit[] = [];
  let refused = 0;
  let seen = 0;
  for (const row of rows) {
    const hit = hitOf(row as HitRow);
    const [fid] = row as HitRow;
    seen += 1;
    if (hit !== undefined && accepts(hit)) {
      if (hits.length === most) return { hits, next: hits.at(-1)?.fid ?? fid + 1 };
      hits.push(hit);
    } else if (hit !== undefined && ++refused === bounds.refused) return { hits, next: fid };
    if (seen === bounds.seen) return { hits, next: fid };
  }
  return { hits, next: undefined };
}
