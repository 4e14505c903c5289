/**
 * A search, or the look-up of a name, at one tracker: page by page, as far as was asked for. Pure. Invariant: it ends
 * after so many pages, whatever the tracker gives; names hold nothing that could move or turn text; and what is
 * suggested is a query that can be asked.
 */
import type { SearchEnd, SearchFindings, SearchResult } from '../../../core/catalogue.ts';
import { fileTypeOf } from '../../../core/search/file-type.ts';
import type { ContentId } from '../../../core/ids.ts';
import { maxSearchPages } from '../../../core/limits/tracker-link.ts';
import { maxIdsPerGetSources, maxSearchResults, maxSourcesPerContent } from '../../../core/limits/wire.ts';
import { joinResults, resultKey } from '../../../core/search/merge-results.ts';
import { compileQuery } from '../../../core/search/query.ts';
import { ok, type Problem, type Result } from '../../../core/result.ts';
import { displayName } from '../../../core/safe-name.ts';
import type { FoundContent, TrackerMessageNamed, TrackerReply } from '../../../protocol/tracker-messages.ts';
import type { ReplyTo } from '../../runtime/index.ts';
import { Collecting, isAddress, sourceOf, type RequestBody } from './exchange.ts';
import type { TrackerQuestion } from './trackers-messages.ts';

type Search = Extract<TrackerQuestion, { readonly type: 'search' }>;
type Results = TrackerMessageNamed<'results'>;

export class SearchExchange extends Collecting<SearchResult, SearchFindings> {
  readonly #question: Search;
  /** Contents that were found, each once: how many there are. */
  readonly #keys = new Set<string>();
  #cursor: string | undefined;
  #pages = 0;
  /** Results that the page which is coming has brought so far. */
  #onPage = 0;
  #end: SearchEnd = {};

  constructor(question: Search) {
    super(question.replyTo);
    this.#question = question;
    this.#cursor = question.cursor;
  }

  request(): RequestBody {
    const { query, limit } = this.#question;
    const room = Math.max(0, limit - this.#keys.size);
    return { type: 'search', query, limit: Math.min(room, maxSearchResults), cursor: this.#cursor };
  }

  take(reply: TrackerReply): 'more' | 'again' | 'done' {
    if (reply.type !== 'results') return 'done';
    for (const found of reply.results) this.#add(resultOf(found));
    this.#onPage += reply.results.length;
    if (reply.more) return 'more';
    this.#pages += 1;
    // A tracker that repeats itself leads nowhere.
    const next = reply.cursor === this.#cursor ? undefined : reply.cursor;
    this.#end = this.#endOf(reply, next);
    this.#cursor = next;
    this.#onPage = 0;
    const isEnough = this.#keys.size >= this.#question.limit || this.#pages >= maxSearchPages;
    return next === undefined || isEnough ? 'done' : 'again';
  }

  /** The pages that have come are worth telling; where they stop is where to go on. */
  override fail(problem: Problem): void {
    if (this.#pages > 0) this.finish();
    else super.fail(problem);
  }

  protected answer(): Result<SearchFindings> {
    return ok({ results: joinResults(this.found), end: this.#end });
  }

  /** A tracker that gives more than it was asked for is not believed the rest. */
  #add(result: SearchResult): void {
    const key = resultKey(result);
    if (!this.#keys.has(key) && this.#keys.size >= this.#question.limit) return;
    this.#keys.add(key);
    this.found.push(result);
  }

  #endOf({ isPartial, suggestion }: Results, cursor: string | undefined): SearchEnd {
    // Without a cursor, a page that is as full as can be tells of no more than it holds.
    const isCut = cursor === undefined && this.#onPage >= maxSearchResults;
    return {
      ...(cursor !== undefined && { cursor }),
      ...(isCut && { isCut }),
      ...((isPartial === true || this.#end.isPartial === true) && { isPartial: true }),
      ...(this.found.length === 0 && this.#canAsk(suggestion) && { suggestion }),
    };
  }

  #canAsk(suggestion: string | undefined): boolean {
    if (suggestion === undefined || suggestion === this.#question.query) return false;
    return displayName(suggestion) === suggestion && compileQuery(suggestion).ok;
  }
}

export class NameExchange extends Collecting<SearchResult, readonly SearchResult[]> {
  readonly #name: string;

  constructor(replyTo: ReplyTo<Result<readonly SearchResult[]>>, name: string) {
    super(replyTo);
    this.#name = name;
  }

  request(): RequestBody {
    return { type: 'find-name', name: this.#name, limit: maxSearchResults };
  }

  take(reply: TrackerReply): 'more' | 'done' {
    if (reply.type !== 'results') return 'done';
    const room = maxSearchResults - this.found.length;
    this.found.push(...reply.results.slice(0, room).map(resultOf));
    return reply.more ? 'more' : 'done';
  }

  protected answer(): Result<readonly SearchResult[]> {
    return ok(this.found);
  }
}

/** Contents by their ids, so many at a time. */
export class ContentsExchange extends Collecting<SearchResult, readonly SearchResult[]> {
  readonly #ids: readonly ContentId[];
  readonly #isFinding: () => boolean;
  /** Those of the request under way that no result was of yet. */
  #open = new Set<ContentId>();
  #asked = 0;

  /** `isFinding`: whether the tracker knows the question; others are asked who has them, and name none. */
  constructor(
    replyTo: ReplyTo<Result<readonly SearchResult[]>>,
    ids: readonly ContentId[],
    isFinding: () => boolean,
  ) {
    super(replyTo);
    this.#ids = [...new Set(ids)];
    this.#isFinding = isFinding;
  }

  request(): RequestBody {
    const ids = this.#ids.slice(this.#asked, this.#asked + maxIdsPerGetSources);
    this.#open = new Set(ids);
    if (this.#isFinding()) return { type: 'find-contents', ids };
    return { type: 'get-sources', ids, perId: maxSourcesPerContent };
  }

  take(reply: TrackerReply): 'more' | 'again' | 'done' {
    if (reply.type === 'results') reply.results.forEach((result) => this.#add(resultOf(result)));
    else if (reply.type === 'sources')
      for (const { sources, ...content } of reply.contents)
        if (sources.length > 0) this.#add(resultOf({ ...content, names: [''], sources }));
    if (reply.type === 'results' && reply.more) return 'more';
    this.#asked += maxIdsPerGetSources;
    return this.#asked < this.#ids.length ? 'again' : 'done';
  }

  protected answer(): Result<readonly SearchResult[]> {
    return ok(this.found);
  }

  /** What was not asked for is not believed, nor is the second of two. */
  #add(result: SearchResult): void {
    if (this.#open.delete(result.id)) this.found.push(result);
  }
}

function resultOf({ id, sizeBytes, names, sources, folder }: FoundContent): SearchResult {
  const shown = names.map(displayName);
  const [name = ''] = shown;
  return {
    id,
    name,
    names: shown,
    ...(folder !== undefined && { folder: displayName(folder) }),
    sizeBytes,
    type: fileTypeOf(name),
    sources: sources.filter(isAddress).map(sourceOf),
  };
}
