/**
 * What the sessions of both protocols share: frames in, events out, who may say what and when, requests and
 * their answers, raw data, keep-alive. Sans-IO: the caller brings the bytes and the time.
 * Invariant: every request ends exactly once, by its final answer or an `error`, and nothing is accepted, or
 * sent, for a request that is not open.
 */
import { maxHelloFrameBytes, maxPendingOutputBytes, maxUnknownFrameBytes } from '../core/limits.ts';
import type { Codec } from './codec.ts';
import type { commonMessages } from './common-messages.ts';
import { LocalProtocolError, RemoteProtocolError, wireCodeOf } from './errors.ts';
import { FrameReader } from './frames.ts';
import { type KeepAlive, Liveness } from './liveness.ts';
import { OutputQueue } from './output-queue.ts';
import { type AnyMessage, type OpenRequest, Requests } from './requests.ts';
import type { MessageOf, MessageSpec, MessageTable, Side } from './table.ts';

/** Raw bytes of an answer. `bytes` is a view into the received chunk: valid until the next `receive`. */
export interface DataEvent {
  readonly type: 'data';
  readonly requestId: number;
  readonly bytes: Uint8Array;
}

/** All bytes that the last `manifest` or `block` announced have come. */
export interface DataEndEvent {
  readonly type: 'data-end';
  readonly requestId: number;
}

/** What `next` gives for messages: all but keep-alive, which the session sees to. */
export type EventOf<Incoming extends { readonly type: unknown }> =
  Exclude<Incoming, { readonly type: 'ping' | 'pong' }> | DataEvent | DataEndEvent;

/** What `send` takes: greetings and keep-alive are the session's own. */
export type Sendable<Outgoing extends { readonly type: unknown }> = Exclude<
  Outgoing,
  { readonly type: 'ping' | 'pong' | 'hello' | 'welcome' }
>;

export interface SessionTerms {
  readonly side: Side;
  /** Requests open at a time, ours at the remote or the remote's here. */
  readonly maxRequests: number;
  readonly keepAlive: KeepAlive;
  readonly nowMs: number;
}

type CommonTable = MessageTable & typeof commonMessages;

export abstract class Session<
  Table extends CommonTable,
  Incoming extends MessageOf<Table>,
  Outgoing extends MessageOf<Table>,
