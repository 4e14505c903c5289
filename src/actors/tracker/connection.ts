/**
 * One peer's connection to the tracker: bytes to requests, requests to the registry, answers to bytes. It serves
 * one request at a time and reads no more until that is answered and the answer is on its way, so a peer that
 * asks faster than it is served, or does not read, costs one chunk and one answer of memory, and a bounded number of
 * files that the registry has not answered for (ahead.ts).
 * Invariant: what breaks here breaks this connection only, and its end takes the peer out of all results.
 */
import type { TLSSocket } from 'node:tls';
import type { PeerId } from '../../core/ids.ts';
import * as limits from '../../core/limits/tracker.ts';
import { secondsOf, type PresenceTable } from '../../core/tracker/presence.ts';
import type { Problem } from '../../core/result.ts';
import type { ThreadCounters } from '../../core/tracker/tracker-counters.ts';
import type { WantedContents } from '../../core/tracker/wanted-contents.ts';
import { RemoteProtocolError } from '../../protocol/errors.ts';
import { TrackerServerSession } from '../../protocol/tracker-server-session.ts';
import type { KnownFiles } from '../../store/known-files.ts';
import { actor, type ActorRef, type Clock, type StopReason } from '../runtime/index.ts';
import type { Admission } from './admission.ts';
import { farewells, type ConnectionCommand } from './connection-commands.ts';
import type { DirectoryCommand } from './directory.ts';
import type { CallsCommand } from './calls.ts';
import type { Resume } from './house-port.ts';
import type { LookUpDesk } from './look-up-desk.ts';
import type { PermitsCommand } from './permits.ts';
import type { RegistryCommand } from './registry.ts';
import { Line } from './line.ts';
import { errorReply } from './replies.ts';
import type { Ticket } from './roster.ts';
import type { SwarmsCommand } from './swarms.ts';
import type { TermsInForce } from './terms.ts';
import { Visit } from './visit.ts';
import { WatchedPort } from './watched-port.ts';

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
  | Resume;

/** What is outside of the tracker, as it sees it. */
export interface Surroundings {
  /** The same on all threads. */
  readonly clock: Clock;
  /** Milliseconds since 1970. */
  readonly wallMs: () => number;
  /** From 0 up to 1. */
  readonly random: () => number;
}

/** The connection lives on its listener's thread, socket and all. */
export interface ConnectionArgs extends Surroundings, Ticket {
  /** Handshake done, nothing read. */
  readonly socket: TLSSocket;
  readonly peer: PeerId;
  readonly registry: ActorRef<RegistryCommand>;
  readonly desk: LookUpDesk;
  readonly directory: ActorRef<DirectoryCommand>;
  readonly swarms: ActorRef<SwarmsCommand>;
  readonly calls: ActorRef<CallsCommand>;
  readonly permits: ActorRef<PermitsCommand>;
  /** Where it shows that the peer is alive, without a message. */
  readonly presence: PresenceTable;
  /** Where it shows what the peer downloads, and what others do. */
  readonly wanted: WantedContents;
  /** What has been prepared of files that peers share. */
  readonly known: KnownFiles;
  readonly admission: Admission;
  /** It is in, listed or as a guest. */
  readonly arrived: () => void;
  readonly terms: TermsInForce;
  readonly counters: ThreadCounters;
}

