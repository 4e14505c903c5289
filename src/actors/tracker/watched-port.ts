/**
 * Stands between a visit and the world: counts what goes through, and keeps from both sides what is denied. Invariant:
 * what was denied before an answer is made is in none, whichever request asks for it.
 */
import type { Result } from '../../core/result.ts';
import type { ThreadCounters } from '../../core/tracker-counters.ts';
import type { DurationName } from '../../core/tracker-measures.ts';
import type { ContentSources, ShareChange } from '../../store/catalog-store.ts';
import type { Answer, Question } from '../runtime/index.ts';
import type { FoundPage, LookUp } from './look-ups.ts';
import type { RegistryCommand } from './registry.ts';
import type { TermsInForce } from './terms.ts';
import type { VisitPort } from './visit-port.ts';

const lookUpDurations: Partial<Record<LookUp['type'], DurationName>> = {
  search: 'search',
  'find-name': 'findName',
  holders: 'holders',
};

const writes: ReadonlySet<RegistryCommand['type']> = new Set(['apply', 'commit', 'drop-buckets']);

const allBuckets = 256;

export function watchedPort(port: VisitPort, terms: TermsInForce, counters: ThreadCounters): VisitPort {
  function ask<const Q extends Question<RegistryCommand>>(
    question: Q,
    then: (answer: Answer<RegistryCommand, Q>) => void,
  ): void {
    const startMs = port.nowMs();
    if (question.type === 'drop-buckets' && question.buckets.length === allBuckets)
      counters.addTo('syncs', 'full');
    port.ask(allowed(question), (answer) => {
      if (writes.has(question.type)) counters.took('write', port.nowMs() - startMs);
      if (question.type === 'apply') countChange(answer as Result<ShareChange>);
      then(answer);
    });
  }

  /** The same, with files that are not to be listed marked as such. */
  function allowed<const Q extends Question<RegistryCommand>>(question: Q): Q {
    if (question.type !== 'apply') return question;
    const { adds } = question.batch;
    if (!adds.some((file) => terms.denied.refusesFile(file))) return question;
    const marked = adds.map((file) => (terms.denied.refusesFile(file) ? { ...file, isDenied: true } : file));
    return { ...question, batch: { ...question.batch, adds: marked } };
  }

  function countChange(change: Result<ShareChange>): void {
    if (!change.ok) return;
    counters.add('filesAdded', change.value.added);
    counters.add('filesRemoved', change.value.removed);
    for (const { problem } of change.value.rejected)
      counters.addToOr('filesRejected', problem.code === 'unauthorised' ? 'denied' : problem.code);
  }

  function lookUp<const Q extends Question<LookUp>>(
    question: Q,
    then: (answer: Answer<LookUp, Q>) => void,
  ): void {
    const startMs = port.nowMs();
    const duration = lookUpDurations[question.type];
    const { words } = terms.denied.rules;
    const narrowed =
      question.type === 'search' && words.length > 0 ? { ...question, without: words } : question;
    port.lookUp(narrowed, (answer) => {
      if (duration !== undefined) counters.took(duration, port.nowMs() - startMs);
      then(shown(question.type, answer as Result<unknown>) as Answer<LookUp, Q>);
    });
  }

  function shown(type: LookUp['type'], answer: Result<unknown>): Result<unknown> {
    if (!answer.ok) return answer;
    if (type === 'search' || type === 'find-name') {
      const page = answer.value as FoundPage;
      if (page.isPartial === true) counters.add('partialSearches');
      const results = page.results.map((result) => terms.denied.shown(result));
      return { ok: true, value: { ...page, results: results.filter((result) => result !== undefined) } };
    }
    if (type !== 'holders') return answer;
    const contents = answer.value as readonly ContentSources[];
    const isShown = ({ id }: ContentSources): boolean => !terms.denied.refusesContent(id);
    return {
      ok: true,
      value: contents.map((content) => (isShown(content) ? content : { ...content, sources: [] })),
    };
  }

  return {
    ...port,
    ask,
    lookUp,
    join(joining, then) {
      port.join(joining, (partial) =>
        then(partial.map((sources, at) => (isDenied(joining.ids[at]) ? [] : sources))),
      );
    },
    announce(news) {
      if (news.type === 'returned') return port.announce(news);
      const ids = news.ids.filter((id) => !terms.denied.refusesContent(id));
      if (ids.length > 0) port.announce({ ...news, ids });
    },
    reply(reply) {
      if (reply.type === 'error') countRefusal(reply.code, reply.retryAfterMs ?? 0);
      else if (reply.type === 'in-sync' || reply.type === 'buckets') counters.addTo('syncs', reply.type);
      else if (reply.type === 'committed') counters.addTo('syncs', 'delta');
      port.reply(reply);
    },
  };

  /** Who must wait with a share is told for how long; that is no refusal of anything else. */
  function countRefusal(code: string, retryAfterMs: number): void {
    counters.addToOr('refusals', code);
    if (retryAfterMs === 0) return;
    counters.addTo('syncs', 'wait');
    counters.set('retryAfterMs', retryAfterMs);
  }

  function isDenied(id: ContentSources['id'] | undefined): boolean {
    return id !== undefined && terms.denied.refusesContent(id);
  }
}
