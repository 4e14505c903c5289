/**
 * One tracker, from our side: dials it for ever, tells it what it does not know of our share, asks it questions.
 * Invariant: one connection at a time; every question put to the link is answered in bounded time; and what the
 * observer is told is what the tracker has acknowledged.
 */
import { unheardOf } from '../../core/engine-api.ts';
import type { TrackerState, TrackerView } from '../../core/engine-api.ts';
import type { PeerId } from '../../core/ids.ts';
import * as limits from '../../core/limits.ts';
import type { Problem } from '../../core/result.ts';
import { displayName } from '../../core/safe-name.ts';
import { problemOf, RemoteProtocolError } from '../../protocol/errors.ts';
import type { TrackerMessageNamed } from '../../protocol/tracker-messages.ts';
import { actor, type ActorRef } from '../runtime/index.ts';
import type { LibraryCommand } from './library-messages.ts';
import { dialTracker, type TrackerDial } from './tracker-dial.ts';
import { CountExchange, exchangeOf, foundOf, type LinkQuestion } from './tracker-exchange.ts';
import { TrackerLine, type LineEvent } from './tracker-line.ts';
import {
  goneProblem,
  lateProblem,
  replaced,
  withheld,
  type LinkMessage,
  type TrackerLinkArgs,
} from './tracker-link-messages.ts';
import { TrackerPulse } from './tracker-pulse.ts';
import { TrackerQuestions } from './tracker-questions.ts';
import { isLasting, TrackerRetries } from './tracker-retries.ts';
import { TrackerShare, type Welcome } from './tracker-share.ts';

