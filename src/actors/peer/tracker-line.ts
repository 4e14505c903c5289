/**
 * One connection to a tracker that has shown who it is: the socket and the conversation on it. It takes in one
 * chunk at a time. Invariant: after `close` nothing is noted, sent or read any more.
 */
import type { TLSSocket } from 'node:tls';
import * as limits from '../../core/limits.ts';
import type { EventOf, Sendable } from '../../protocol/session-events.ts';
import { TrackerClientSession, type TrackerClientOptions } from '../../protocol/tracker-client-session.ts';
import type { TrackerReply, TrackerRequest } from '../../protocol/tracker-messages.ts';
import type { Clock } from '../runtime/index.ts';

/** What happens on the line, for its owner's mailbox. */
export type LineMessage =
  { readonly type: 'chunk'; readonly bytes: Uint8Array } | { readonly type: 'drained' | 'gone' };

export type LineEvent = EventOf<TrackerReply>;

export class TrackerLine {
  readonly #socket: TLSSocket;
  readonly #session: TrackerClientSession;
  readonly #clock: Clock;
  #isClosed = false;

  /** Greets the tracker at once. */
  constructor(
    socket: TLSSocket,
    options: Omit<TrackerClientOptions, 'nowMs'>,
    clock: Clock,
    note: (message: LineMessage) => void,
  ) {
    this.#socket = socket;
    this.#clock = clock;
    this.#session = new TrackerClientSession({ ...options, nowMs: clock.now() });
    const noteOpen = (message: LineMessage): void => {
      if (!this.#isClosed) note(message);
    };
    socket.on('data', (bytes: Uint8Array) => {
      socket.pause();
      noteOpen({ type: 'chunk', bytes });
    });
    socket.on('drain', () => noteOpen({ type: 'drained' }));
    socket.once('close', () => noteOpen({ type: 'gone' }));
    this.#flush();
  }

  /** Whether the socket is gone already, so that no `gone` will come. */
  get isDead(): boolean {
    return this.#socket.destroyed;
  }

  get isReady(): boolean {
    return this.#session.isReady;
  }

  /** Whether the tracker brings those together who download the same. */
  get isSwarming(): boolean {
    return this.#session.isSwarming;
  }

  /** Whether one more question may be asked; some requests are kept for the share. */
  get canAsk(): boolean {
    return (
      this.#session.canAsk &&
      this.#session.askedCount < limits.maxTrackerRequests - limits.requestsKeptForShare
    );
  }

  /** Whether what has been written is on its way; if not, `drained` comes. */
  get hasRoom(): boolean {
    return this.#socket.writableLength <= limits.maxUnsentBytes;
  }

  /** When `tick` is due. */
  get deadlineMs(): number {
    return this.#session.deadlineMs();
  }

  nextRequestId(): number {
    return this.#session.nextRequestId();
  }

  send(message: Sendable<TrackerRequest>): void {
    if (!this.#isClosed) this.#socket.write(this.#session.send(message));
  }

  /** Hands each event of a chunk to `handle`. Throws a RemoteProtocolError when the tracker broke the protocol. */
  receive(bytes: Uint8Array, handle: (event: LineEvent) => void): void {
    this.#session.receive(bytes, this.#clock.now());
    try {
      for (let event = this.#session.next(); event !== undefined; event = this.#session.next()) {
        handle(event);
        if (this.#isClosed) return;
      }
    } finally {
      this.#flush();
    }
    this.#socket.resume();
  }

  /** Keeps alive. Throws a RemoteProtocolError when the tracker has been silent for too long. */
  tick(): void {
    this.#session.tick(this.#clock.now());
    this.#flush();
  }

  /** Ends it: with a word and what is still to be sent, or at once. */
  close(how: 'gracefully' | 'now'): void {
    if (this.#isClosed) return;
    const socket = this.#socket;
    if (how === 'gracefully' && this.#session.isReady && !this.#session.hasEnded)
      this.send({ type: 'bye', reason: 'The peer is leaving' });
    this.#isClosed = true;
    if (how === 'now') socket.destroy();
    else socket.destroySoon();
    if (socket.destroyed) return;
    const inTime = this.#clock.after(limits.farewellTimeoutMs, () => socket.destroy());
    socket.once('close', inTime);
  }

  #flush(): void {
    const bytes = this.#session.takeOutput();
    if (bytes !== undefined && !this.#isClosed) this.#socket.write(bytes);
  }
}
