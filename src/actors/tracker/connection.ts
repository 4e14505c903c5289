/**
 * One peer's connection to the tracker: bytes to requests, requests to the registry, answers to bytes. It serves
 * one request at a time and reads no more until that is answered and the answer is on its way, so a peer that
 * asks faster than it is served, or does not read, costs one chunk and one answer of memory.
 * Invariant: what breaks here breaks this connection only, and its end takes the peer out of all results.
 */
import type { TLSSocket } from 'node:tls';
import type { PeerId } from '../../core/ids.ts';
import * as limits from '../../core/limits.ts';
import type { HostAllowances } from './hosts.ts';
import type { PresenceSlots } from './presence-slots.ts';
import type { Problem } from '../../core/result.ts';
import type { TrackerLimits } from '../../core/tracker-api.ts';
import { RemoteProtocolError } from '../../protocol/errors.ts';
import { TrackerServerSession } from '../../protocol/tracker-server-session.ts';
import {
  actor,
  type ActorRef,
  type Answer,
  type Clock,
  type Question,
  type StopReason,
} from '../runtime/index.ts';
import { askDesk, type LookUpDesk } from './look-up-desk.ts';
import type { ReaperCommand } from './reaper.ts';
import type { RegistryCommand, Stay } from './registry.ts';
import { errorReply } from './replies.ts';
import type { Newcomers, SwarmsCommand } from './swarms.ts';
import { Visit } from './visit.ts';
import type { VisitPort } from './visit-port.ts';

/** Why a connection is told to end. */
export type Farewell = 'replaced' | 'silent';

export type ConnectionCommand = { readonly type: 'close'; readonly why: Farewell } | Newcomers;

type ConnectionMessage =
  | ConnectionCommand
  | { readonly type: 'chunk'; readonly bytes: Uint8Array }
  /** The socket has sent enough to take more. */
  | { readonly type: 'drained' }
  | { readonly type: 'gone' }
  /** The hello, or the reading of an answer, took too long. */
  | { readonly type: 'overdue' }
  /** A message was begun and is not complete. */
  | { readonly type: 'tick' }
  /** Goes on where an answer or a retry was waited for. */
  | { readonly type: 'resume'; readonly run: () => void };

/** The connection lives on its listener's thread, socket and all. */
export interface ConnectionArgs {
  /** Handshake done, nothing read. */
  readonly socket: TLSSocket;
  readonly peer: PeerId;
  readonly host: string;
  /** Never used before: tells this stay from the peer's others. */
  readonly session: number;
  readonly registry: ActorRef<RegistryCommand>;
  readonly desk: LookUpDesk;
  readonly swarms: ActorRef<SwarmsCommand>;
  readonly reaper: ActorRef<ReaperCommand>;
  /** Where it shows that the peer is alive, without a message. */
  readonly presence: PresenceSlots;
  /** Shared by all connections of this host. */
  readonly allowances: HostAllowances;
  readonly limits: TrackerLimits;
  readonly clock: Clock;
  readonly wallMs: () => number;
  readonly random: () => number;
}

