/**
 * Answers searches of an SQLite catalogue with pages of results. Invariant: a page is of one moment, whatever is
 * written meanwhile.
 */
import type { DatabaseSync } from 'node:sqlite';
import { baseName } from '../../core/search/file-type.ts';
import { isId, type ContentId } from '../../core/ids.ts';
import { maxSearchResults } from '../../core/limits/wire.ts';
import { matchesAny, type CompiledQuery, type Term } from '../../core/search/query-match.ts';
import { relevanceTo } from '../../core/search/query-rank.ts';
import { wholeNamesOf } from '../../core/search/whole-name.ts';
import type { PageRequest, SearchPage } from '../catalog-store.ts';
import { bounded } from '../checks.ts';
import { encodeCursor, firstStretch, stretchOf, type Stretch } from '../page-cursor.ts';
import { emptyPage, pageAtOnce, type Candidates } from '../results.ts';
import { CandidateRows } from './sqlite-candidates.ts';
import type { ContentCopies } from './sqlite-copies.ts';
import type { StoredHit } from './sqlite-hits.ts';
import { leftBeside, mayLackWholeNames, wholeFirst } from '../whole-names.ts';

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
    const page = this.#pageOf(this.#rows.of(query, stretch), stretch, most, relevanceTo(query));
    return mayLackWholeNames(page, cursor, most) ? this.#withWholeNames(query, page, most) : page;
  }

  #withWholeNames(query: CompiledQuery, page: SearchPage, limit: number): SearchPage {
    const wholeNames = wholeNamesOf(query);
    if (wholeNames.length === 0) return page;
    const stretch = firstStretch(limit);
    const whole = this.#pageOf(this.#rows.whole(query, wholeNames, stretch), stretch, limit, () => 0);
    const left = leftBeside(page, whole, limit);
    if (left === undefined) return page;
    const start = { results: [], more: true, cursor: encodeCursor(stretch) };
    const others =
      left === 0 ? start : this.#pageOf(this.#rows.of(query, stretch), stretch, left, relevanceTo(query));
    return wholeFirst(whole, others);
  }

  findName(name: string, limit: number, without: readonly Term[]): SearchPage {
    const isMeant = ({ path }: StoredHit): boolean => !matchesAny(without, path);
    const most = bounded(limit, maxSearchResults);
    // There are no others.
    const stretch = firstStretch(most);
    const { results, more } = isId(name)
      ? this.#pageOf(
          { hits: this.#ofContent(name as ContentId, isMeant), next: undefined },
          stretch,
          most,
          () => 0,
        )
      : this.#pageOf(this.#rows.named(name, stretch, isMeant), stretch, most, (path) =>
          Number(baseName(path) === name),
        );
    return { results, more };
  }

  /** The one that most have first. */
  #ofContent(id: ContentId, isMeant: (hit: StoredHit) => boolean): readonly StoredHit[] {
    return this.#copies.hits(id, isMeant).toSorted((a, b) => b.copies - a.copies);
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
