/**
 * One connection to a tracker that has shown who it is: the socket and the conversation on it. It takes in one
 * chunk at a time. Invariant: after `close` nothing is noted, sent or read any more; of one set aside all that is noted
 * is that something came, once, and what came is kept for when it is gone on with.
 */
import type { TLSSocket } from 'node:tls';
import { plainHost } from '../../../core/host.ts';
import { farewellTimeoutMs, maxUnsentBytes } from '../../../core/limits/tracker.ts';
import { requestsKeptForShare } from '../../../core/limits/tracker-link.ts';
import { maxTrackerRequests } from '../../../core/limits/wire.ts';
import type { Problem } from '../../../core/result.ts';
import { RemoteProtocolError } from '../../../protocol/errors.ts';
import type { EventOf, Sendable } from '../../../protocol/session-events.ts';
import { TrackerClientSession, type TrackerClientOptions } from '../../../protocol/tracker-client-session.ts';
import type { TrackerReply, TrackerRequest } from '../../../protocol/tracker-messages.ts';
import type { Clock } from '../../runtime/index.ts';

/** What happens on the line, for its owner's mailbox. `tick`: to be called now. `awake`: one set aside has been heard. */
export type LineMessage =
  | { readonly type: 'chunk'; readonly bytes: Uint8Array }
  | { readonly type: 'drained' | 'gone' | 'tick' | 'awake' };

export type LineEvent = EventOf<TrackerReply>;

export class TrackerLine {
  readonly #socket: TLSSocket;
  readonly #session: TrackerClientSession;
  readonly #clock: Clock;
  readonly #remoteHost: string;
  readonly #note: (message: LineMessage) => void;
  #unwatch: () => void = () => {};
  #isClosed = false;
  #isAside = false;
  /** It is set aside for another that has not let us in yet. */
  #isMoving = false;
  /** Nothing was heard for too long, and nothing else is wrong. */
  #isSilent = false;
  /** What came while it was set aside. */
  #held: Uint8Array | undefined;

