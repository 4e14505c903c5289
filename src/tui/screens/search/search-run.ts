/**
 * One search from Enter to its last answer: what was asked, how far it is, and what came of searches before it.
 * Invariant: an answer to an earlier question changes nothing that is shown.
 */
import type { SearchResult } from '../../../core/catalogue.ts';
import { maxKeptSearches, searchFreshMs } from '../../../core/limits.ts';
import type { QueryProblem } from '../../../core/query.ts';
import type { Problem, Result } from '../../../core/result.ts';

export interface SearchState {
  /** Empty before the first search. */
  readonly query: string;
  readonly phase: 'idle' | 'asking' | 'done';
  readonly startedMs: number;
  readonly tookMs: number;
  readonly asked: number;
  readonly answered: number;
  readonly results: readonly SearchResult[];
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
  results: [],
  problem: undefined,
  wrong: undefined,
  ageMs: undefined,
};

export class SearchRun {
  #state: SearchState = never;
  #number = 0;
  readonly #kept = new Map<string, Kept>();

  get state(): SearchState {
    return this.#state;
  }

  /** Begins a search. Undefined: it was answered a moment ago, and that answer is shown again. */
  begin(query: string, nowMs: number): number | undefined {
    const kept = this.#kept.get(query);
    this.#number += 1;
    if (kept !== undefined && nowMs - kept.atMs < searchFreshMs) {
      this.#state = { ...kept.state, ageMs: nowMs - kept.atMs };
      return undefined;
    }
    this.#state = { ...never, query, phase: 'asking', startedMs: nowMs };
    return this.#number;
  }

  /** A query that cannot be asked. */
  refuse(query: string, { from, to, ...problem }: QueryProblem): void {
    this.#number += 1;
    this.#state = { ...never, query, phase: 'done', problem, wrong: { from, to } };
  }

  /** Takes an answer in. Returns whether it is to what was asked last. */
  answer(
    number: number,
    answer: Result<readonly SearchResult[]>,
    facts: { readonly last: boolean; readonly asked: number; readonly answered: number },
    nowMs: number,
  ): boolean {
    if (number !== this.#number) return false;
    const { last, asked, answered } = facts;
    this.#state = {
      ...this.#state,
      phase: last || !answer.ok ? 'done' : 'asking',
      tookMs: nowMs - this.#state.startedMs,
      asked,
      answered,
      results: answer.ok ? answer.value : this.#state.results,
      problem: answer.ok ? undefined : answer.problem,
    };
    if (last && answer.ok) this.#keep(nowMs);
    return true;
  }

  #keep(nowMs: number): void {
    this.#kept.delete(this.#state.query);
    this.#kept.set(this.#state.query, { state: this.#state, atMs: nowMs });
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > maxKeptSearches && oldest !== undefined) this.#kept.delete(oldest);
  }
}