export const connectionActor = actor<ConnectionMessage, ConnectionArgs>(
  'connection',
  (ctx, args) => {
    const { socket, clock, presence, slot } = args;
    const { terms, counters } = args;
    const { leaseMs } = terms.limits;
    // The reaper knows when silence is the peer's fault.
    const session = new TrackerServerSession({ nowMs: clock.now(), leaseMs, silenceMs: Infinity });
    const beat = (ms: number): boolean => presence.beat(slot, secondsOf(ms));
    let countedPings = 0;
    let isServing = false;
    let isOver = false;

    const line = new Line(
      socket,
      {
        awaitsPings: () => session.isReady && !session.isPartial && !isOver,
        pinged() {
          // The reaper took us for gone.
          if (!beat(clock.now())) note({ type: 'close', why: 'silent' });
        },
        chunk: (bytes) => note({ type: 'chunk', bytes }),
        full: () => ctx.timers.once('read', limits.slowReaderTimeoutMs, { type: 'overdue' }),
        drained: () => note({ type: 'drained' }),
        gone: () => note({ type: 'gone' }),
      },
      counters,
    );

    /** The socket outlives this actor by its last words. */
    function note(message: ConnectionMessage): void {
      if (!ctx.signal.aborted) ctx.self.tell(message);
    }

    const write = (bytes: Uint8Array | undefined): void => line.write(bytes);

    function refuse(problem: Problem, detail?: string): void {
      if (isOver) return;
      counters.addToOr('refusals', problem.code);
      if (!session.hasEnded) write(session.send(errorReply(0, problem, detail)));
      end();
    }

    function end(): void {
      isOver = true;
      ctx.stop();
    }

    const port = new WatchedPort(ctx, args, {
      session,
      write,
      beat: () => void beat(clock.now()),
      refuse,
      served() {
        isServing = false;
      },
    });
    const visit = new Visit(port, { ...args, heartbeatMs: terms.limits.heartbeatMs });

    /** Serves what has come until something must be waited for, then lets more come. */
    function pump(): void {
      while (!isServing && line.hasRoom && !isOver) {
        const event = nextEvent();
        counters.add('keepAlives', session.pingsHeard - countedPings);
        countedPings = session.pingsHeard;
        write(session.takeOutput());
        // Only whole messages are a sign of life.
        beat(session.heardMs);
        if (event === undefined) {
          if (session.hasEnded) end();
          else read();
          return;
        }
        if (event.type === 'bye') return end();
        if (event.type === 'data' || event.type === 'data-end') continue;
        isServing = true;
        counters.addToOr('requests', event.type);
        if (ofShares.has(event.type)) counters.add('syncBytes', session.frameBytes);
        visit.serve(event);
      }
    }

    /** Lets more come, the rest of a message within its time. What we are busy with does not count against that. */
    function read(): void {
      line.read();
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

    function lookWhetherDenied(): void {
      if (terms.denied.refusesHost(args.host) || terms.denied.refusesPeer(args.peer))
        ctx.self.tell({ type: 'close', why: 'denied' });
    }

    presence.open(slot, secondsOf(clock.now()));
    ctx.timers.once('hello', terms.limits.handshakeTimeoutMs, { type: 'overdue' });
    lookWhetherDenied();

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
            ctx.timers.cancel('read');
            pump();
            return;
          case 'tick':
            tick();
            return;
          case 'newcomers': {
            // Who joined may have done so before that was denied.
            const contents = message.contents.filter(({ id }) => !terms.denied.refusesContent(id));
            if (contents.length === 0) return;
            if (session.isReady && line.hasRoom && !isOver) write(session.send({ ...message, contents }));
            return;
          }
          case 'trackers':
          case 'redirect':
            if (!session.isMoving || isOver) return;
            if (message.type === 'redirect') counters.add('redirected');
            write(session.send(message));
            return;
          case 'reach':
            visit.isReachable = message.isReachable;
            if (session.isCalling && line.hasRoom && !isOver) write(session.send(message));
            return;
          case 'called':
            if (session.isCalling && line.hasRoom && !isOver) write(session.send(message));
            return;
          case 'compare':
            // Who does not read what it is sent compares as often as ever.
            if (session.isComparing && line.hasRoom && !isOver) write(session.send(message));
            return;
          case 'close':
            if (!isOver) counters.addToOr('ended', message.why);
            refuse(farewells[message.why], message.why);
            return;
          case 'terms':
            lookWhetherDenied();
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
        presence.close(slot);
        port.end();
        if (reason.kind === 'shutdown' && session.isReady && !session.hasEnded)
          write(session.send({ type: 'bye', reason: 'The tracker is stopping' }));
        close(socket, reason, clock);
      },
    };
  },
  { mailbox: { capacity: 256 } },
);

/** What brings a share into step. */
const ofShares: ReadonlySet<string> = new Set(['sync', 'drop-buckets', 'add', 'remove', 'commit']);

/** Sends what waits, if that does not take long, and lets go. */
function close(socket: TLSSocket, reason: StopReason, clock: Clock): void {
  if (reason.kind === 'failed') socket.destroy();
  else socket.destroySoon();
  if (socket.destroyed) return;
  const forget = clock.after(limits.farewellTimeoutMs, () => socket.destroy());
  socket.once('close', forget);
}
