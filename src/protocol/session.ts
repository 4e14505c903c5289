/**
 * What the sessions of both protocols share: frames in, events out, who may say what and when, requests and
 * their answers, raw data, keep-alive. Sans-IO: the caller brings the bytes and the time.
 * Invariant: every request ends exactly once, by its final answer or an `error`, and nothing is accepted, or
 * sent, for a request that is not open.
 */
import { maxPendingOutputBytes } from '../core/limits/wire.ts';
import type { Codec } from './codec.ts';
import type { commonMessages } from './common-messages.ts';
import { LocalProtocolError, RemoteProtocolError, wireCodeOf } from './errors.ts';
import { FrameReader, prefixBytes } from './frames.ts';
import { Gate } from './gate.ts';
import { OutputQueue } from './output-queue.ts';
import { isFinal, loose, unsolicited } from './loose-message.ts';
import type { OpenRequest } from './requests.ts';
import type { EventOf, Sendable } from './session-events.ts';
import { SessionState, type SessionTerms } from './session-state.ts';
import type { MessageOf, MessageSpec, MessageTable } from './table.ts';

type CommonTable = MessageTable & typeof commonMessages;

export abstract class Session<
  Table extends CommonTable,
  Incoming extends { readonly type: string },
  Outgoing extends MessageOf<Table>,
