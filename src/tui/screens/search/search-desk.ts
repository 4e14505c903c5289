/**
 * What the screens of searching have in common: the search that is shown, the ones that are saved, and what is here
 * already. Invariant: one for each engine the UI is attached to, whichever screen asks first.
 */
import type { EngineEvent } from '../../../core/engine/engine-api.ts';
import type { ContentId } from '../../../core/ids.ts';
import { isId } from '../../../core/ids.ts';
import { searchLimit } from '../../../core/limits/screen.ts';
import { compileQuery } from '../../../core/search/query.ts';
import { isShoalLink, parseLink } from '../../../core/shoal-link.ts';
import { ask, toast, type Effect } from '../../model/effects.ts';
import type { EngineModel } from '../../model/engine-model.ts';
import type { ScreenContext } from '../../screen/screen.ts';
import { showName } from '../../text/names.ts';
import { plural } from '../../text/numbers.ts';
import { LocalCopies } from './local-copies.ts';
import { savedName, SavedSearches } from './saved-searches.ts';
import { SearchRun, type NextPage } from './search-run.ts';
import { queryField } from './query-line.ts';

const desks = new WeakMap<EngineModel, SearchDesk>();

export function searchDesk(context: ScreenContext): SearchDesk {
  const kept = desks.get(context.engine);
  if (kept !== undefined) return kept;
  const desk = new SearchDesk(context);
  desks.set(context.engine, desk);
  return desk;
}

export class SearchDesk {
  readonly run = new SearchRun();
  readonly saved = new SavedSearches();
  readonly copies = new LocalCopies();
  readonly #context: ScreenContext;
  #knowsShare = false;
  #repeating: string | undefined;
  /** Called with each change of what was found: a search has begun, a part of its answer or the next page has come. */
  onResults: (change: 'begun' | 'part' | 'page') => void = () => undefined;

  constructor(context: ScreenContext) {
    this.#context = context;
    for (const download of context.engine.transfers.views()) this.copies.noteDownload(download);
  }

  /** Reads what the profile has kept. */
  load(): Effect {
    return {
      type: 'run',
      task: async (ports) => {
        this.saved.load(await ports.load(savedName));
        this.#context.changed();
        return [];
      },
    };
  }

  keepSaved(): Effect {
    return {
      type: 'run',
      task: async (ports) => {
        await ports.save(savedName, this.saved.data());
        return [];
      },
    };
  }

  /** Searches for what was written: words, a content id or a link. Asks nothing when the query makes no sense. */
  search(text: string): readonly Effect[] {
    const query = text.trim().replace(/^\/+\s*/, '');
    if (query === '') return [];
    const content = contentIn(query);
    const compiled = content === undefined ? compileQuery(query) : undefined;
    if (compiled?.ok === false) {
      this.run.refuse(query, compiled.problem);
      this.onResults('begun');
      return [];
    }
    const number = this.run.begin(query, this.#context.now());
    this.onResults('begun');
    const effects: Effect[] = [{ type: 'remember', field: queryField, text: query }];
    if (!this.#knowsShare) effects.push(this.#askShare());
    if (this.saved.has(query)) {
      this.saved.seen(query);
      effects.push(this.keepSaved());
    }
    if (number !== undefined)
      effects.push(content === undefined ? this.#ask({ number, query }) : this.#askName(number, content));
    return effects;
  }

  /** Asks for the next page of what is shown; nothing where there is none. */
  more(): readonly Effect[] {
    const next = this.run.beginMore(this.#context.now());
    return next === undefined ? [] : [this.#ask(next)];
  }

  /** Repeats a saved search whose time has come. One at a time. */
  repeat(): readonly Effect[] {
    const wallMs = this.#context.wall();
    const query = this.#repeating === undefined ? this.saved.due(wallMs) : undefined;
    if (query === undefined || this.run.state.phase === 'asking') return [];
    this.#repeating = query;
    const over = (effects: readonly Effect[] = []): readonly Effect[] => {
      this.#repeating = undefined;
      return effects;
    };
    return [
      ask(
        { type: 'search', query, limit: searchLimit },
        ({ answer, last }) => {
          if (answer.ok && !last) return [];
          if (!answer.ok) this.saved.postpone(query, wallMs);
          return over(answer.ok ? this.#repeated(query, answer.value, wallMs) : []);
        },
        () => {
          this.saved.postpone(query, wallMs);
          return over();
        },
      ),
    ];
  }

  receive(event: EngineEvent): void {
    this.copies.receive(event);
  }

  #repeated(query: string, results: Parameters<SavedSearches['took']>[1], wallMs: number): readonly Effect[] {
    const news = this.saved.took(query, results, wallMs);
    if (news === 0) return [];
    return [
      toast(`${plural(news, 'new result')} for ${showName(query).text} (' shows saved searches)`),
      this.keepSaved(),
    ];
  }

  #ask({ number, query, cursor }: Pick<NextPage, 'number' | 'query'> & Partial<NextPage>): Effect {
    const change = cursor === undefined ? 'part' : 'page';
    return ask(
      { type: 'search', query, limit: searchLimit, cursor },
      ({ answer, last, trackers, end }) => {
        this.#take(number, answer, { last, ...trackers, end }, change);
        if (answer.ok || cursor === undefined) return [];
        return [toast(showName(answer.problem.message).text, 'warning')];
      },
      () => this.#unanswered(number, change),
    );
  }

  #askName(number: number, content: ContentId): Effect {
    return ask(
      { type: 'find-name', name: content },
      ({ answer }) => this.#take(number, answer, { last: true, asked: 1, answered: 1 }, 'part'),
      () => this.#unanswered(number, 'part'),
    );
  }

  #unanswered(number: number, change: 'part' | 'page'): readonly Effect[] {
    const problem = { code: 'timeout', message: 'No tracker answered in time' } as const;
    return this.#take(number, { ok: false, problem }, { last: true, asked: 0, answered: 0 }, change);
  }

  #take(
    number: number,
    answer: Parameters<SearchRun['answer']>[1],
    facts: Parameters<SearchRun['answer']>[2],
    change: 'part' | 'page',
  ): readonly [] {
    if (this.run.answer(number, answer, facts, this.#context.now())) this.onResults(change);
    return [];
  }

  /** Asked once, at the first search: from then on events tell. */
  #askShare(): Effect {
    this.#knowsShare = true;
    return ask(
      { type: 'shared' },
      ({ answer }) => {
        if (answer.ok) this.copies.takeShare(answer.value);
        else this.#knowsShare = false;
        return [];
      },
      () => {
        this.#knowsShare = false;
        return [];
      },
    );
  }
}

/** The content that a query names: an id, `id:` and an id, or a link. */
function contentIn(query: string): ContentId | undefined {
  if (isShoalLink(query)) {
    const link = parseLink(query);
    return link.ok ? link.value.id : undefined;
  }
  const id = query.replace(/^id:/i, '');
  return isId(id) ? (id as ContentId) : undefined;
}
