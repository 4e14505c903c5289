/**
 * One question to the links of all catalogues, answered with what those that could answer gave together. Invariant:
 * it is answered once: when the last part has come, or a moment after the first.
 */
import { slowTrackerGraceMs } from '../../../core/limits/tracker-link.ts';
import { fail, ok, type Problem, type Result } from '../../../core/result.ts';
import type { ActorRef, AskFailure, Outcome, ReplyTo } from '../../runtime/index.ts';
import type { TrackerLinkCommand } from './tracker-link-messages.ts';
import type { SearchProgress } from './trackers-messages.ts';

export type Link = ActorRef<TrackerLinkCommand>;

/** One link's part of an answer, or the end of the wait for it. */
export interface Part {
  readonly type: 'part';
  readonly take: () => void;
}

export interface GatherPort {
  readonly links: () => readonly Link[];
  readonly once: (timer: string, afterMs: number, message: Part) => void;
  readonly cancel: (timer: string) => void;
}

/** `progress` is told of each part as it comes; undefined when there is none yet. `among`: not all links are asked. */
export type Gather = <T extends object>(
  replyTo: ReplyTo<Result<T>>,
  put: (link: Link, toPart: (outcome: Outcome<Result<T>, AskFailure>) => Part) => void,
  merge: (parts: readonly [T, ...T[]]) => T,
  progress?: (merged: T | undefined, trackers: SearchProgress['trackers']) => void,
  among?: readonly Link[],
) => void;

export function gatherer({ links, once, cancel }: GatherPort): Gather {
  let gathered = 0;
  return (replyTo, put, merge, progress, asked = links()) => {
    type Parts = Parameters<typeof merge>[0];
    const parts: Parts[0][] = [];
    const problems: Problem[] = [];
    gathered += 1;
    const grace = `gather-${gathered}`;
    let isDone = false;
    const finish = (): void => {
      if (isDone) return;
      isDone = true;
      cancel(grace);
      const [first, ...others] = parts;
      replyTo.reply(first === undefined ? failed(problems) : ok(merge([first, ...others])));
    };
    if (asked.length === 0) replyTo.reply(failed([]));
    for (const link of asked)
      put(link, (outcome) => ({
        type: 'part',
        take() {
          const part = outcome.ok ? outcome.value : ({ ok: false, problem: noAnswer } as const);
          if (part.ok) parts.push(part.value);
          else problems.push(part.problem);
          const [first, ...others] = parts;
          const trackers = { asked: asked.length, answered: parts.length };
          if (!isDone) progress?.(first === undefined ? undefined : merge([first, ...others]), trackers);
          if (parts.length + problems.length === asked.length) finish();
          else if (parts.length === 1) once(grace, slowTrackerGraceMs, { type: 'part', take: finish });
        },
      }));
  };
}

const noAnswer: Problem = {
  code: 'unreachable',
  message: 'The tracker gave no answer; try again in a moment',
};

/** The problem that says most: an answer that there is nothing, then a refusal, then that nobody was reached. */
function failed(problems: readonly Problem[]): Result<never> {
  const problem =
    problems.find(({ code }) => code === 'not-found') ??
    problems.find(({ code }) => code !== 'unreachable') ??
    problems[0];
  if (problem === undefined) return fail('unreachable', 'No tracker is configured; name one with --tracker');
  return { ok: false, problem };
}
