/**
 * Looks things up in an SQLite catalogue, on the thread of who writes it or on any other: what has been committed
 * is seen by every reader at once. Invariant: never writes.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { PeerSummary } from '../../core/catalogue.ts';
import type { ContentId } from '../../core/ids.ts';
import { maxWordRows, maxWordsLike } from '../../core/limits/stores.ts';
import type { CompiledQuery, Term } from '../../core/search/query-match.ts';
import type {
  CatalogReader,
  ContentSources,
  PageRequest,
  PeerPage,
  SearchPage,
  StoreStats,
} from '../catalog-store.ts';
import { bounded } from '../checks.ts';
import { ContentCopies } from './sqlite-copies.ts';
import { PeerListing } from './sqlite-listing.ts';
import { openForReading } from './sqlite-schema.ts';
import { SqliteSearch } from './sqlite-search.ts';
import { reading } from './sqlite-statements.ts';

/** Above every letter: a bound for what begins with a prefix. */
const last = '\u{10ffff}';

export class SqliteReader implements CatalogReader {
  readonly #database: DatabaseSync;
  readonly #peers: PeerListing;
  readonly #copies: ContentCopies;
  readonly #search: SqliteSearch;
  readonly #words: StatementSync;
  readonly #stats: StatementSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#peers = new PeerListing(database);
    this.#copies = new ContentCopies(database, this.#peers);
    this.#search = new SqliteSearch(database, this.#copies);
    this.#words = reading(database, 'SELECT term, doc FROM vocabulary WHERE term >= ? AND term < ?');
    this.#stats = reading(
      database,
      `SELECT (SELECT count(*) FROM peer WHERE online = 1), (SELECT count(*) FROM peer),
       files, shares FROM total`,
    );
  }

  /** Opens a catalogue that somebody has opened for writing before. Throws what SQLite throws. */
  static open(path: string): SqliteReader {
    return new SqliteReader(openForReading(path));
  }

  async search(query: CompiledQuery, page: PageRequest): Promise<SearchPage> {
    return this.#atOnce(() => this.#search.search(query, page));
  }

  async findName(name: string, limit: number, without: readonly Term[] = []): Promise<SearchPage> {
    return this.#atOnce(() => this.#search.findName(name, limit, without));
  }

  async holders(ids: readonly ContentId[], perContent: number, turn = 0): Promise<readonly ContentSources[]> {
    return this.#atOnce(() => ids.map((id) => this.#copies.holders(id, perContent, turn)));
  }

  async peers(cursor: string | undefined, limit: number): Promise<PeerPage> {
    return this.#peers.page(cursor, limit);
  }

  async findPeer(peer: string): Promise<PeerSummary | undefined> {
    return this.#peers.find(peer);
  }

  async wordsLike(prefix: string, limit: number): Promise<readonly string[]> {
    const most = bounded(limit, maxWordsLike);
    const words: string[] = [];
    let rows = 0;
    if (most === 0) return words;
    for (const row of this.#words.iterate(prefix, prefix + last)) {
      const [word, files] = row as unknown as readonly [string, number];
      // What has a colon says what a file is, not what it is called.
      if (!word.includes(':') && words.push(word) === most) break;
      if ((rows += files) > maxWordRows) break;
    }
    return words;
  }

  async stats(): Promise<StoreStats> {
    const row = this.#stats.get() as unknown as readonly [number, number, number, number];
    const [peersOnline, peersKnown, files, shares] = row;
    return { peersOnline, peersKnown, files, shares };
  }

  async close(): Promise<void> {
    this.#database.close();
  }

  /** One transaction for many statements: each of its own would look for what has been written since the last. */
  #atOnce<T>(read: () => T): T {
    if (this.#database.isTransaction) return read();
    this.#database.exec('BEGIN');
    try {
      return read();
    } finally {
      this.#database.exec('COMMIT');
    }
  }
}
