/**
 * One catalogue of trackers, from our side: is at one of its trackers for ever, tells it what it does not know of our
 * share, asks it questions, and moves to another when that one goes or says so. Invariant: one connection at a time,
 * beside the one before, which is left only when another has let us in, so that nobody misses us meanwhile; it is gone on
 * with where that one says that it does not, or where it had only fallen silent and is heard before, so that a tracker
 * that stood still has nobody come anew; all questions are answered in bounded time; and what the observer is told the
 * tracker has acknowledged.
 */
import type { PeerId } from '../../../core/ids.ts';
import * as limits from '../../../core/limits/tracker-link.ts';
import type { Problem } from '../../../core/result.ts';
import { displayName } from '../../../core/safe-name.ts';
import { problemOf } from '../../../protocol/errors.ts';
import type { TrackerMessageNamed } from '../../../protocol/tracker-messages.ts';
import { actor } from '../../runtime/index.ts';
import { isAnswer, TrackerAsking } from './tracker-asking.ts';
import { dialTracker, type TrackerDial } from './tracker-dial.ts';
import { exchangeOf, type LinkQuestion } from './tracker-exchange.ts';
import { TrackerLine, type LineEvent } from './tracker-line.ts';
import type { LinkMessage, TrackerLinkArgs } from './tracker-link-messages.ts';
import { TrackerNews } from './tracker-news.ts';
import * as problems from './tracker-problems.ts';
import { isLasting } from './tracker-retries.ts';
import { TrackerRoute } from './tracker-route.ts';
import { TrackerShare } from './tracker-share.ts';
import { isOfShare, ShareFeed } from './tracker-share-feed.ts';
import { TrackerShowing } from './tracker-showing.ts';

