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
import { indexRow } from './sqlite-index.ts';
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
const ofSize = 'f.size BETWEEN ? AND ? AND copies > 0';
const ofPeers =
  'EXISTS (SELECT 1 FROM holder w WHERE w.fid = f.fid AND w.pid IN (SELECT value FROM json_each(?)))';

export class CandidateRows {
  readonly #database: DatabaseSync;
  readonly #keys: FileKeys;
  readonly #found: StatementSync;
  readonly #files: StatementSync;
  readonly #filesOfPeers: StatementSync;
  readonly #ofContent: StatementSync;
  readonly #peer: StatementSync;
  /** By the number of peers. */
  readonly #ofShares = new Map<number, StatementSync>();

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#keys = keysOf(database);
    this.#found = reading(database, 'SELECT rowid FROM word WHERE word MATCH ? AND rowid > ? ORDER BY rowid');
    const files = `SELECT ${columns} FROM json_each(?) AS hit CROSS JOIN file f ON f.fid = hit.value WHERE ${ofSize}`;
    this.#files = reading(database, files);
    this.#filesOfPeers = reading(database, `${files} AND ${ofPeers}`);
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
    const wanted = JSON.stringify(pids);
    const files = (fids: readonly number[]): Iterable<unknown> =>
      pids.length === 0
        ? this.#files.iterate(JSON.stringify(fids), ...sizes)
        : this.#filesOfPeers.iterate(JSON.stringify(fids), ...sizes, wanted);
    const hits = new IndexHits(
      this.#found.iterate(expression, indexRow(below)),
      limit * candidatesPerResult + 1,
    );
    const seen = collect(hits.files(files), limit, maxRefusedHits, accepts);
    return seen.next === undefined ? { ...seen, next: hits.next } : seen;
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

  /** SQLite merges the shares as it goes, each in the order of its index; without a LIMIT it forgets the order. */
  #shareOf(peers: number): StatementSync {
    const known = this.#ofShares.get(peers);
    if (known !== undefined) return known;
    const one = 'SELECT fid FROM holder WHERE pid = ? AND fid < ?';
    const all = Array.from({ length: peers }, () => one).join(' UNION ');
    const statement = reading(
      this.#database,
      `SELECT ${columns} FROM (${all} ORDER BY fid DESC LIMIT -1) AS held CROSS JOIN file f ON f.fid = held.fid WHERE ${ofSize}`,
    );
    this.#ofShares.set(peers, statement);
    return statement;
  }
}

/** What the index finds, as far as it is looked at: a search whose hits are nearly all offline must have an end too. */
class IndexHits {
  readonly #fids: Iterator<unknown>;
  #take: number;
  #taken = 0;
  /** Where the bound was reached. */
  next: number | undefined;

  /** `first`: so many are looked at together, then twice as many, and so on. */
  constructor(fids: Iterable<unknown>, first: number) {
    this.#fids = fids[Symbol.iterator]();
    this.#take = first;
  }

  *files(of: (fids: readonly number[]) => Iterable<unknown>): Iterable<unknown> {
    try {
      while (this.next === undefined) {
        const fids = this.#some();
        if (fids.length === 0) return;
        yield* of(fids);
      }
    } finally {
      this.#fids.return?.();
    }
  }

  #some(): readonly number[] {
    const fids: number[] = [];
    while (fids.length < this.#take) {
      const { done, value } = this.#fids.next();
      if (done === true) break;
      const [row] = value as readonly [number];
      const fid = indexRow(row);
      fids.push(fid);
      if (++this.#taken < maxSearchHits) continue;
      this.next = fid;
      break;
    }
    this.#take *= 2;
    return fids;
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
