/**
 * Finds the rows that answer a query in an SQLite catalogue, newest first: by the words, by the contents or by the
 * peers it asks for, whichever leaves the least to look at. Invariant: only rows of peers that are online, and no
 * statement stays open after a call.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { baseName } from '../../core/search/file-type.ts';
import type { ContentId } from '../../core/ids.ts';
import {
  candidatesPerResult,
  entriesPerRefusalTold,
  entriesPerRow,
  facetFilesPerEntry,
  maxRefusedHits,
  maxRowsBeforeFacets,
  maxRowsSeenPerContent,
  maxSearchHits,
  maxWalkedShare,
  refusedBeforeFacets,
} from '../../core/limits/stores.ts';
import { matches, matchesFacets, type CompiledQuery } from '../../core/search/query-match.ts';
import { everyKind, isAmong, kindsOf, type Kinds } from '../file-kinds.ts';
import type { Stretch } from '../page-cursor.ts';
import type { Candidates } from '../results.ts';
import { bytesOf } from '../share-hash.ts';
import { hitColumns, hitOf, livePidsOf, type HitRow, type StoredHit } from './sqlite-hits.ts';
import { fileOf, indexRowBefore, isOneOf, kindIn } from './sqlite-index.ts';
import type { FileKeys } from './sqlite-keys.ts';
import { keysOf } from './sqlite-schema.ts';
import { reading } from './sqlite-statements.ts';
import {
  expressionOf,
  isIndexEnough,
  nameExpression,
  wholeNameExpression,
  wordsExpressionOf,
} from './sqlite-words.ts';
import { isWhole } from '../whole-names.ts';

type Found = Candidates<StoredHit>;
type Range = readonly [least: number, most: number];

const ofSize = 'f.size BETWEEN ? AND ?';
const ofPeers =
  'EXISTS (SELECT 1 FROM holder w WHERE w.fid = f.fid AND w.pid IN (SELECT value FROM json_each(?)))';

/** What the index gave, of a file that may be meant, or of one of many that are of another kind. */
type IndexedRow = readonly [...HitRow, kind: number];