> extends SessionState {
  readonly #codec: Codec<Table>;
  readonly #reader: FrameReader;
  readonly #output = new OutputQueue(maxPendingOutputBytes);
  #lastRequestId = 0;
  #pingToken = 0;
  #pingsHeard = 0;
  #pongToken = 0;
  #data: Data | undefined;

  protected constructor(codec: Codec<Table>, terms: SessionTerms) {
    super(terms);
    this.#codec = codec;
    this.#reader = new FrameReader(new Gate(codec, this));
  }

  /** Whether a message has begun to come and is not complete. */
  get isPartial(): boolean {
    return this.#reader.isPartial;
  }

  /** The request whose raw data comes next, with nothing in between; undefined when a frame does. */
  get rawRequestId(): number | undefined {
    const data = this.#data;
    return data && data.left > 0 && !data.isDropped() ? data.requestId : undefined;
  }

  /** How many bytes of that data are still to come. */
  get rawLeft(): number {
    return this.#data?.left ?? 0;
  }

  /**
   * Instead of `receive`: up to `rawLeft` bytes of raw data came and are already where they belong, so that no
   * event tells of them. Whether the data is at its end: then call `next`.
   */
  tookRaw(length: number, nowMs: number): boolean {
    const data = this.#data;
    if (!data || length > data.left || this.#reader.left > 0)
      throw new LocalProtocolError('No such raw data was to come');
    this.nowMs = nowMs;
    this.live.heard(nowMs);
    data.left -= length;
    return data.left === 0;
  }

  /** Pings of the remote that were answered. */
  get pingsHeard(): number {
    return this.#pingsHeard;
  }

  /** Takes in a chunk. Call `next` until it gives nothing, before the next chunk and before this one is reused. */
  receive(bytes: Uint8Array, nowMs: number): void {
    if (this.#reader.left > 0) throw new LocalProtocolError('The last chunk was not read to its end');
    this.nowMs = nowMs;
    if (!this.hasEnded) this.#reader.push(bytes);
  }

  /**
   * The next event, or undefined when more bytes are needed. Throws a RemoteProtocolError when the remote broke
   * the protocol: write what `takeOutput` gives, then close.
   */
  next(): EventOf<Incoming> | undefined {
    try {
      while (!this.hasEnded) {
        const event = this.#data ? this.#nextData(this.#data) : this.#nextMessage();
        if (event !== 'nothing') return event;
      }
    } catch (error) {
      throw this.#broken(error);
    }
    this.#reader.discard();
    return undefined;
  }

  /** How long the frame was that `next` found last. */
  get frameBytes(): number {
    return prefixBytes + this.#reader.end - this.#reader.start;
  }

  /**
   * The frame of a message, to be written in the order of the calls. Raw data is written right behind its
   * header. Throws a LocalProtocolError for what the state or the table forbids.
   */
  send(message: Sendable<Outgoing>): Uint8Array {
    return this.encode(message);
  }

  /** A number for the next request. */
  nextRequestId(): number {
    do this.#lastRequestId = (this.#lastRequestId % 0xffff_ffff) + 1;
    while (!this.asked.isFree(this.#lastRequestId));
    return this.#lastRequestId;
  }

  /** What the session itself has to say (greeting, pongs, refusals): to be written soon, never inside raw data. */
  takeOutput(): Uint8Array | undefined {
    return this.#output.take();
  }

  /** Makes a ping when it is due. Throws a RemoteProtocolError `timeout` when the remote took too long. */
  tick(nowMs: number): void {
    this.nowMs = nowMs;
    if (this.hasEnded) return;
    try {
      this.live.check(nowMs);
    } catch (error) {
      throw this.#broken(error);
    }
    if (!this.mayPing || !this.live.isPingDue(nowMs)) return;
    this.queue({ type: 'ping', token: ++this.#pingToken } as unknown as Outgoing);
  }

  /** The message of a frame; undefined when the table does not have its code. See `Codec.decode`. */
  protected read(source: Uint8Array, start: number, end: number): Incoming | undefined {
    return this.decode(source, start, end) as Incoming | undefined;
  }

  /** The same, always as the table says. */
  protected decode(source: Uint8Array, start: number, end: number): MessageOf<Table> | undefined {
    return this.#codec.decode(source, start, end);
  }

  /** What a greeting means; calls `agree` when all is settled. Throws a RemoteProtocolError to refuse it. */
  protected abstract onGreeting(message: Incoming): void;

  /** Whether a message answers this request and fits behind the answers it had before. */
  protected isInOrder(request: OpenRequest, message: Incoming | Outgoing): boolean {
    return request.answers.includes(loose(message).type);
  }

  /** Looks at a message that neither asks nor answers. Throws a RemoteProtocolError to refuse it. */
  protected onNotice(_message: Incoming): void {}

  /** Puts a message of the session's own into the output. */
  protected queue(message: Outgoing): void {
    if (!this.hasSaidBye) this.#output.push(this.encode(message));
  }

  /** The frame of any message, after all checks. */
  protected encode(message: Outgoing): Uint8Array {
    const { type, requestId = 0 } = loose(message);
    const spec = this.#codec.table[type];
    if (!spec || spec.from === this.remote) throw new LocalProtocolError(`${type} is not ours to send`);
    if (this.hasSaidBye || !spec.phases.includes(this.isReady ? 'ready' : 'hello'))
      throw new LocalProtocolError(`${type} may not be sent now`);
    if (spec.answers && (this.asked.isFull || !this.asked.isFree(requestId)))
      throw new LocalProtocolError(`Request id ${requestId} is in use, or too many are open`);
    const frame = this.#codec.encode(message);

    if (spec.answers) this.asked.open(requestId, loose(message), spec.answers);
    else if (this.#codec.isAnswer(type)) this.#answer(requestId, message, isFinal(spec, message));
    else if (type === 'error' && requestId !== 0 && !this.owed.close(requestId))
      throw new LocalProtocolError(`Request ${requestId} is not open`);
    else if (type === 'cancel') this.asked.cancel(requestId);
    else if (type === 'bye') this.sayBye();
    this.live.said(this.nowMs);
    return frame;
  }

  /** Notes an answer of ours. */
  #answer(requestId: number, message: Outgoing, isLast: boolean): void {
    const request = this.owed.get(requestId);
    if (!request || !this.isInOrder(request, message))
      throw new LocalProtocolError(`${loose(message).type} answers nothing that was asked`);
    if (isLast) this.owed.close(requestId);
  }

  #nextData(data: Data): Step<Incoming> {
    const { requestId, isDropped } = data;
    if (data.left === 0) {
      this.#data = undefined;
      if (data.isFinal) this.asked.close(requestId);
      return isDropped() ? 'nothing' : { type: 'data-end', requestId };
    }
    const bytes = this.#reader.takeRaw(data.left);
    if (!bytes) return undefined;
    data.left -= bytes.length;
    this.live.heard(this.nowMs);
    return isDropped() ? 'nothing' : { type: 'data', requestId, bytes };
  }

  #nextMessage(): Step<Incoming> {
    const reader = this.#reader;
    if (!reader.next()) {
      if (reader.isPartial) this.live.began(this.nowMs);
      return undefined;
    }
    this.live.heard(this.nowMs);
    const message = this.read(reader.source, reader.start, reader.end);
    if (message) return this.#hear(message);
    const { code, requestId } = this.#codec.peek(reader.source, reader.start, reader.end);
    this.#pushError(requestId, 'bad-request', `Message type ${code} is not known here`, String(code));
    return 'nothing';
  }

  #hear(message: Incoming): Step<Incoming> {
    const { type, requestId = 0, token = 0 } = loose(message);
    const spec = this.#codec.table[type];
    if (!spec) return 'nothing';
    const event = message as EventOf<Incoming>;
    switch (type) {
      case 'ping':
        this.#pingsHeard += 1;
        this.queue({ type: 'pong', token } as unknown as Outgoing);
        return 'nothing';
      case 'pong':
        if (token <= this.#pongToken || token > this.#pingToken) unsolicited(type);
        this.#pongToken = token;
        return 'nothing';
      case 'bye':
        this.end();
        return event;
      case 'hello':
      case 'welcome':
        this.onGreeting(message);
        this.live.greeted();
        return event;
      case 'cancel':
        // It may cross with the end of what it cancels.
        return this.owed.cancel(requestId) ? event : 'nothing';
      case 'error':
        return requestId === 0 ? event : this.#hearAnswer(requestId, message, spec);
      default:
        if (spec.answers) this.#hearRequest(requestId, message, spec.answers);
        if (this.#codec.isAnswer(type)) return this.#hearAnswer(requestId, message, spec);
        this.onNotice(message);
        return event;
    }
  }

  #hearRequest(id: number, message: Incoming, answers: readonly string[]): void {
    if (!this.owed.isFree(id))
      throw new RemoteProtocolError('unexpected', `Request id ${id} may not be used now`);
    if (this.owed.isFull) throw new RemoteProtocolError('too-many-requests', 'Too many open requests');
    this.owed.open(id, loose(message), answers);
  }

  #hearAnswer(requestId: number, message: Incoming, spec: MessageSpec): Step<Incoming> {
    const { type, dataLength: left = 0 } = loose(message);
    const request = this.asked.get(requestId);
    if (!request || (type !== 'error' && !this.isInOrder(request, message))) return unsolicited(type);
    const ends = isFinal(spec, message);
    if (spec.raw) this.#data = { requestId, left, isFinal: ends, isDropped: () => request.isCancelled };
    else if (ends) this.asked.close(requestId);
    return request.isCancelled ? 'nothing' : (message as EventOf<Incoming>);
  }

  #pushError(requestId: number, code: string, message: string, detail: string): void {
    const error = { type: 'error', requestId, code, message, detail };
    this.#output.push(this.#codec.encode(error as unknown as MessageOf<Table>));
  }

  /** Ends the session when the remote broke the protocol, and leaves the reason in the output. */
  #broken(error: unknown): unknown {
    if (error instanceof RemoteProtocolError) {
      this.end();
      this.#reader.discard();
      this.#output.clear();
      if (!this.hasSaidBye) this.#pushError(0, wireCodeOf(error.code), error.message, error.code);
    }
    return error;
  }
}

/** Raw bytes that are to come. */
interface Data {
  readonly requestId: number;
  readonly isFinal: boolean;
  readonly isDropped: () => boolean;
  left: number;
}

/** An event, nothing to show but perhaps more to come, or no more until the next chunk. */
type Step<Incoming extends { readonly type: unknown }> = EventOf<Incoming> | 'nothing' | undefined;