export const trackerLinkActor = actor<LinkMessage, TrackerLinkArgs>(
  'tracker-link',
  (ctx, args) => {
    const { address, library, clock, random } = args;
    const showing = new TrackerShowing(args);
    const share = new TrackerShare({
      clock,
      random,
      once: (timer, afterMs) => ctx.timers.once(timer, afterMs, { type: timer }),
      cancel: (timer) => ctx.timers.cancel(timer),
      acknowledged: (acknowledged) => showing.acknowledged(acknowledged),
    });
    const route = new TrackerRoute(args);
    const news = new TrackerNews(args, route);
    const asking = new TrackerAsking({
      clock,
      once: (timer, afterMs, message) => ctx.timers.once(timer, afterMs, message),
      cancel: (timer) => ctx.timers.cancel(timer),
      show: (change) => showing.change(change),
    });
    /** The attempt under way: the line may still be up. */
    let dial: TrackerDial | undefined;
    let line: TrackerLine | undefined;
    /** What the tracker has fallen silent on, or what we are about to leave. */
    let silent: TrackerLine | undefined;

    function connect(): void {
      if (dial !== undefined || args.door.port === undefined) return;
      ctx.timers.cancel('retry');
      if (line === undefined) showing.show('connecting');
      const attempt = dialTracker(args.home, route.next(), args.tls);
      dial = attempt;
      ctx.pipe(attempt.proven, (outcome) => ({ type: 'proven', outcome, attempt }));
    }

    function greet({ socket, to }: TrackerDial, id: PeerId, port: number): void {
      // Where we are listed is left once we are let in: a peer that moves is never away.
      const isMoving = line?.isReady === true;
      if (line !== undefined) part(problems.moving, isMoving ? 'moving' : 'now');
      if (!isMoving) silent?.outdate();
      route.arrived(to);
      showing.greeted({ id, via: route.via });
      const { name, agent } = args;
      line = new TrackerLine(socket, { name, port, agent, random }, clock, (message) =>
        ctx.self.tell(message),
      );
      if (line.isDead) lose(problems.gone(to));
    }

    /** Ends the line, or sets it aside; what was asked waits for the next. */
    function part(problem: Problem, how: 'gracefully' | 'now' | 'silent' | 'moving'): void {
      const isAside = how === 'silent' || how === 'moving';
      if (isAside) silent = line;
      if (isAside) share.pause();
      else if (line !== undefined) share.end();
      line?.close(how);
      line = undefined;
      ctx.timers.cancel('move');
      asking.interrupt(problem);
    }

    /** Ends the connection, or takes note that an attempt has failed, and plans the next. */
    function lose(problem: Problem, isRefusal = false, retryAfterMs?: number): void {
      const isSilent = problem.code === 'timeout' && line?.isReady === true;
      part(problem, isRefusal ? 'gracefully' : isSilent ? 'silent' : 'now');
      if (isRefusal) leaveSilent();
      // Another attempt, at another tracker, is under way already.
      if (dial !== undefined) return showing.show('connecting');
      const { waitMs, isForAnother, wasIn } = route.afterLoss({ isRefusal, retryAfterMs });
      // What waits has seen one attempt fail; after a loss, the next attempt is theirs.
      if (!isForAnother && (!wasIn || isRefusal)) asking.failAll(problem);
      ctx.timers.once('retry', waitMs, { type: 'retry' });
      showing.lost(isRefusal ? 'refused' : 'waiting', problem, waitMs, silent !== undefined);
    }

    function leaveSilent(): void {
      silent?.close('gracefully');
      silent = undefined;
    }

    /** What had fallen silent is heard again: goes on with it, where nothing has been said elsewhere since. */
    function wake(): void {
      if (line !== undefined) return;
      if (silent?.canGoOn === true) {
        dial?.socket.destroy();
        dial = undefined;
        ctx.timers.cancel('retry');
        goOn(silent);
      } else if (dial === undefined) ctx.timers.once('retry', route.afterWakeMs(), { type: 'retry' });
    }

    function goOn(before: TrackerLine): void {
      line = before;
      silent = undefined;
      line.goOn();
      share.goOn();
      settle(line);
    }

    /** Who we were to move to says that it does not let us in: stays, and tries the next. Whether that could be. */
    function stay(): boolean {
      if (line?.isReady !== false || silent?.canStay !== true) return false;
      line.close('gracefully');
      route.stayed();
      showing.stayed();
      goOn(silent);
      if (route.missed()) connect();
      return true;
    }

    /** Nobody, or the wrong one, was at the other end. Where we are to move we are still where we were. */
    function miss(problem: Problem): void {
      if (route.missed()) connect();
      else if (line === undefined) lose(problem, problem.code !== 'unreachable');
    }

    function ask(question: LinkQuestion): void {
      const exchange = exchangeOf(question, () => ({
        knows: line,
        port: args.reach.port,
        isReachable: showing.view.reach?.isReachable,
      }));
      const { problem, state } = showing.view;
      if (question.type === 'call' && line?.isCalling !== true) return exchange.fail(problems.noCalls);
      const hasJustFailed = dial === undefined && line === undefined && route.hasJustFailed;
      if (problem !== undefined && (state === 'refused' || hasJustFailed)) return exchange.fail(problem);
      asking.add(exchange);
      // Beside a list of all peers nobody is to read another number of them.
      if (question.type === 'peers' && line?.isReady === true) asking.countAgain();
      if (line?.isReady === true) asking.put(line);
      // Somebody waits: no need to wait for the end of a long pause.
      else if (line === undefined) connect();
    }

    /** There is a tracker that lists us. */
    function settle(at: TrackerLine): void {
      route.entered();
      showing.show(library === undefined ? 'registered' : 'syncing');
      share.tell(at);
      asking.begin();
      asking.put(at);
    }

    function hear(at: TrackerLine, event: LineEvent): void {
      if (isAnswer(event)) {
        asking.reply(event.requestId, event);
        return asking.put(at);
      }
      switch (event.type) {
        case 'welcome':
          leaveSilent();
          share.end();
          if (library !== undefined) share.begin(event);
          return settle(at);
        case 'bye':
          return lose(problems.gone(address, event.reason));
        case 'error':
          return refused(event);
        case 'in-sync':
        case 'buckets':
        case 'committed':
        case 'compare':
          share.hear(event);
          return share.tell(at);
        case 'newcomers':
          return news.newcomers(event);
        case 'trackers':
          return news.trackers(at, event.trackers);
        case 'redirect': {
          if (event.trackers.length > 0) news.trackers(at, event.trackers);
          const moveMs = route.redirected(event.withinMs);
          if (moveMs !== undefined) ctx.timers.once('move', moveMs, { type: 'move' });
          return undefined;
        }
        case 'reach':
          return showing.reached(event);
        case 'called':
          return news.called(at, event);
        case 'data':
        case 'data-end':
          return undefined;
      }
    }

    function refused(error: TrackerMessageNamed<'error'>): void {
      const problem = problemOf({ ...error, message: displayName(error.message) });
      if (error.requestId === 0 && stay()) return;
      if (error.requestId === 0 && error.detail === 'replaced') return lose(problems.replaced, true);
      if (error.requestId === 0) return lose(problem, isLasting(problem.code), error.retryAfterMs);
      if (asking.refused(error.requestId, problem)) return;
      if (share.refused(error)) lose(problem);
      else share.tell(line);
    }

    /** If the tracker has broken the protocol, the connection ends. */
    const check = (problem: Problem | undefined): void => void (problem !== undefined && lose(problem));

    const feed = new ShareFeed(ctx, library, share);
    connect();

    return {
      receive(message) {
        if ('replyTo' in message) return ask(message);
        if (isOfShare(message)) {
          feed.receive(message);
          return share.tell(line);
        }
        switch (message.type) {
          case 'leave':
            if (line?.isSwarming === true && line.hasRoom) line.send({ type: 'leave', ids: message.ids });
            return;
          case 'serving':
          case 'retry':
            if (line === undefined) connect();
            return;
          case 'move':
            return connect();
          case 'end':
            return ctx.stop();
          case 'merged':
            part({ code: 'closed', message: 'We come in anew' }, 'gracefully');
            return connect();
          case 'proven': {
            const { outcome, attempt } = message;
            const { port } = args.door;
            if (!outcome.ok) throw outcome.error;
            if (attempt !== dial) return;
            dial = undefined;
            if (outcome.value.ok && port !== undefined) return greet(attempt, outcome.value.value, port);
            attempt.socket.destroy();
            if (!outcome.value.ok) miss(outcome.value.problem);
            return;
          }
          case 'chunk':
            return check(line?.receive(message.bytes, (event) => line && hear(line, event)));
          case 'drained':
            share.tell(line);
            if (line !== undefined) asking.put(line);
            return;
          case 'gone':
            // It may be said of the connection before.
            if (line?.isDead === true) lose(problems.gone(address));
            return;
          case 'awake':
            return wake();
          case 'count':
            asking.countPeers();
            if (line !== undefined) asking.put(line);
            return;
          case 'look':
            if (line?.isReady === true && asking.countAgain()) asking.put(line);
            return;
          case 'tick':
            // What is to be compared again goes instead of a ping.
            share.tell(line);
            return check(line?.tick());
          case 'overdue':
            if (asking.late(message.requestId, problems.late(address))) lose(problems.late(address));
            return;
          case 'share-overdue':
            return lose({ code: 'timeout', message: 'The tracker did not acknowledge our share in time' });
        }
      },
      stopped() {
        feed.stop();
        dial?.socket.destroy();
        line?.close('gracefully');
        leaveSilent();
      },
    };
  },
  { mailbox: { capacity: limits.trackerLinkMailbox } },
);
