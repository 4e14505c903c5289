/**
 * One search at all catalogues, or the next page of it at those that had more. Invariant: nothing that a catalogue
 * found is dropped on the way, because its cursor is behind it.
 */
import type { SearchEnd, SearchFindings } from '../../../core/catalogue.ts';
import { hostPort } from '../../../core/host.ts';
import { trackersAskTimeoutMs } from '../../../core/limits/tracker-link.ts';
import { fail, ok } from '../../../core/result.ts';
import type { ActorContext, AskFailure, Outcome } from '../../runtime/index.ts';
import type { Result } from '../../../core/result.ts';
import { joinCursors, splitCursor } from './joined-cursor.ts';
import type { KnownCatalogue } from './tracker-catalogues.ts';
import type { Gather, Link, Part } from './tracker-gather.ts';
import { mergeResults } from './tracker-merge.ts';
import type { TrackersCommand } from './trackers-messages.ts';

type Search = Extract<TrackersCommand, { readonly type: 'search' }>;
type PartOutcome = Outcome<Result<SearchFindings>, AskFailure>;

/** Puts a search to the links it concerns, and answers it. */
export function searchTrackers(
  ctx: Pick<ActorContext<Part>, 'ask'>,
  gather: Gather,
  links: ReadonlyMap<KnownCatalogue, Link>,
  { query, limit, cursor, progress, replyTo }: Search,
): void {
  const cursors = cursor === undefined ? undefined : splitCursor(cursor);
  if (cursor !== undefined && cursors === undefined)
    return replyTo.reply(fail('bad-request', 'This is no cursor of a search'));
  const asked = new Map<Link, string>();
  for (const [{ named }, link] of links) {
    const catalogue = hostPort(named[0]);
    if (cursors === undefined || cursors.has(catalogue)) asked.set(link, catalogue);
  }
  // The trackers that had more are ours no longer.
  if (cursors !== undefined && asked.size === 0) return replyTo.reply(ok({ results: [], end: {} }));
  gather(
    replyTo,
    (link, toPart) => {
      const catalogue = asked.get(link) ?? '';
      const question = { type: 'search', query, limit, cursor: cursors?.get(catalogue) } as const;
      ctx.ask(link, question, trackersAskTimeoutMs, (outcome) => toPart(named(catalogue, outcome)));
    },
    together,
    (findings, trackers) => progress?.tell({ results: findings?.results, trackers }),
    [...asked.keys()],
  );
}

/** The cursor of a part says whose it is. */
function named(catalogue: string, outcome: PartOutcome): PartOutcome {
  if (!outcome.ok || !outcome.value.ok) return outcome;
  const { results, end } = outcome.value.value;
  const { cursor, ...rest } = end;
  const joined = cursor === undefined ? undefined : joinCursors(new Map([[catalogue, cursor]]));
  return {
    ok: true,
    value: ok({ results, end: { ...rest, ...(joined !== undefined && { cursor: joined }) } }),
  };
}

function together(parts: readonly SearchFindings[]): SearchFindings {
  const results = mergeResults(
    parts.map((part) => part.results),
    Infinity,
  );
  return {
    results,
    end: endOf(
      parts.map(({ end }) => end),
      results.length,
    ),
  };
}

function endOf(ends: readonly SearchEnd[], results: number): SearchEnd {
  const cursors = ends.flatMap(({ cursor }) =>
    cursor === undefined ? [] : [...(splitCursor(cursor) ?? [])],
  );
  const cursor = joinCursors(new Map(cursors));
  const isCut = ends.some((end) => end.isCut) || (cursors.length > 0 && cursor === undefined);
  const suggestion = results > 0 ? undefined : ends.find((end) => end.suggestion !== undefined)?.suggestion;
  return {
    ...(cursor !== undefined && { cursor }),
    ...(isCut && { isCut }),
    ...(ends.some((end) => end.isPartial) && { isPartial: true }),
    ...(suggestion !== undefined && { suggestion }),
  };
}
