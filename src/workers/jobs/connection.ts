/**
 * One connection to another peer as jobs use it: carries the session's bytes both ways, keeps its deadlines,
 * and ends exactly once, with the reason.
 * Invariant: frames are written in the order in which the session made them, and nothing after the end.
 */
import type { Socket } from 'node:net';
import { partingTimeoutMs } from '../../core/limits/connections.ts';
import { brokenLine, calledPeer } from '../../core/peer-words.ts';
import type { Problem } from '../../core/result.ts';
import { problemOf, RemoteProtocolError, wireCodeOf } from '../../protocol/errors.ts';
import type { PeerMessage } from '../../protocol/peer-messages.ts';
import type { PeerSession } from '../../protocol/peer-session.ts';
import type { EventOf, Sendable } from '../../protocol/session-events.ts';

export type PeerEvent = EventOf<PeerMessage>;

export const nowMs = (): number => performance.now();

export class Connection {
  readonly session: PeerSession;
  /** Resolves once, with why it is over. */
  readonly ended: Promise<Problem>;
  /** Resolves later, when nothing is read or written any more. */
  readonly closed: Promise<void>;
  readonly #socket: Socket;
  #onEvent: (event: PeerEvent) => void;
  readonly #resolve: (problem: Problem) => void;
  #timer: NodeJS.Timeout | undefined;
  #timerAtMs = Infinity;
  #isOpen = true;
  /** The other side, as it calls itself. */
  #them = calledPeer('');
  #fault: Error | undefined;

  /** The handshake must be done: both hellos follow at once. */
  constructor(socket: Socket, session: PeerSession, onEvent: (event: PeerEvent) => void) {
    const { promise, resolve } = Promise.withResolvers<Problem>();
    this.ended = promise;
    this.#resolve = resolve;
    this.session = session;
    this.#socket = socket;
    this.#onEvent = onEvent;
    this.closed = new Promise((done) => socket.once('close', () => done()));
    socket.setNoDelay(true);
    socket.on('error', (error) => this.#over(brokenLine(this.#them, error)));
    socket.on('close', () => this.#over({ code: 'closed', message: `${this.#them} closed the connection` }));
    this.#afterwards();
  }

  /** From now on somebody else hears the events, the next that comes the first. */
  handTo(onEvent: (event: PeerEvent) => void): void {
    this.#onEvent = onEvent;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Takes in a chunk and hands out its events; the chunk may be reused afterwards. */
  receive(bytes: Uint8Array): void {
    if (!this.#isOpen) return;
    try {
      this.session.receive(bytes, nowMs());
    } catch (error) {
      this.#broken(error);
    }
    this.#handAll();
  }

  /** Raw data came right where it belongs, see `Session.tookRaw`. */
  tookRaw(length: number): void {
    if (this.#isOpen && this.session.tookRaw(length, nowMs())) this.#handAll();
  }

  #handAll(): void {
    try {
      for (let event = this.session.next(); event && this.#isOpen; event = this.session.next())
        this.#hand(event);
    } catch (error) {
      this.#broken(error);
    }
    this.#afterwards();
  }

  /** Nothing happens once the connection is over: its end is told elsewhere. */
  send(message: Sendable<PeerMessage>): void {
    if (!this.#isOpen) return;
    this.#socket.write(this.session.send(message));
    this.#afterwards();
  }

  /** Frames and data that the session has already accepted; `written` is called when they may be reused. */
  write(bytes: Uint8Array, written?: () => void): void {
    if (this.#isOpen) this.#socket.write(bytes, written);
    else written?.();
  }

  /** Groups the writes of `step` into one. */
  corked(step: () => void): void {
    this.#socket.cork();
    step();
    this.#socket.uncork();
  }

  /** Takes leave of the other side, which learns the reason, and closes. */
  end(problem: Problem): void {
    if (!this.#isOpen) return;
    if (this.session.isReady && !this.session.hasEnded)
      this.#socket.write(this.session.send({ type: 'bye', reason: problem.message }));
    this.#over(problem);
  }

  /** Refuses the other side with a reason that it can act on, and closes. */
  refuse(problem: Problem): void {
    if (!this.#isOpen) return;
    const { code, message } = problem;
    this.#socket.write(this.session.send({ type: 'error', requestId: 0, code, message, detail: '' }));
    this.#over(problem);
  }

  #hand(event: PeerEvent): void {
    if (event.type === 'hello') this.#them = calledPeer(event.name);
    if (event.type === 'bye')
      this.#over({ code: 'closed', message: event.reason || `${this.#them} has left` });
    else if (event.type === 'error' && event.requestId === 0) this.#over(problemOf(event));
    else this.#onEvent(event);
  }

  /** What came of it, once it is over; throws where it ended by a fault of ours. */
  unlessAtFault<T>(outcome: T): T {
    if (this.#fault !== undefined) throw this.#fault;
    return outcome;
  }

  /**
   * The remote broke the protocol; anything else is a fault of ours. That ends this connection, and is told to who
   * waits for its end: thrown here it would end the thread, and with it the connections of others.
   */
  #broken(error: unknown): void {
    if (!(error instanceof RemoteProtocolError)) {
      this.#fault ??= error instanceof Error ? error : new Error(String(error));
      this.#over({ code: 'internal', message: 'A fault of the program ended the connection' });
      this.#socket.destroy();
      return;
    }
    const parting = this.session.takeOutput();
    if (parting) this.#socket.write(parting);
    this.#over({ code: wireCodeOf(error.code), message: error.message });
  }

  #tick(): void {
    this.#timerAtMs = Infinity;
    if (!this.#isOpen) return;
    try {
      this.session.tick(nowMs());
    } catch (error) {
      this.#broken(error);
    }
    this.#afterwards();
  }

  #afterwards(): void {
    if (!this.#isOpen) return;
    const output = this.session.takeOutput();
    if (output) this.#socket.write(output);
    this.#arm(this.session.deadlineMs());
  }

  /** Deadlines mostly move away: a timer that is early serves for the later one as well. */
  #arm(deadlineMs: number): void {
    if (deadlineMs >= this.#timerAtMs || deadlineMs === Infinity) return;
    clearTimeout(this.#timer);
    this.#timerAtMs = deadlineMs;
    this.#timer = setTimeout(() => this.#tick(), Math.max(1, deadlineMs - nowMs()));
  }

  #over(problem: Problem): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    clearTimeout(this.#timer);
    this.#resolve(problem);
    if (this.#socket.destroyed) return;
    this.#socket.end();
    const deadline = setTimeout(() => this.#socket.destroy(), partingTimeoutMs);
    this.#socket.once('close', () => clearTimeout(deadline));
  }
}