  /** Greets the tracker at once. */
  constructor(
    socket: TLSSocket,
    options: Omit<TrackerClientOptions, 'nowMs'>,
    clock: Clock,
    note: (message: LineMessage) => void,
  ) {
    this.#socket = socket;
    this.#clock = clock;
    this.#remoteHost = plainHost(socket.remoteAddress ?? '');
    this.#session = new TrackerClientSession({ ...options, nowMs: clock.now() });
    this.#note = (message) => {
      if (!this.#isClosed && !this.#isAside) note(message);
      else if (!this.#isClosed && message.type === 'chunk') {
        this.#held = message.bytes;
        note({ type: 'awake' });
      }
    };
    socket.on('data', (bytes: Uint8Array) => {
      socket.pause();
      this.#note({ type: 'chunk', bytes });
    });
    socket.on('drain', () => this.#note({ type: 'drained' }));
    socket.once('close', () => this.#note({ type: 'gone' }));
    this.#flush();
    this.#watch();
  }

  /** Whether the socket is gone already, so that no `gone` will come. */
  get isDead(): boolean {
    return this.#socket.destroyed;
  }

  /** Whether one that was set aside can be gone on with. */
  get canGoOn(): boolean {
    return this.#isAside && this.#isSilent && this.#held !== undefined && !this.#socket.destroyed;
  }

  /** Whether one that was set aside for another has been kept by its tracker, and is as good as before. */
  get canStay(): boolean {
    return this.#isAside && this.#isMoving && !this.#socket.destroyed;
  }

  get isReady(): boolean {
    return this.#session.isReady;
  }

  /** Whether the tracker brings those together who download the same. */
  get isSwarming(): boolean {
    return this.#session.isSwarming;
  }

  /** How often the tracker hears from us. */
  get pingEveryMs(): number {
    return this.#session.pingEveryMs;
  }

  /** The IP address that it was reached at. */
  get remoteHost(): string {
    return this.#remoteHost;
  }

  /** Whether the tracker finds many contents by their ids at once. */
  get isFinding(): boolean {
    return this.#session.isFinding;
  }

  /** Whether the tracker passes on calls, and may now. */
  get isCalling(): boolean {
    return this.#session.isReady && this.#session.isCalling;
  }

  /** Whether one more question may be asked; some requests are kept for the share. */
  get canAsk(): boolean {
    return this.#session.canAsk && this.#session.askedCount < maxTrackerRequests - requestsKeptForShare;
  }

  /** Whether what has been written is on its way; if not, `drained` comes. */
  get hasRoom(): boolean {
    return this.#socket.writableLength <= maxUnsentBytes;
  }

  nextRequestId(): number {
    return this.#session.nextRequestId();
  }

  send(message: Sendable<TrackerRequest>): void {
    if (!this.#isClosed) this.#socket.write(this.#session.send(message));
  }

  /** Hands each event of a chunk to `handle`. The problem when the tracker broke the protocol: it is to be closed. */
  receive(bytes: Uint8Array, handle: (event: LineEvent) => void): Problem | undefined {
    return this.#guard(() => {
      this.#session.receive(bytes, this.#clock.now());
      try {
        for (let event = this.#session.next(); event !== undefined; event = this.#session.next()) {
          handle(event);
          if (this.#isClosed) return;
          if (event.type === 'welcome') this.#watch();
        }
      } finally {
        this.#flush();
      }
      this.#socket.resume();
    });
  }

  /** Keeps alive. The problem when the tracker has been silent for too long. */
  tick(): Problem | undefined {
    const nowMs = this.#clock.now();
    this.#isSilent = this.#session.isReady && nowMs >= this.#session.silentAtMs;
    // The conversation itself may go on, when the tracker does.
    if (this.#isSilent) return { code: 'timeout', message: 'Nothing was heard of the tracker for too long' };
    return this.#guard(() => {
      this.#session.tick(nowMs);
      this.#flush();
      this.#watch();
    });
  }

  /**
   * Ends it: with a word and what is still to be sent, or at once. Or only sets it aside, with no more said: as long as
   * the other side holds it, it holds us for present. What comes then is not read beyond the first chunk.
   */
  close(how: 'gracefully' | 'now' | 'silent' | 'moving'): void {
    if (this.#isClosed) return;
    this.#unwatch();
    this.#isMoving = how === 'moving';
    this.#isAside = how === 'silent' || how === 'moving';
    if (this.#isAside) return;
    const socket = this.#socket;
    if (how === 'gracefully' && this.#session.isReady && !this.#session.hasEnded)
      this.send({ type: 'bye', reason: 'The peer is leaving' });
    this.#isClosed = true;
    if (how === 'now') socket.destroy();
    else socket.destroySoon();
    if (socket.destroyed) return;
    const inTime = this.#clock.after(farewellTimeoutMs, () => socket.destroy());
    socket.once('close', inTime);
  }

  /** The tracker has been told something else on another connection: this one is not to be gone on with. */
  outdate(): void {
    this.#isSilent = false;
    this.#isMoving = false;
  }

  /** What was set aside is the connection again: what came meanwhile is noted first. */
  goOn(): void {
    const bytes = this.#held;
    this.#held = undefined;
    this.#isAside = false;
    if (bytes !== undefined) this.#note({ type: 'chunk', bytes });
    this.#watch();
  }

  /** Runs what reads the tracker's words. */
  #guard(read: () => void): Problem | undefined {
    try {
      read();
      return undefined;
    } catch (error) {
      if (!(error instanceof RemoteProtocolError)) throw error;
      return { code: error.code === 'timeout' ? 'timeout' : 'protocol', message: error.message };
    }
  }

  /** Has `tick` called when it is due. */
  #watch(): void {
    this.#unwatch();
    const dueMs = this.#session.deadlineMs() - this.#clock.now();
    if (dueMs !== Infinity)
      this.#unwatch = this.#clock.after(Math.max(0, dueMs), () => this.#note({ type: 'tick' }));
  }

  #flush(): void {
    const bytes = this.#session.takeOutput();
    if (bytes !== undefined && !this.#isClosed) this.#socket.write(bytes);
  }
}
