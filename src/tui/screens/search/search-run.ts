/**
 * One search from Enter to its last answer and on, page by page: what was asked, how far it is, and what came of
 * searches before it. Invariant: an answer to an earlier question changes nothing that is shown, and a content that
 * is on two pages is there once.
 */
import type { SearchEnd, SearchResult } from '../../../core/catalogue.ts';
import { maxKeptSearches, maxShownResults, searchFreshMs } from '../../../core/limits/screen.ts';
import { joinResults } from '../../../core/search/merge-results.ts';
import { queryMeant } from '../../../core/search/query-parts.ts';
import type { QueryProblem } from '../../../core/search/query.ts';
import type { Problem, Result } from '../../../core/result.ts';
import { emptyList, ResultList } from './result-list.ts';

export interface SearchState {
  /** Empty before the first search. */
  readonly query: string;
  /** `more`: results are there, and the next page is asked for. */
  readonly phase: 'idle' | 'asking' | 'more' | 'done';
  readonly startedMs: number;
  readonly tookMs: number;
  readonly asked: number;
  readonly answered: number;
  readonly results: ResultList;
  /** Known with the last answer. */
  readonly end: SearchEnd;
  readonly problem: Problem | undefined;
  /** The part of the query that makes no sense, in UTF-16 units. */
  readonly wrong: { readonly from: number; readonly to: number } | undefined;
  /** The answer is one from so long ago. */
  readonly ageMs: number | undefined;
}

interface Kept {
  readonly state: SearchState;
  readonly atMs: number;
}

const never: SearchState = {
  query: '',
  phase: 'idle',
  startedMs: 0,
  tookMs: 0,
  asked: 0,
  answered: 0,
  results: emptyList,
  end: {},
  problem: undefined,
  wrong: undefined,
  ageMs: undefined,
};

export interface NextPage {
  readonly number: number;
  readonly query: string;
  readonly cursor: string;
}

export class SearchRun {
  #state: SearchState = never;
  /** What was there before the page that is asked for. */
  #before = emptyList;
  #number = 0;
  readonly #kept = new Map<string, Kept>();

  get state(): SearchState {
    return this.#state;
  }

  /** Begins a search. Undefined: it was answered a moment ago, and that answer is shown again. */
  begin(query: string, nowMs: number): number | undefined {
    const kept = this.#kept.get(query);
    this.#number += 1;
    this.#before = emptyList;
    if (kept !== undefined && nowMs - kept.atMs < searchFreshMs) {
      this.#state = { ...kept.state, ageMs: nowMs - kept.atMs };
      return undefined;
    }
    this.#state = { ...never, query, phase: 'asking', startedMs: nowMs };
    return this.#number;
  }

  /** Begins to ask for the next page; undefined where there is none, or enough is shown. */
  beginMore(nowMs: number): NextPage | undefined {
    const { query, phase, results, end } = this.#state;
    if (phase !== 'done' || end.cursor === undefined || results.length >= maxShownResults) return undefined;
    this.#number += 1;
    this.#before = results;
    this.#state = { ...this.#state, phase: 'more', startedMs: nowMs, ageMs: undefined };
    return { number: this.#number, query, cursor: end.cursor };
  }

  /** A query that cannot be asked. */
  refuse(query: string, refused: QueryProblem): void {
    const { code, message, from, to } = refused;
    const suggestion = queryMeant(query, refused);
    const end = suggestion === undefined ? {} : { suggestion };
    this.#number += 1;
    this.#state = { ...never, query, phase: 'done', end, problem: { code, message }, wrong: { from, to } };
  }

  /** Takes an answer in. Returns whether it is to what was asked last. */
  answer(
    number: number,
    answer: Result<readonly SearchResult[]>,
    facts: {
      readonly last: boolean;
      readonly asked: number;
      readonly answered: number;
      readonly end?: SearchEnd | undefined;
    },
    nowMs: number,
  ): boolean {
    if (number !== this.#number) return false;
    if (!answer.ok && this.#state.phase === 'more') {
      // What is there stays, and the page can be asked for again.
      this.#state = { ...this.#state, phase: 'done' };
      return true;
    }
    const { last, asked, answered, end = {} } = facts;
    this.#state = {
      ...this.#state,
      phase: last || !answer.ok ? 'done' : this.#state.phase,
      tookMs: nowMs - this.#state.startedMs,
      asked,
      answered,
      results: answer.ok ? this.#joined(answer.value) : this.#state.results,
      end,
      problem: answer.ok ? undefined : answer.problem,
    };
    if (last && answer.ok) this.#keep(nowMs);
    return true;
  }

  #joined(page: readonly SearchResult[]): ResultList {
    if (this.#before.length === 0) return new ResultList(page);
    return new ResultList(joinResults([...this.#before, ...page]).slice(0, maxShownResults));
  }

  #keep(nowMs: number): void {
    this.#kept.delete(this.#state.query);
    this.#kept.set(this.#state.query, { state: this.#state, atMs: nowMs });
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > maxKeptSearches && oldest !== undefined) this.#kept.delete(oldest);
  }
}