/** What is looked for in the index, and what a row must be like beyond that. */
interface Wanted {
  readonly kinds: Kinds;
  readonly sizes: Range;
  readonly pids: readonly number[];
}

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
    const row = 'word.rowid';
    const isMeant = `(?3 >> ${kindIn(row)}) & 1`;
    const found = (wanted: string): StatementSync =>
      reading(
        database,
        `SELECT hit.fid, f.key, f.id, f.path, f.size, hit.pids, hit.kind FROM (
           SELECT ${fileOf(row)} AS fid, ${kindIn(row)} AS kind,
           CASE WHEN ${isMeant} THEN ${livePidsOf(fileOf(row))} END AS pids FROM word
           WHERE word.word MATCH ?1 AND ${row} > ?2 AND (${isMeant} OR ${isOneOf(row, entriesPerRefusalTold)})
           ORDER BY ${row} LIMIT ${maxSearchHits}
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
    const sizes = sizesOf(query);
    const peers = this.#peersOf(query);
    if (query.peers.length > 0 && peers.pids.length === 0) return { hits: [], next: undefined };
    const accepts = (hit: StoredHit): boolean => matches(query, hit);
    if (query.ids.length > 0) return this.#ofIds(query.ids, sizes, peers.pids, stretch, accepts);
    const expression = expressionOf(query);
    if (peers.pids.length > 0 && (expression === '' || peers.files <= maxWalkedShare))
      return this.#ofShare(peers.pids, sizes, stretch, accepts);
    const wanted = { kinds: kindsOf(query), sizes, pids: peers.pids };
    const rows = new Gathering(boundsOf(stretch), isIndexEnough(query) ? () => true : accepts);
    const below = this.#byWords(query, wanted, stretch.below, rows);
    return rows.found ?? this.#indexed(expression, wanted, below, rows);
  }

  /** Files of exactly this name that are meant. */
  named(name: string, stretch: Stretch, isMeant: (hit: StoredHit) => boolean): Found {
    const isNamed = (hit: StoredHit): boolean => baseName(hit.path) === name && isMeant(hit);
    const rows = new Gathering(alikeBoundsOf(stretch), isNamed);
    return this.#indexed(nameExpression(name), anything, stretch.below, rows);
  }

  /** Files that answer a query with their whole name, which is one of these. */
  whole(query: CompiledQuery, wholeNames: readonly string[], stretch: Stretch): Found {
    const peers = this.#peersOf(query);
    if (query.peers.length > 0 && peers.pids.length === 0) return { hits: [], next: undefined };
    const rows = new Gathering(alikeBoundsOf(stretch), isWhole(query, wholeNames));
    const wanted = { kinds: kindsOf(query), sizes: sizesOf(query), pids: peers.pids };
    return this.#indexed(wholeNameExpression(wholeNames), wanted, stretch.below, rows);
  }

  #peersOf({ peers }: CompiledQuery): { readonly pids: readonly number[]; readonly files: number } {
    const rows = peers.flatMap((peer) => this.#peer.all(peer) as unknown as [pid: number, files: number][]);
    return {
      pids: [...new Set(rows.map(([pid]) => pid))],
      files: rows.reduce((all, [, files]) => all + files, 0),
    };
  }

  /**
   * Looks for files of a type among those that have the words, as long as these are so few that they are passed faster than
   * the list of all files of that type. Gives where to go on with both.
   */
  #byWords(query: CompiledQuery, wanted: Wanted, below: number, into: Gathering): number {
    const expression = wordsExpressionOf(query);
    if (expression === undefined) return below;
    /** As entries of the index. */
    let refused = 0;
    let rows = 0;
    let first = 0;
    for (const row of this.#rowsOf(expression, wanted, below)) {
      const [fid] = row;
      if (rows++ === 0) first = fid;
      const hit = hitOf(row);
      if (!isAmong(row[6], wanted.kinds)) refused += entriesPerRefusalTold;
      else if (hit !== undefined && !matchesFacets(query, hit)) refused += entriesPerRow;
      else if (into.take(fid, hit) !== undefined) return below;
      const areMany = refused >= refusedBeforeFacets && first - fid < refused * facetFilesPerEntry;
      if (areMany || rows === maxRowsBeforeFacets) return fid;
    }
    into.end();
    return below;
  }

  /** A search whose hits are nearly all offline, or of another size, must have an end too. */
  #indexed(expression: string, wanted: Wanted, below: number, into: Gathering): Found {
    for (const row of this.#rowsOf(expression, wanted, below)) {
      const found = into.take(row[0], hitOf(row));
      if (found !== undefined) return found;
    }
    return into.end();
  }

  #rowsOf(expression: string, { kinds, sizes, pids }: Wanted, below: number): Iterable<IndexedRow> {
    const [statement, ...ofPids] =
      pids.length === 0 ? [this.#found] : [this.#foundOfPeers, JSON.stringify(pids)];
    const rows = statement.iterate(expression, indexRowBefore(below), kinds, ...sizes, ...ofPids);
    return rows as unknown as Iterable<IndexedRow>;
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

function sizesOf({ minBytes, maxBytes }: CompiledQuery): Range {
  return [minBytes ?? 0, maxBytes ?? Number.MAX_SAFE_INTEGER];
}

const anything: Wanted = { kinds: everyKind, sizes: [0, Number.MAX_SAFE_INTEGER], pids: [] };

/** Of how many rows a search takes notice. */
interface Bounds {
  /** Results of a page. */
  readonly limit: number;
  /** Rows with somebody online that are not accepted. */
  readonly refused: number;
  /** Rows, whatever became of them. */
  readonly seen: number;
}

const boundsOf = ({ limit }: Stretch): Bounds => ({ limit, refused: maxRefusedHits, seen: maxSearchHits });

/** Names that differ from one in case or separators may be most of what the index has for it. */
const alikeBoundsOf = (stretch: Stretch): Bounds => ({ ...boundsOf(stretch), refused: Infinity });

/** Takes what is accepted until there is enough of it, or until too much was refused or seen. */
class Gathering {
  readonly #hits: StoredHit[] = [];
  readonly #bounds: Bounds;
  readonly #accepts: (hit: StoredHit) => boolean;
  #refused = 0;
  #seen = 0;
  /** What came of it, once that is known. */
  found: Found | undefined;

  constructor(bounds: Bounds, accepts: (hit: StoredHit) => boolean) {
    this.#bounds = bounds;
    this.#accepts = accepts;
  }

  /** The next row, by its number; undefined: go on. */
  take(fid: number, hit: StoredHit | undefined): Found | undefined {
    const hits = this.#hits;
    const { limit, refused, seen } = this.#bounds;
    this.#seen += 1;
    if (hit !== undefined && this.#accepts(hit)) {
      if (hits.length === limit * candidatesPerResult) return this.#end(hits.at(-1)?.fid ?? fid + 1);
      hits.push(hit);
    } else if (hit !== undefined && ++this.#refused === refused) return this.#end(fid);
    return this.#seen === seen ? this.#end(fid) : undefined;
  }

  /** There are no more rows. */
  end(): Found {
    return this.#end(undefined);
  }

  #end(next: number | undefined): Found {
    this.found = { hits: this.#hits, next };
    return this.found;
  }
}

/** What becomes of rows that are all that there are. */
function collect(rows: Iterable<unknown>, bounds: Bounds, accepts: (hit: StoredHit) => boolean): Found {
  const gathering = new Gathering(bounds, accepts);
  for (const row of rows) {
    const [fid] = row as HitRow;
    const found = gathering.take(fid, hitOf(row as HitRow));
    if (found !== undefined) return found;
  }
  return gathering.end();
}
