/**
 * Answers from memory what was looked up a moment ago, for catalogues that are far away. Invariant: questions that
 * are alike and under way at once are asked once, answers kept are bounded in number and age, and what was partial
 * or failed is never kept.
 */
import type { ContentId } from '../core/ids.ts';
import { redisCachedAnswers, redisHoldersFreshMs, redisPageFreshMs } from '../core/limits/redis.ts';
import type { CompiledQuery, Term } from '../core/search/query-match.ts';
import type { ThreadCounters } from '../core/tracker/tracker-counters.ts';
import type { CatalogReader, ContentSources, PageRequest, SearchPage } from './catalog-store.ts';

interface Kept {
  readonly answer: Promise<unknown>;
  freshUntilMs: number;
}

export class CachedReader implements CatalogReader {
  readonly #reader: CatalogReader;
  readonly #nowMs: () => number;
  readonly #counters: ThreadCounters | undefined;
  /** The oldest first. */
  readonly #kept = new Map<string, Kept>();

  constructor(
    reader: CatalogReader,
    {
      nowMs = () => performance.now(),
      counters,
    }: { readonly nowMs?: () => number; readonly counters?: ThreadCounters | undefined } = {},
  ) {
    this.#reader = reader;
    this.#nowMs = nowMs;
    this.#counters = counters;
  }

  async search(query: CompiledQuery, page: PageRequest): Promise<SearchPage> {
    const key = JSON.stringify(['search', query, page.limit, page.cursor]);
    return this.#once(key, redisPageFreshMs, isWhole, () => this.#reader.search(query, page));
  }

  async findName(name: string, limit: number, without: readonly Term[] = []): Promise<SearchPage> {
    const key = JSON.stringify(['name', name, limit, without]);
    return this.#once(key, redisPageFreshMs, isWhole, () => this.#reader.findName(name, limit, without));
  }

  /** Whose turn it is counts only for those that are asked anew. */
  async holders(ids: readonly ContentId[], perContent: number, turn = 0): Promise<readonly ContentSources[]> {
    const key = JSON.stringify(['holders', ids, perContent, turn === 0]);
    return this.#once(key, redisHoldersFreshMs, hasSources, () =>
      this.#reader.holders(ids, perContent, turn),
    );
  }

  async peers(cursor: string | undefined, limit: number): ReturnType<CatalogReader['peers']> {
    return this.#reader.peers(cursor, limit);
  }

  async findPeer(peer: string): ReturnType<CatalogReader['findPeer']> {
    return this.#reader.findPeer(peer);
  }

  async wordsLike(prefix: string, limit: number): Promise<readonly string[]> {
    return this.#reader.wordsLike(prefix, limit);
  }

  async stats(): ReturnType<CatalogReader['stats']> {
    const key = 'stats';
    return this.#once(key, redisPageFreshMs, isWhole, () => this.#reader.stats());
  }

  async close(): Promise<void> {
    this.#kept.clear();
    await this.#reader.close();
  }

  async #once<T>(
    key: string,
    freshMs: number,
    isWorthKeeping: (answer: T) => boolean,
    ask: () => Promise<T>,
  ): Promise<T> {
    const known = this.#kept.get(key);
    const isFresh = known !== undefined && known.freshUntilMs > this.#nowMs();
    this.#counters?.add(isFresh ? 'cacheHits' : 'cacheMisses');
    if (isFresh) return known.answer as Promise<T>;
    this.#kept.delete(key);
    const kept: Kept = { answer: ask(), freshUntilMs: Infinity };
    this.#kept.set(key, kept);
    // A page can take half a megabyte, so none is kept longer than it is of use.
    for (const [oldest, { freshUntilMs }] of this.#kept) {
      if (freshUntilMs > this.#nowMs() && this.#kept.size <= redisCachedAnswers) break;
      this.#kept.delete(oldest);
    }
    try {
      const answer = (await kept.answer) as T;
      kept.freshUntilMs = isWorthKeeping(answer) ? this.#nowMs() + freshMs : -Infinity;
      return answer;
    } catch (error) {
      if (this.#kept.get(key) === kept) this.#kept.delete(key);
      throw error;
    }
  }
}

function isWhole({ isPartial }: { readonly isPartial?: boolean }): boolean {
  return isPartial !== true;
}

/** Somebody may share it any moment, and who waits for that asks again and again. */
function hasSources(contents: readonly ContentSources[]): boolean {
  return contents.every((content) => content.sources.length > 0 && isWhole(content));
}