export const connectionActor = actor<ConnectionMessage, ConnectionArgs>(
  'connection',
  (ctx, args) => {
    const { socket, clock, presence } = args;
    const { leaseMs } = args.limits;
    // The reaper knows when silence is the peer's fault.
    const session = new TrackerServerSession({ nowMs: clock.now(), leaseMs, silenceMs: Infinity });
    const slot = presence.claim(clock.now());
    let stay: Stay | undefined;
    let hasJoined = false;
    let isServing = false;
    let hasRoom = true;
    let isOver = false;

    function write(bytes: Uint8Array | undefined): void {
      if (bytes === undefined || socket.destroyed) return;
      socket.write(bytes);
      hasRoom = socket.writableLength <= limits.maxUnsentBytes;
      if (!hasRoom) ctx.timers.once('read', limits.slowReaderTimeoutMs, { type: 'overdue' });
    }

    function refuse(problem: Problem, detail?: string): void {
      if (isOver) return;
      if (!session.hasEnded) write(session.send(errorReply(0, problem, detail)));
      end();
    }

    function end(): void {
      isOver = true;
      ctx.stop();
    }

    function ask<const Q extends Question<RegistryCommand>>(
      question: Q,
      then: (answer: Answer<RegistryCommand, Q>) => void,
      triesLeft = maxTries,
    ): void {
      ctx.ask(args.registry, question, limits.registryAskTimeoutMs, (outcome) => ({
        type: 'resume',
        run() {
          if (outcome.ok) then(outcome.value);
          else if (outcome.error === 'full' && triesLeft > 0) {
            const run = (): void => ask(question, then, triesLeft - 1);
            ctx.timers.once('retry', limits.registryRetryMs, { type: 'resume', run });
          } else refuse({ code: 'busy', message: 'The tracker has more to do than it can; try again later' });
        },
      }));
    }

    const port: VisitPort = {
      ask,
      lookUp(question, then) {
        askDesk(ctx, args.desk, question, (answer) => ({ type: 'resume' as const, run: () => then(answer) }));
      },
      refuse,
      reply: (reply) => write(session.send(reply)),
      accept: (welcome) => write(session.accept(welcome)),
      arriving(arriving) {
        stay = arriving;
      },
      arrived() {
        ctx.timers.cancel('hello');
        args.reaper.tell({ type: 'arrived', slot, stay, connection: ctx.self });
      },
      join(joining, then) {
        hasJoined = true;
        const question = { type: 'join', visitor: args.session, connection: ctx.self, ...joining } as const;
        ctx.ask(args.swarms, question, limits.registryAskTimeoutMs, (outcome) => ({
          type: 'resume',
          // Those who share it are worth an answer without those who download it.
          run: () => then(outcome.ok ? outcome.value : []),
        }));
      },
      leave(ids) {
        if (hasJoined) args.swarms.tell({ type: 'leave', visitor: args.session, ids });
      },
      announce: (news) => args.swarms.tell(news),
      served() {
        isServing = false;
      },
      later(run) {
        // It is we who do not listen.
        presence.beat(slot, clock.now());
        ctx.timers.once('retry', limits.allowanceRetryMs, { type: 'resume', run });
      },
      nowMs: () => clock.now(),
      wallMs: args.wallMs,
      random: args.random,
    };
    const visit = new Visit(port, { ...args, heartbeatMs: args.limits.heartbeatMs });

    /** Serves what has come until something must be waited for, then lets more come. */
    function pump(): void {
      while (!isServing && hasRoom && !isOver) {
        const event = nextEvent();
        write(session.takeOutput());
        // Only whole messages are a sign of life.
        presence.beat(slot, session.heardMs);
        if (event === undefined) {
          if (session.hasEnded) end();
          else read();
          return;
        }
        if (event.type === 'bye') return end();
        if (event.type === 'data' || event.type === 'data-end') continue;
        isServing = true;
        visit.serve(event);
      }
    }

    /** Lets more come, the rest of a message within its time. What we are busy with does not count against that. */
    function read(): void {
      socket.resume();
      const dueMs = session.deadlineMs() - clock.now();
      if (dueMs < Infinity) ctx.timers.once('tick', Math.max(0, dueMs), { type: 'tick' });
    }

    function tick(): void {
      try {
        session.tick(clock.now());
      } catch (error) {
        if (!(error instanceof RemoteProtocolError)) throw error;
        write(session.takeOutput());
        end();
      }
    }

    /** A remote that breaks the protocol has ended the session, and why is in its output. */
    function nextEvent(): ReturnType<typeof session.next> {
      try {
        return session.next();
      } catch (error) {
        if (error instanceof RemoteProtocolError) return undefined;
        throw error;
      }
    }

    /** The socket outlives this actor by its last words. */
    const note = (message: ConnectionMessage): void => {
      if (!ctx.signal.aborted) ctx.self.tell(message);
    };
    socket.on('data', (bytes: Uint8Array) => {
      socket.pause();
      note({ type: 'chunk', bytes });
    });
    socket.on('drain', () => note({ type: 'drained' }));
    socket.once('close', () => note({ type: 'gone' }));
    ctx.timers.once('hello', args.limits.handshakeTimeoutMs, { type: 'overdue' });

    return {
      receive(message) {
        switch (message.type) {
          case 'chunk':
            ctx.timers.cancel('tick');
            session.receive(message.bytes, clock.now());
            pump();
            return;
          case 'resume':
            tick();
            message.run();
            pump();
            return;
          case 'drained':
            tick();
            hasRoom = true;
            ctx.timers.cancel('read');
            pump();
            return;
          case 'tick':
            tick();
            return;
          case 'newcomers':
            if (session.isReady && hasRoom && !isOver) write(session.send(message));
            return;
          case 'close':
            refuse({ code: 'closed', message: farewells[message.why] }, message.why);
            return;
          case 'overdue':
            refuse({ code: 'timeout', message: 'This took too long' });
            return;
          case 'gone':
            end();
            return;
        }
      },
      stopped(reason) {
        presence.release(slot);
        args.reaper.tell({ type: 'left', slot, stay });
        if (hasJoined) args.swarms.tell({ type: 'left', visitor: args.session });
        if (reason.kind === 'shutdown' && session.isReady && !session.hasEnded)
          write(session.send({ type: 'bye', reason: 'The tracker is stopping' }));
        close(socket, reason, clock);
      },
    };
  },
  { mailbox: { capacity: 256 } },
);

/** Sends what waits, if that does not take long, and lets go. */
function close(socket: TLSSocket, reason: StopReason, clock: Clock): void {
  if (reason.kind === 'failed') socket.destroy();
  else socket.destroySoon();
  if (socket.destroyed) return;
  const forget = clock.after(limits.farewellTimeoutMs, () => socket.destroy());
  socket.once('close', forget);
}

const maxTries = limits.registryAskTimeoutMs / limits.registryRetryMs;

const farewells: Readonly<Record<Farewell, string>> = {
  replaced: 'Another connection with the same key has taken the place of this one',
  silent: 'Nothing was heard for too long',
};