> {
  protected nowMs: number;
  protected readonly live: Liveness;
  /** Requests of ours, and of the remote. */
  protected readonly asked = new Requests();
  protected readonly owed = new Requests();
  readonly #codec: Codec<Table>;
  readonly #own: Side;
  readonly #remote: Side;
  readonly #maxRequests: number;
  readonly #reader: FrameReader;
  readonly #output = new OutputQueue(maxPendingOutputBytes);
  #isReady = false;
  #hasEnded = false;
  #lastRequestId = 0;
  #pingToken = 0;
  #pongToken = 0;
  #data: { readonly requestId: number; left: number; readonly isFinal: boolean } | undefined;

  protected constructor(codec: Codec<Table>, terms: SessionTerms) {
    this.#codec = codec;
    this.#own = terms.side;
    this.#remote = terms.side === 'client' ? 'server' : 'client';
    this.#maxRequests = terms.maxRequests;
    this.nowMs = terms.nowMs;
    this.live = new Liveness(terms.keepAlive, terms.nowMs);
    this.#reader = new FrameReader({
      admitLength: (length) => this.#admitLength(length),
      admitMessage: (code, length) => this.#admitMessage(code, length),
    });
  }

  /** Whether both sides have agreed on a version: requests may be sent. */
  get isReady(): boolean {
    return this.#isReady;
  }

  /** Whether nothing more is read: the remote said bye, or broke the protocol. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** When a whole message, or raw data, last came. */
  get heardMs(): number {
    return this.live.heardMs;
  }

  /** Requests of ours that wait for their end. */
  get askedCount(): number {
    return this.asked.count;
  }

  /** Requests of the remote that wait for our end of them. */
  get owedCount(): number {
    return this.owed.count;
  }

  /** Whether one more request may be sent. */
  get canAsk(): boolean {
    return this.#isReady && this.asked.count < this.#maxRequests;
  }

  /** Takes in a chunk. Call `next` until it gives nothing, before the next chunk and before this one is reused. */
  receive(bytes: Uint8Array, nowMs: number): void {
    if (this.#reader.left > 0) throw new LocalProtocolError('The last chunk was not read to its end');
    this.nowMs = nowMs;
    if (!this.#hasEnded) this.#reader.push(bytes);
  }

  /**
   * The next event, or undefined when more bytes are needed. Throws a RemoteProtocolError when the remote broke
   * the protocol: write what `takeOutput` gives, then close.
   */
  next(): EventOf<Incoming> | undefined {
    return this.#orEnd(() => {
      while (!this.#hasEnded) {
        const event = this.#data ? this.#nextData(this.#data) : this.#nextMessage();
        if (event === undefined) return undefined;
        if (event !== 'nothing') return event;
      }
      this.#reader.discard();
      return undefined;
    });
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
    while (this.asked.get(this.#lastRequestId));
    return this.#lastRequestId;
  }

  /** What the session itself has to say (greeting, pongs, refusals): to be written soon, never inside raw data. */
  takeOutput(): Uint8Array | undefined {
    return this.#output.take();
  }

  /** When to call `tick` at the latest; changes with every `receive`, `send` and `tick`. */
  deadlineMs(): number {
    return this.#hasEnded ? Infinity : this.live.deadlineMs(this.#isReady);
  }

  /** Makes a ping when it is due. Throws a RemoteProtocolError `timeout` when the remote took too long. */
  tick(nowMs: number): void {
    this.nowMs = nowMs;
    if (this.#hasEnded) return;
    this.#orEnd(() => {
      this.live.check(nowMs);
      if (!this.#isReady || !this.live.isPingDue(nowMs)) return;
      this.queue({ type: 'ping', token: ++this.#pingToken } as unknown as Outgoing);
    });
  }
  /** What a greeting means; calls `becomeReady` when all is agreed. Throws a RemoteProtocolError to refuse it. */
  protected abstract onGreeting(message: Incoming): void;

  /** Whether an answer fits into what was answered to this request before. */
  protected isInOrder(request: OpenRequest, message: Incoming | Outgoing): boolean {
    return request.answers.includes((message as AnyMessage).type);
  }

  protected becomeReady(): void {
    this.#isReady = true;
  }

  /** Puts a message of the session's own into the output. */
  protected queue(message: Outgoing): void {
    this.#output.push(this.encode(message));
  }

  /** The frame of any message, after the same checks. */
  protected encode(message: Outgoing): Uint8Array {
    const { type, requestId = 0 } = message as AnyMessage;
    const spec = this.#codec.table[type];
    if (!spec || spec.from === this.#remote) throw new LocalProtocolError(`${type} is not ours to send`);
    if (!spec.phases.includes(this.#isReady ? 'ready' : 'hello'))
      throw new LocalProtocolError(`${type} may not be sent ${this.#isReady ? 'any more' : 'yet'}`);
    const frame = this.#codec.encode(message);
    if (spec.answers) this.#ask(requestId, message as AnyMessage, spec.answers);
    else if (this.#codec.isAnswer(type)) this.answering(requestId, message, isFinal(spec, message));
    else if (type === 'error' && requestId !== 0) this.#refusing(requestId);
    else if (type === 'cancel') this.#cancelling(requestId);
    this.live.said(this.nowMs);
    return frame;
  }

  /** Notes an answer of ours. */
  protected answering(requestId: number, message: Outgoing, isLast: boolean): void {
    const request = this.owed.get(requestId);
    if (!request || !this.isInOrder(request, message))
      throw new LocalProtocolError(`${(message as AnyMessage).type} answers nothing that was asked`);
    if (isLast) this.owed.close(requestId);
  }

  #ask(id: number, message: AnyMessage, answers: readonly string[]): void {
    if (id === 0 || this.asked.get(id)) throw new LocalProtocolError(`Request id ${id} is in use`);
    if (this.asked.count >= this.#maxRequests) throw new LocalProtocolError('Too many open requests');
    this.asked.open(id, message, answers);
  }

  #refusing(id: number): void {
    if (!this.owed.get(id)) throw new LocalProtocolError(`Request ${id} is not open`);
    this.owed.close(id);
  }

  #cancelling(id: number): void {
    const request = this.asked.get(id);
    if (request) request.isCancelled = true;
  }

  #nextData(data: { readonly requestId: number; left: number; readonly isFinal: boolean }): Step<Incoming> {
    const { requestId } = data;
    const isDropped = this.asked.get(requestId)?.isCancelled !== false;
    if (data.left === 0) {
      this.#data = undefined;
      if (data.isFinal) this.asked.close(requestId);
      return isDropped ? 'nothing' : { type: 'data-end', requestId };
    }
    const bytes = this.#reader.takeRaw(data.left);
    if (!bytes) return undefined;
    data.left -= bytes.length;
    this.live.heard(this.nowMs);
    return isDropped ? 'nothing' : { type: 'data', requestId, bytes };
  }

  #nextMessage(): Step<Incoming> {
    const reader = this.#reader;
    if (!reader.next()) {
      if (reader.isPartial) this.live.began(this.nowMs);
      return undefined;
    }
    this.live.heard(this.nowMs);
    const message = this.#codec.decode(reader.source, reader.start, reader.end);
    if (!message) {
      this.#answerUnknown(this.#codec.peek(reader.source, reader.start, reader.end));
      return 'nothing';
    }
    return this.#hear(message as Incoming);
  }

  #hear(message: Incoming): Step<Incoming> {
    const { type, requestId = 0, token = 0, dataLength = 0 } = message as AnyMessage & Numbers;
    const spec = this.#codec.table[type];
    if (!spec) return 'nothing';
    switch (type) {
      case 'ping':
        this.queue({ type: 'pong', token } as unknown as Outgoing);
        return 'nothing';
      case 'pong':
        if (token <= this.#pongToken || token > this.#pingToken)
          throw new RemoteProtocolError('unsolicited', 'A pong without a ping');
        this.#pongToken = token;
        return 'nothing';
      case 'bye':
        this.#hasEnded = true;
        return message as EventOf<Incoming>;
      case 'hello':
      case 'welcome':
        this.onGreeting(message);
        this.live.greeted();
        return message as EventOf<Incoming>;
      case 'cancel':
        return this.#cancelled(requestId) ? (message as EventOf<Incoming>) : 'nothing';
    }
    if (spec.answers) this.#asks(requestId, message as AnyMessage, spec.answers);
    if (!this.#codec.isAnswer(type) && (type !== 'error' || requestId === 0))
      return message as EventOf<Incoming>;

    const request = this.asked.get(requestId);
    if (!request || (type !== 'error' && !this.isInOrder(request, message)))
      throw new RemoteProtocolError('unsolicited', `${type} answers nothing that was asked`);
    const ends = type === 'error' || isFinal(spec, message);
    if (spec.raw) this.#data = { requestId, left: dataLength, isFinal: ends };
    else if (ends) this.asked.close(requestId);
    return request.isCancelled ? 'nothing' : (message as EventOf<Incoming>);
  }
  #asks(id: number, message: AnyMessage, answers: readonly string[]): void {
    if (id === 0 || this.owed.get(id))
      throw new RemoteProtocolError('unexpected', `Request id ${id} is in use or not allowed`);
    if (this.owed.count >= this.#maxRequests)
      throw new RemoteProtocolError('too-many-requests', `More than ${this.#maxRequests} open requests`);
    this.owed.open(id, message, answers);
  }

  /** Whether the request was still open: a cancel may cross with the end. */
  #cancelled(id: number): boolean {
    const request = this.owed.get(id);
    if (request) request.isCancelled = true;
    return request !== undefined;
  }

  #answerUnknown({ code, requestId }: { readonly code: number; readonly requestId: number }): void {
    const message = `Message type ${code} is not known here`;
    this.#pushError({ requestId, code: 'bad-request', message, detail: String(code) });
  }

  #pushError(fields: { requestId: number; code: string; message: string; detail: string }): void {
    this.#output.push(this.#codec.encode({ type: 'error', ...fields } as unknown as MessageOf<Table>));
  }

  #admitLength(length: number): void {
    const max = this.#isReady ? this.#codec.maxBytesFrom(this.#remote) : maxHelloFrameBytes;
    if (length === 0 || length > max)
      throw new RemoteProtocolError('frame-length', `A message of ${length} bytes is refused`);
  }

  #admitMessage(code: number, length: number): void {
    const spec = this.#codec.specOf(code);
    const isKnownHere = spec !== undefined && spec.from !== this.#own;
    const phase = this.#isReady ? 'ready' : 'hello';
    if (spec ? !isKnownHere || !spec.phases.includes(phase) : !this.#isReady)
      throw new RemoteProtocolError('unexpected', `Message type ${code} may not come now`);
    const max = spec?.maxBytes ?? maxUnknownFrameBytes;
    if (length > max)
      throw new RemoteProtocolError('frame-length', `Message type ${code} may not have ${length} bytes`);
    if (this.#codec.isAnswerCode(code) && this.asked.count === 0)
      throw new RemoteProtocolError('unsolicited', `Nobody asked for message type ${code}`);
  }

  /** Ends the session when the remote broke the protocol, and leaves the reason in the output. */
  #orEnd<T>(step: () => T): T {
    try {
      return step();
    } catch (error) {
      if (error instanceof RemoteProtocolError) {
        this.#hasEnded = true;
        this.#reader.discard();
        this.#output.clear();
        this.#pushError({
          requestId: 0,
          code: wireCodeOf(error.code),
          message: error.message,
          detail: error.code,
        });
      }
      throw error;
    }
  }
}

/** An event, nothing to show but perhaps more to come, or no more until the next chunk. */
type Step<Incoming extends { readonly type: unknown }> = EventOf<Incoming> | 'nothing' | undefined;

interface Numbers {
  readonly token?: number;
  readonly dataLength?: number;
}

function isFinal(spec: MessageSpec, message: object): boolean {
  const [field, value] = spec.finalWhen ?? [];
  return field === undefined || (message as Readonly<Record<string, unknown>>)[field] === value;
}
