/**
 * Stands between a visit and the world: counts what goes through, and keeps from both sides what is denied. Invariant:
 * what was denied before an answer is made is in none, whichever request asks for it.
 */
import type { Source } from '../../core/catalogue.ts';
import type { FileEntries } from '../../core/share/file-entries.ts';
import type { ContentId } from '../../core/ids.ts';
import type { Result } from '../../core/result.ts';
import type { DurationName } from '../../core/tracker/tracker-measures.ts';
import type { Sendable } from '../../protocol/session-events.ts';
import type { TrackerReply } from '../../protocol/tracker-messages.ts';
import type { ContentSources, ShareChange } from '../../store/catalog-store.ts';
import type { Answer, Question } from '../runtime/index.ts';
import { HousePort } from './house-port.ts';
import type { FoundPage, LookUp } from './look-ups.ts';
import type { RegistryCommand } from './registry.ts';
import type { Permission } from './sync-permits.ts';
import type { Joining } from './visit-port.ts';

const lookUpDurations: Partial<Record<LookUp['type'], DurationName>> = {
  search: 'search',
  'find-name': 'findName',
  'find-contents': 'findContents',
  holders: 'holders',
};

/** Look-ups that are told what nothing is to be found under. */
const narrowedBy: ReadonlySet<LookUp['type']> = new Set(['search', 'find-name', 'find-contents']);

const writes: ReadonlySet<RegistryCommand['type']> = new Set(['apply', 'commit', 'drop-buckets']);

const allBuckets = 256;

export class WatchedPort extends HousePort {
  override ask<const Q extends Question<RegistryCommand>>(
    question: Q,
    then: (answer: Answer<RegistryCommand, Q>) => void,
  ): void {
    const { counters } = this.args;
    const startMs = this.nowMs();
    if (question.type === 'drop-buckets' && question.buckets.length === allBuckets)
      counters.addTo('syncs', 'full');
    super.ask(question, (answer) => {
      if (writes.has(question.type)) counters.took('write', this.nowMs() - startMs);
      if (question.type === 'apply') this.#countChange(answer as Result<ShareChange>);
      then(answer);
    });
  }

  override lookUp<const Q extends Question<LookUp>>(
    question: Q,
    then: (answer: Answer<LookUp, Q>) => void,
  ): void {
    const { terms, counters } = this.args;
    const startMs = this.nowMs();
    const duration = lookUpDurations[question.type];
    const { words } = terms.denied.rules;
    const narrowed =
      narrowedBy.has(question.type) && words.length > 0 ? { ...question, without: words } : question;
    super.lookUp(narrowed, (answer) => {
      if (duration !== undefined) counters.took(duration, this.nowMs() - startMs);
      then(this.#shown(question.type, answer as Result<unknown>) as Answer<LookUp, Q>);
    });
  }

  override join(joining: Joining, then: (partial: readonly (readonly Source[])[]) => void): void {
    super.join(joining, (partial) =>
      then(partial.map((sources, at) => (this.isDenied(joining.ids[at]) ? [] : sources))),
    );
  }

  override permit(then: (permission: Permission) => void): void {
    super.permit((permission) => {
      if (!permission.isGiven) {
        this.args.counters.addTo('syncs', 'wait');
        this.args.counters.set('retryAfterMs', permission.retryAfterMs);
      }
      then(permission);
    });
  }

  override reply(reply: Sendable<TrackerReply>): void {
    const { counters } = this.args;
    if (reply.type === 'error') counters.addToOr('refusals', reply.code);
    else if (reply.type === 'in-sync' || reply.type === 'buckets') counters.addTo('syncs', reply.type);
    else if (reply.type === 'committed') counters.addTo('syncs', 'delta');
    super.reply(reply);
  }

  protected override isDenied(id: ContentId | undefined): boolean {
    return id !== undefined && this.args.terms.denied.refusesContent(id);
  }

  protected override deniedOf(files: FileEntries): ((at: number) => boolean) | undefined {
    const { denied } = this.args.terms;
    if (!denied.refusesFiles) return undefined;
    return (at) => denied.refusesFile({ id: files.id(at), path: files.path(at) });
  }

  #countChange(change: Result<ShareChange>): void {
    const { counters } = this.args;
    if (!change.ok) return;
    counters.add('filesAdded', change.value.added);
    counters.add('filesRemoved', change.value.removed);
    for (const { problem } of change.value.rejected)
      counters.addToOr('filesRejected', problem.code === 'unauthorised' ? 'denied' : problem.code);
  }

  #shown(type: LookUp['type'], answer: Result<unknown>): Result<unknown> {
    const { terms, counters } = this.args;
    if (!answer.ok) return answer;
    if (type === 'search' || type === 'find-name' || type === 'find-contents') {
      const page = answer.value as FoundPage;
      if (page.isPartial === true) counters.add('partialSearches');
      const results = page.results.map((result) => terms.denied.shown(result));
      return { ok: true, value: { ...page, results: results.filter((result) => result !== undefined) } };
    }
    if (type !== 'holders') return answer;
    const contents = answer.value as readonly ContentSources[];
    return {
      ok: true,
      value: contents.map((content) => (this.isDenied(content.id) ? { ...content, sources: [] } : content)),
    };
  }
}
