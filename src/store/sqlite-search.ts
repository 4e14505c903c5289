/**
 * Answers searches of an SQLite catalogue with pages of results. Invariant: a page is of one moment, whatever is
 * written meanwhile.
 */
import type { DatabaseSync } from 'node:sqlite';
import { baseName } from '../core/file-type.ts';
import { isId, type ContentId } from '../core/ids.ts';
import { maxSearchResults } from '../core/limits/wire.ts';
import type { CompiledQuery } from '../core/query-match.ts';
import { relevanceTo } from '../core/query-rank.ts';
import type { PageRequest, SearchPage } from './catalog-store.ts';
import { bounded } from './checks.ts';
import { stretchOf, type Stretch } from './page-cursor.ts';
import { emptyPage, pageAtOnce, type Candidates } from './results.ts';
import { CandidateRows } from './sqlite-candidates.ts';
import type { ContentCopies } from './sqlite-copies.ts';
import type { StoredHit } from './sqlite-hits.ts';
import { nameExpression } from './sqlite-words.ts';

type Found = Candidates<StoredHit>;

export class SqliteSearch {
  readonly #rows: CandidateRows;
  readonly #copies: ContentCopies;

  constructor(database: DatabaseSync, copies: ContentCopies) {
    this.#rows = new CandidateRows(database);
    this.#copies = copies;
  }

  search(query: CompiledQuery, { limit, cursor }: PageRequest): SearchPage {
    const most = bounded(limit, maxSearchResults);
    const stretch = stretchOf(cursor, most);
    if (stretch === undefined) return emptyPage;
    return this.#pageOf(this.#rows.of(query, stretch), stretch, most, relevanceTo(query));
  }

  findName(name: string, limit: number): SearchPage {
    const most = bounded(limit, maxSearchResults);
    // There are no others.
    const stretch = { below: Number.MAX_SAFE_INTEGER, given: 0, limit: most };
    const { results, more } = isId(name)
      ? this.#pageOf({ hits: this.#ofContent(name as ContentId), next: undefined }, stretch, most, () => 0)
      : this.#pageOf(this.#named(name, stretch), stretch, most, (path) => Number(baseName(path) === name));
    return { results, more };
  }

  /** The one that most have first. */
  #ofContent(id: ContentId): readonly StoredHit[] {
    return this.#copies.hits(id).toSorted((a, b) => b.copies - a.copies);
  }

  #named(name: string, stretch: Stretch): Found {
    return this.#rows.ofExpression(nameExpression(name), stretch, ({ path }) => baseName(path) === name);
  }

  #pageOf(
    candidates: Found,
    stretch: Stretch,
    limit: number,
    relevanceOf: (path: string) => number,
  ): SearchPage {
    return pageAtOnce(candidates, stretch, limit, relevanceOf, (contents) => this.#copies.of(contents));
  }
}
