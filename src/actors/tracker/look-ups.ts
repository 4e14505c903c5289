/**
 * What can be looked up in a catalogue without changing it, by whoever has it open: the searchers, or the registry
 * where there are none. Types and one function; holds nothing.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Allowance } from '../../core/tracker/allowance.ts';
import type { PeerSummary } from '../../core/catalogue.ts';
import type { ContentId } from '../../core/ids.ts';
import { phraseTerms, withoutWords } from '../../core/tracker/deny-list.ts';
import { suggestionMs } from '../../core/limits/stores.ts';
import { compileQuery } from '../../core/search/query.ts';
import { ok, type Result } from '../../core/result.ts';
import type { CatalogReader, ContentSources, PeerPage, SearchPage } from '../../store/catalog-store.ts';
import { findSuggestion } from '../../store/find-suggestion.ts';
import type { Asking } from '../runtime/index.ts';
import type { Answer } from './answers.ts';

/** What a search found, and what to search for instead when that is nothing. */
export interface FoundPage extends SearchPage {
  readonly suggestion?: string | undefined;
}

interface Without {
  /** Phrases under which nothing is to be found. */
  readonly without?: readonly string[] | undefined;
}

export type LookUp =
  | ({
      readonly type: 'search';
      readonly query: string;
      readonly limit: number;
      /** What the page before gave; none: the first page. */
      readonly cursor?: string | undefined;
    } & Without &
      Asking<Result<FoundPage>>)
  | ({ readonly type: 'find-name'; readonly name: string; readonly limit: number } & Without &
      Asking<Result<FoundPage>>)
  /** Contents by their ids, without those that nobody shares now. */
  | ({ readonly type: 'find-contents'; readonly ids: readonly ContentId[] } & Without &
      Asking<Result<FoundPage>>)
  | ({
      readonly type: 'holders';
      readonly ids: readonly ContentId[];
      readonly perContent: number;
      /** Which of more than that, see `CatalogReader`; default: those known longest. */
      readonly turn?: number;
    } & Asking<Result<readonly ContentSources[]>>)
  | ({ readonly type: 'peers'; readonly cursor: string | undefined; readonly limit: number } & Asking<
      Result<PeerPage>
    >)
  /** By name or id; undefined when nobody of that kind is online. */
  | ({ readonly type: 'find-peer'; readonly peer: string } & Asking<Result<PeerSummary | undefined>>);

/** Looks it up and answers. `suggesting`: see `suggestionTime`. */
export function lookUp(
  catalogue: CatalogReader,
  message: LookUp,
  answer: Answer,
  suggesting: Allowance,
): void {
  switch (message.type) {
    case 'search':
      return answer(message.replyTo, (isCalm) => search(catalogue, message, isCalm, suggesting));
    case 'find-name':
      return answer(message.replyTo, async () => ok(await findName(catalogue, message)));
    case 'find-contents':
      return answer(message.replyTo, async () => ok(await contentsOf(catalogue, message)));
    case 'holders':
      return answer(message.replyTo, async () =>
        ok(await catalogue.holders(message.ids, message.perContent, message.turn)),
      );
    case 'peers':
      return answer(message.replyTo, async () => ok(await catalogue.peers(message.cursor, message.limit)));
    case 'find-peer':
      return answer(message.replyTo, async () => ok(await catalogue.findPeer(message.peer)));
  }
}

async function findName(
  catalogue: CatalogReader,
  { name, limit, without = [] }: { readonly name: string; readonly limit: number } & Without,
): Promise<FoundPage> {
  return catalogue.findName(name, limit, phraseTerms(without));
}

/** Each as its own name look-up gives it. */
async function contentsOf(
  catalogue: CatalogReader,
  { ids, without }: { readonly ids: readonly ContentId[] } & Without,
): Promise<FoundPage> {
  const each = [...new Set(ids)].map((name) => findName(catalogue, { name, limit: 1, without }));
  const pages = await Promise.all(each);
  return {
    results: pages.flatMap((page) => page.results),
    more: false,
    ...(pages.some(({ isPartial }) => isPartial) && { isPartial: true }),
  };
}

async function search(
  catalogue: CatalogReader,
  { query: text, limit, cursor, without = [] }: Extract<LookUp, { readonly type: 'search' }>,
  isCalm: () => boolean,
  suggesting: Allowance,
): Promise<Result<FoundPage>> {
  const query = compileQuery(text);
  if (!query.ok) return query;
  // What is denied is not suggested either.
  const allowed: Pick<CatalogReader, 'search' | 'wordsLike'> = {
    search: (asked, page) => catalogue.search(withoutWords(asked, without), page),
    wordsLike: (prefix, most) => catalogue.wordsLike(prefix, most),
  };
  const page = await allowed.search(query.value, { limit, cursor });
  const isEmpty = page.results.length === 0 && !page.more && page.isPartial !== true;
  if (!isEmpty || cursor !== undefined) return ok(page);
  const startedMs = performance.now();
  const passedMs = (): number => performance.now() - startedMs;
  if (suggesting.waitMs(startedMs, suggestionMs) > 0) return ok(page);
  const suggestion = await findSuggestion(allowed, text, async () => {
    // Whoever asks meanwhile has a turn between any two look-ups.
    await nextTurn();
    return isCalm() && passedMs() < suggestionMs;
  });
  suggesting.take(performance.now(), Math.min(passedMs(), suggestionMs));
  return ok({ ...page, suggestion });
}