export const trackerLinkActor = actor<LinkMessage, TrackerLinkArgs>(
  'tracker-link',
  (ctx, args) => {
    const { address, library, clock, random, wallMs } = args;
    const share = new TrackerShare();
    const retries = new TrackerRetries(random);
    const questions = new TrackerQuestions();
    const pulse = new TrackerPulse();
    let dial: TrackerDial | undefined;
    let line: TrackerLine | undefined;
    let readyAt = 0;
    /** When an attempt last ended without a welcome. */
    let failedAt = Number.NEGATIVE_INFINITY;
    /** Requests in a row that were not answered in time. */
    let overdue = 0;
    let view: TrackerView = { ...address, ...unheardOf };

    function show(state: TrackerState, change: Partial<TrackerView> = {}): void {
      view = { ...view, problem: undefined, nextAttemptMs: undefined, ...change, state };
      args.owner.tell({ type: 'tracker-changed', view });
    }

    function connect(): void {
      if (dial !== undefined || args.door.port === undefined) return;
      ctx.timers.cancel('retry');
      show('connecting');
      dial = dialTracker(args.home, address, args.tls);
      ctx.pipe(dial.proven, (outcome) => ({ type: 'proven', outcome }));
    }

    function greet({ socket }: TrackerDial, id: PeerId, port: number): void {
      view = { ...view, id };
      const { name, agent } = args;
      line = new TrackerLine(socket, { name, port, agent, random }, clock, (message) =>
        ctx.self.tell(message),
      );
      if (line.isDead) lose(goneProblem(address));
      else watchDeadline(line);
    }

    function watchDeadline({ deadlineMs }: TrackerLine): void {
      if (deadlineMs !== Infinity)
        ctx.timers.once('tick', Math.max(0, deadlineMs - clock.now()), { type: 'tick' });
    }

    /** Ends the connection, or the attempt at one, and plans the next. */
    function lose(problem: Problem, isRefusal = false): void {
      const lastedMs = line?.isReady === true ? clock.now() - readyAt : undefined;
      line?.close(isRefusal ? 'gracefully' : 'now');
      dial?.socket.destroy();
      dial = undefined;
      line = undefined;
      share.end();
      for (const timer of ['tick', 'share', 'count']) ctx.timers.cancel(timer);
      pulse.stop();
      if (lastedMs === undefined) failedAt = clock.now();
      questions.interrupt(problem);
      // What waits has seen one attempt fail; after a loss, the next attempt is theirs.
      if (lastedMs === undefined || isRefusal) questions.failAll(problem);
      const waitMs = isRefusal ? retries.afterRefusalMs() : retries.afterLossMs(lastedMs);
      ctx.timers.once('retry', waitMs, { type: 'retry' });
      const unknown = { latencyMs: undefined, peers: undefined };
      show(isRefusal ? 'refused' : 'waiting', { ...unknown, problem, nextAttemptMs: wallMs() + waitMs });
    }

    function ask(question: LinkQuestion): void {
      const exchange = exchangeOf(question, () => ({
        isKnown: line?.isSwarming === true,
        port: args.reach.port,
      }));
      const hasJustFailed = dial === undefined && clock.now() - failedAt < limits.minDialGapMs;
      if (view.problem !== undefined && (view.state === 'refused' || hasJustFailed)) {
        exchange.fail(view.problem);
        return;
      }
      questions.add(exchange);
      if (line?.isReady === true) putQuestions(line);
      // Somebody waits: no need to wait for the end of a long pause.
      else connect();
    }

    function putQuestions(to: TrackerLine): void {
      while (to.canAsk && to.hasRoom) {
        const next = questions.next(() => to.nextRequestId());
        if (next === undefined) return;
        const { requestId, body } = next;
        to.send({ ...body, requestId });
        pulse.asked(requestId, clock.now());
        const timer = `answer-${requestId}`;
        ctx.timers.once(timer, limits.trackerAnswerTimeoutMs, { type: 'overdue', requestId });
      }
    }

    function tellShare(to: TrackerLine | undefined): void {
      if (to?.isReady !== true) return;
      share.tell(to);
      if (share.isWaiting) ctx.timers.once('share', limits.syncAnswerTimeoutMs, { type: 'share-overdue' });
      else ctx.timers.cancel('share');
      if (!share.takeNews()) return;
      const { files } = share;
      show('registered', { files, problem: withheld(share.withheldFiles) });
      args.observer.tell({ type: 'registered', tracker: address, files });
    }

    function enter(at: TrackerLine, event: Welcome): void {
      readyAt = clock.now();
      overdue = 0;
      watchDeadline(at);
      show(library === undefined ? 'registered' : 'syncing');
      if (library !== undefined) share.begin(event);
      tellShare(at);
      countPeers();
      putQuestions(at);
    }

    function countPeers(): void {
      ctx.timers.once('count', limits.countPeersEveryMs, { type: 'count' });
      questions.add(new CountExchange((peers) => show(view.state, { ...view, peers })));
    }

    /** An answer has come, whatever it says. */
    function answered(requestId: number): void {
      const latencyMs = pulse.answered(requestId, clock.now());
      if (latencyMs !== undefined) show(view.state, { ...view, latencyMs });
    }

    function hear(at: TrackerLine, event: LineEvent): void {
      switch (event.type) {
        case 'welcome':
          return enter(at, event);
        case 'bye':
          return lose(goneProblem(address, event.reason));
        case 'error':
          return refused(event);
        case 'in-sync':
        case 'buckets':
        case 'committed':
          share.hear(event);
          return tellShare(at);
        case 'results':
        case 'sources':
        case 'peers':
        case 'found-peer':
        case 'joined':
        case 'peer-count':
          overdue = 0;
          answered(event.requestId);
          if (questions.reply(event.requestId, event)) ctx.timers.cancel(`answer-${event.requestId}`);
          return putQuestions(at);
        case 'newcomers':
          args.owner.tell({ type: 'newcomers', contents: event.contents.map(foundOf) });
          return undefined;
        case 'trackers':
        case 'redirect':
        case 'reach':
        case 'calling':
        case 'called':
        case 'data':
        case 'data-end':
          return undefined;
      }
    }

    function late(requestId: number): void {
      const problem = lateProblem(address);
      // A deadline of the last connection means nothing to this one.
      if (!questions.fail(requestId, problem)) return;
      overdue += 1;
      if (overdue >= limits.maxOverdueAnswers) lose(problem);
    }

    function refused(error: TrackerMessageNamed<'error'>): void {
      const problem = problemOf({ ...error, message: displayName(error.message) });
      if (error.requestId === 0 && error.detail === 'replaced') return lose(replaced, true);
      if (error.requestId === 0) return lose(problem, isLasting(problem.code));
      if (questions.fail(error.requestId, problem)) return ctx.timers.cancel(`answer-${error.requestId}`);
      const outcome = share.refused(error.requestId, problem.code);
      if (outcome === 'compared') tellShare(line);
      else if (outcome === 'hopeless') lose(problem);
    }

    /** Runs what reads the tracker's words; if they break the protocol, the connection ends. */
    function listen(read: () => void): void {
      try {
        read();
      } catch (error) {
        if (!(error instanceof RemoteProtocolError)) throw error;
        lose({ code: error.code === 'timeout' ? 'timeout' : 'protocol', message: error.message });
      }
    }

    if (library !== undefined) {
      library.tell({ type: 'subscribe', ref: ctx.self });
      askShare(library);
    }
    connect();

    function askShare(of: ActorRef<LibraryCommand>): void {
      ctx.ask(of, { type: 'share-state' }, limits.shareStateTimeoutMs, (outcome) => ({
        type: 'share',
        outcome,
      }));
    }

    return {
      receive(message) {
        switch (message.type) {
          case 'search':
          case 'find-name':
          case 'sources':
          case 'peers':
          case 'find-peer':
          case 'swarm':
            return ask(message);
          case 'leave':
            if (line?.isSwarming === true && line.hasRoom) line.send({ type: 'leave', ids: message.ids });
            return;
          case 'serving':
          case 'retry':
            return connect();
          case 'proven': {
            const { outcome } = message;
            const { port } = args.door;
            if (!outcome.ok) throw outcome.error;
            if (!outcome.value.ok) {
              const { problem } = outcome.value;
              lose(problem, problem.code !== 'unreachable');
            } else if (dial !== undefined && port !== undefined) greet(dial, outcome.value.value, port);
            return;
          }
          case 'chunk':
            return listen(() => line?.receive(message.bytes, (event) => line && hear(line, event)));
          case 'drained':
            tellShare(line);
            if (line !== undefined) putQuestions(line);
            return;
          case 'gone':
            if (line !== undefined) lose(goneProblem(address));
            return;
          case 'count':
            countPeers();
            if (line !== undefined) putQuestions(line);
            return;
          case 'tick':
            listen(() => line?.tick());
            if (line !== undefined) watchDeadline(line);
            return;
          case 'overdue':
            return late(message.requestId);
          case 'share-overdue':
            return lose({ code: 'timeout', message: 'The tracker did not acknowledge our share in time' });
          case 'share':
            if (message.outcome.ok) share.known(message.outcome.value);
            else if (library !== undefined) askShare(library);
            return tellShare(line);
          case 'share-changed':
            share.changed(message.added, message.removed);
            return tellShare(line);
          case 'share-scanned':
            share.scanned();
            return tellShare(line);
        }
      },
      stopped() {
        if (library !== undefined) library.tell({ type: 'unsubscribe', ref: ctx.self });
        if (line === undefined) dial?.socket.destroy();
        else line.close('gracefully');
      },
    };
  },
  { mailbox: { capacity: limits.trackerLinkMailbox } },
);
