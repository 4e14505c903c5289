/**
 * All our trackers as one: keeps a link to each and puts every question to all of them, so that any one that
 * answers is enough. Invariant: each question is answered once, when the last link has, and a tracker that is
 * down delays nothing but its own part.
 */
import { unheardOf } from '../../core/engine-api.ts';
import type { EngineEvent, TrackerAddress, TrackerView } from '../../core/engine-api.ts';
import { hostPort } from '../../core/host.ts';
import * as limits from '../../core/limits.ts';
import { fail, ok, type Problem, type Result } from '../../core/result.ts';
import type { Identity } from '../../identity/identity.ts';
import { tlsOptions } from '../../identity/tls.ts';
import { actor, type ActorRef, type AskFailure, type Backoff, type Clock } from '../runtime/index.ts';
import type { Outcome, ReplyTo } from '../runtime/index.ts';
import type { LibraryCommand } from './library-messages.ts';
import { mergePeers, mergeResults, mergeSources } from './tracker-merge.ts';
import { Followers } from './followers.ts';
import type { OpenDoor } from './guest-door.ts';
import { trackerLinkActor } from './tracker-link.ts';
import type { LinkNews, TrackerLinkCommand } from './tracker-link-messages.ts';
import type { SearchProgress, TrackersCommand } from './trackers-messages.ts';

export interface TrackersArgs {
  readonly trackers: readonly TrackerAddress[];
  readonly identity: Identity;
  /** Where the keys of known trackers are kept. */
  readonly home: string;
  /** Empty for a guest. */
  readonly name: string;
  /** Our program and its version, for the tracker's operator. */
  readonly agent: string;
  /** What we share; undefined for a guest, who connects at once and is listed nowhere. */
  readonly library: ActorRef<LibraryCommand> | undefined;
  readonly observer: ActorRef<EngineEvent>;
  /** Of a guest: opened at the first thing that others may have of us. */
  readonly guestDoor?: ActorRef<OpenDoor> | undefined;
  readonly clock: Clock;
  /** Milliseconds since 1970. */
  readonly wallMs?: () => number;
  readonly random: () => number;
}

type TrackersMessage =
  | TrackersCommand
  | LinkNews
  /** One link's part of an answer. */
  | { readonly type: 'part'; readonly take: () => void };

type Link = ActorRef<TrackerLinkCommand>;

export const trackersActor = actor<TrackersMessage, TrackersArgs>(
  'trackers',
  (ctx, args) => {
    const { observer, library } = args;
    const door: { port: number | undefined } = { port: library === undefined ? 0 : undefined };
    const reach: { port: number | undefined } = { port: undefined };
    const followers = new Followers();
    const views = new Map<string, TrackerView>();
    const tls = tlsOptions(args.identity, 'tracker');
    const links = args.trackers.map((address): Link => {
      views.set(hostPort(address), { ...address, ...unheardOf });
      const { home, name, agent, clock, random, wallMs = Date.now } = args;
      return ctx.spawn(
        trackerLinkActor,
        {
          address,
          home,
          tls,
          name,
          agent,
          library,
          door,
          reach,
          owner: ctx.self,
          observer,
          clock,
          wallMs,
          random,
        },
        { backoff: restartBackoff },
      );
    });

    let gathered = 0;

    /** Puts a question to every link, and answers with what those that could answer gave. */
    function gather<T extends object>(
      replyTo: ReplyTo<Result<T>>,
      put: (link: Link, toPart: (outcome: Outcome<Result<T>, AskFailure>) => TrackersMessage) => void,
      merge: (parts: readonly [T, ...T[]]) => T,
      /** Told of each part as it comes; undefined when there is none yet. */
      onPart?: (merged: T | undefined, trackers: SearchProgress['trackers']) => void,
    ): void {
      const parts: T[] = [];
      const problems: Problem[] = [];
      gathered += 1;
      const grace = `gather-${gathered}`;
      let isDone = false;
      const finish = (): void => {
        if (isDone) return;
        isDone = true;
        ctx.timers.cancel(grace);
        const [first, ...others] = parts;
        replyTo.reply(first === undefined ? failed(problems) : ok(merge([first, ...others])));
      };
      const toPart = (outcome: Outcome<Result<T>, AskFailure>): TrackersMessage => ({
        type: 'part',
        take() {
          const part = outcome.ok ? outcome.value : ({ ok: false, problem: noAnswer } as const);
          if (part.ok) parts.push(part.value);
          else problems.push(part.problem);
          const [first, ...others] = parts;
          const trackers = { asked: links.length, answered: parts.length };
          if (!isDone) onPart?.(first === undefined ? undefined : merge([first, ...others]), trackers);
          if (parts.length + problems.length === links.length) finish();
          else if (parts.length === 1)
            ctx.timers.once(grace, limits.slowTrackerGraceMs, { type: 'part', take: finish });
        },
      });
      if (links.length === 0) replyTo.reply(failed([]));
      for (const link of links) put(link, toPart);
    }

    return {
      receive(message) {
        switch (message.type) {
          case 'search':
            gather(
              message.replyTo,
              (link, toPart) =>
                ctx.ask(
                  link,
                  { type: 'search', query: message.query, limit: message.limit },
                  timeoutMs,
                  toPart,
                ),
              (parts) => mergeResults(parts, message.limit),
              (results, trackers) => message.progress?.tell({ results, trackers }),
            );
            return;
          case 'find-name':
            gather(
              message.replyTo,
              (link, toPart) => ctx.ask(link, { type: 'find-name', name: message.name }, timeoutMs, toPart),
              (parts) => mergeResults(parts, limits.maxSearchResults),
            );
            return;
          case 'sources':
            if (message.ids.length === 0) message.replyTo.reply(ok([]));
            else
              gather(
                message.replyTo,
                (link, toPart) => ctx.ask(link, { type: 'sources', ids: message.ids }, timeoutMs, toPart),
                mergeSources,
              );
            return;
          case 'swarm': {
            const { id, isServed, follower } = message;
            followers.add(id, follower);
            if (isServed && reach.port === undefined) args.guestDoor?.tell({ type: 'open' });
            gather(
              message.replyTo,
              (link, toPart) => ctx.ask(link, { type: 'swarm', id, isServed, follower }, timeoutMs, toPart),
              mergeSources,
            );
            return;
          }
          case 'unfollow':
            if (followers.remove(message.id, message.follower))
              for (const link of links) link.tell({ type: 'leave', ids: [message.id] });
            return;
          case 'newcomers':
            for (const found of message.contents) followers.tell(found.id, { type: 'came', found });
            return;
          case 'peers':
            gather(
              message.replyTo,
              (link, toPart) => ctx.ask(link, { type: 'peers' }, timeoutMs, toPart),
              mergePeers,
            );
            return;
          case 'find-peer':
            gather(
              message.replyTo,
              (link, toPart) => ctx.ask(link, { type: 'find-peer', peer: message.peer }, timeoutMs, toPart),
              ([first]) => first,
            );
            return;
          case 'part':
            message.take();
            return;
          case 'serving':
            reach.port = message.port;
            if (library === undefined) return followers.tellAll({ type: 'seek' });
            door.port = message.port;
            for (const link of links) link.tell({ type: 'serving' });
            return;
          case 'snapshot':
            message.replyTo.reply([...views.values()]);
            return;
          case 'tracker-changed': {
            const { view } = message;
            const before = views.get(hostPort(view))?.state;
            views.set(hostPort(view), view);
            observer.tell({ type: 'tracker', tracker: view });
            if (before === 'connecting' && (view.state === 'registered' || view.state === 'syncing'))
              followers.tellAll({ type: 'seek' });
            return;
          }
        }
      },
    };
  },
  {
    mailbox: { capacity: limits.trackersMailbox },
    supervision: { strategy: 'one-for-one', maxRestarts: 10, withinMs: 60_000 },
  },
);

/** Links fail through our own faults only; a tracker that cannot be reached is nothing of that kind. */
const restartBackoff: Backoff = { minMs: 250, maxMs: 30_000, jitter: 0.2, resetAfterMs: 60_000 };

const timeoutMs = limits.trackersAskTimeoutMs;

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
