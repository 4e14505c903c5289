/**
 * Answers the requests for pieces and files of one connection, in order, while it has a slot: reads large blocks into a few
 * reused buffers and never has more unsent than these hold.
 * Invariant: every request taken ends exactly once, with its last block or an error.
 */
import type { ContentId } from '../../core/ids.ts';
import { sendBufferBytes, sendBuffers, slotIdleMs } from '../../core/limits/connections.ts';
import { maxSmallFileBytes } from '../../core/limits/trees.ts';
import { Patience } from '../../core/patience.ts';
import { pieceCount, pieceLengthFor } from '../../core/piece-length.ts';
import { fail, type Problem, type Result } from '../../core/result.ts';
import type { Revocations } from '../../core/revocations.ts';
import type { Rate } from '../../core/shared-rate.ts';
import { blockHeaderBytes } from '../../protocol/block-header.ts';
import type { PeerMessageNamed } from '../../protocol/peer-messages.ts';
import type { ServedFile, SlotWants } from '../transfer-contract.ts';
import { layOut } from './block-layout.ts';
import { nowMs, type Connection } from './connection.ts';
import { FileSender, type FilesRequest } from './file-sender.ts';
import { SendPacer } from './pacer.ts';
import type { ServedFiles } from './served-files.ts';

export type PieceRequest = PeerMessageNamed<'get-pieces'>;
type UploadRequest = PieceRequest | FilesRequest;

const closed = fail('closed', 'The connection is closed');

/** A small file has no more pieces than these; larger ones may be asked for as few. */
const maxPiecesOfSmall = pieceCount(maxSmallFileBytes);

export interface UploaderEvents {
  /** What waits to be sent has changed; nothing does once there has been nothing for a while. */
  wantSlot(wants: SlotWants): void;
  sent(id: ContentId, bytes: number): void;
  stale(id: ContentId, problem: Problem): void;
  /** Where these lie, in their order. */
  findAll(ids: readonly ContentId[]): Promise<readonly Result<ServedFile>[]>;
}

export class Uploader {
  readonly #connection: Connection;
  readonly #files: ServedFiles;
  readonly #events: UploaderEvents;
  readonly #pacer: SendPacer;
  readonly #sender: FileSender;
  /** Requests for small files, which may go in a minislot, and the others: each in the order they came. */
  readonly #small: UploadRequest[] = [];
  readonly #large: PieceRequest[] = [];
  /** Every request that is under way, and those of them that are not wanted any more. */
  readonly #requests = new Set<number>();
  readonly #cancelled = new Set<number>();
  /** Settles when the requests taken so far are known to be small or not. */
  #sorted: Promise<void> = Promise.resolve();
  /** Buffers not in use; made at the first need, let go with the slot. */
  #buffers: Buffer[] | undefined;
  /** Where in the file a request that lost its slot goes on. */
  readonly #paused = new Map<number, number>();
  #hasSlot = false;
  #hasMinislot = false;
  #wants: SlotWants = { small: false, large: false };
  #isRunning = false;
  readonly #patience = new Patience(nowMs());
  /** Settles when what was written last is on its way. */
  #written: Promise<void> = Promise.resolve();
  #idle: NodeJS.Timeout | undefined;
  #wake: (() => void) | undefined;

  /** `rates`: the limits for what is sent over this connection, the narrow ones first. */
  constructor(
    connection: Connection,
    files: ServedFiles,
    rates: readonly Rate[],
    revocations: Revocations,
    events: UploaderEvents,
  ) {
    this.#connection = connection;
    this.#files = files;
    this.#events = events;
    this.#pacer = new SendPacer(rates);
    this.#sender = new FileSender(connection, (ids) => events.findAll(ids), revocations, {
      quantumBytes: () => this.#pacer.quantumBytes,
      take: (bytes) => this.#takeTurn(bytes),
      give: (buffer) => this.#release(buffer),
      isCancelled: (requestId) => this.#cancelled.has(requestId),
      sent: (id, bytes) => this.#sent(id, bytes),
      stale: (id, problem) => events.stale(id, problem),
    });
    void connection.ended.then(() => {
      clearTimeout(this.#idle);
      this.#pacer.stop();
      this.#wake?.();
    });
  }

  /** Takes a request of the remote. */
  add(request: UploadRequest): void {
    this.#requests.add(request.requestId);
    if (request.type === 'get-files') this.#queue(request, this.#small);
    else if (request.firstPiece + request.count > maxPiecesOfSmall) this.#queue(request, this.#large);
    else {
      // Who would answer is gone only when the connection is over.
      this.#sorted = this.#sorted.then(() => this.#sort(request)).catch(() => undefined);
    }
  }

  cancel(requestId: number): void {
    if (this.#requests.has(requestId)) this.#cancelled.add(requestId);
  }

  /** A slot or a minislot is ours, or is taken away: then what is being read is still sent. */
  grant(hasSlot: boolean, hasMinislot: boolean): void {
    this.#hasSlot = hasSlot;
    this.#hasMinislot = hasMinislot;
    this.#run();
  }

  /** What cannot be had at all is small: it is refused soon. */
  async #sort(request: PieceRequest): Promise<void> {
    const sizeBytes = await this.#files.sizeOf(request.id);
    const isSmall = !sizeBytes.ok || sizeBytes.value <= maxSmallFileBytes;
    this.#queue(request, isSmall ? this.#small : this.#large);
  }

  #queue<Request extends UploadRequest>(request: Request, queue: Request[]): void {
    if (!this.#connection.isOpen) return;
    queue.push(request);
    this.#want();
    this.#run();
  }

  /** Says what waits, when that is news. */
  #want(): void {
    const [small, large] = [this.#small.length > 0, this.#large.length > 0];
    if (small === this.#wants.small && large === this.#wants.large) return;
    this.#events.wantSlot((this.#wants = { small, large }));
  }

  #run(): void {
    if (this.#isRunning) return;
    // Whoever told us a place while nothing was to be sent has brought us here as well.
    clearTimeout(this.#idle);
    this.#isRunning = true;
    // Not caught, it would end the thread and with it the connections of others.
    const answered = this.#answerAll().catch((error: unknown) =>
      this.#connection.end({ code: 'internal', message: messageOf(error) }),
    );
    void answered.then(() => {
      this.#isRunning = false;
      if (!this.#connection.isOpen) return;
      if (this.#next()) return this.#run();
      // Others need the memory while we wait.
      if (!this.#hasSlot && !this.#hasMinislot) this.#buffers = undefined;
      if (this.#small.length + this.#large.length > 0) this.#want();
      else this.#idle = setTimeout(() => this.#giveBack(), slotIdleMs);
    });
  }

  #giveBack(): void {
    this.#hasSlot = false;
    this.#hasMinislot = false;
    this.#buffers = undefined;
    this.#want();
  }

  /** The request that may be answered now: small ones first, because they take no time. */
  #next(): UploadRequest | undefined {
    const [small] = this.#small;
    if (small && this.#mayGoOn(small)) return small;
    const [large] = this.#large;
    return large && this.#mayGoOn(large) ? large : undefined;
  }

  async #answerAll(): Promise<void> {
    for (let request = this.#next(); request; request = this.#next()) {
      const problem = await this.#answer(request);
      if (problem === 'paused') return;
      if (request === this.#small[0]) this.#small.shift();
      else this.#large.shift();
      this.#requests.delete(request.requestId);
      this.#cancelled.delete(request.requestId);
      this.#paused.delete(request.requestId);
      if (problem && this.#connection.isOpen) this.#refuse(request, problem);
    }
  }

  #mayGoOn(request: UploadRequest): boolean {
    const hasLeave = this.#hasSlot || (this.#hasMinislot && request === this.#small[0]);
    return hasLeave && this.#connection.isOpen;
  }

  #refuse(request: UploadRequest, { code, message }: Problem): void {
    const { requestId } = request;
    this.#connection.send({ type: 'error', requestId, code, message, detail: '' });
    if (code === 'stale' && request.type === 'get-pieces') {
      this.#files.forget(request.id);
      this.#events.stale(request.id, { code, message });
    }
    const farewell = this.#patience.refused({ code, message }, nowMs());
    if (farewell) this.#connection.refuse(farewell);
  }

  /** Undefined when all was sent; `paused` when the slot was taken away: the rest is sent with the next one. */
  async #answer(request: UploadRequest): Promise<Problem | 'paused' | undefined> {
    if (request.type === 'get-files') {
      const refusals = request.ids.map((each) => this.#patience.refusal(each, maxSmallFileBytes));
      return refusals.find(Boolean) ?? this.#sender.answer(request);
    }
    const { id, firstPiece, count } = request;
    const found = await this.#files.get(id);
    if (!found.ok) return found.problem;
    const file = found.value;
    const refusal = this.#patience.refusal(id, file.sizeBytes);
    if (refusal) return refusal;
    if (count < 1 || firstPiece + count > pieceCount(file.sizeBytes))
      return { code: 'bad-request', message: 'There are no such pieces' };
    if (file.offer && (file.offer.have.firstMissing(firstPiece) ?? Infinity) < firstPiece + count)
      return { code: 'not-found', message: 'That piece is not here yet' };
    const length = pieceLengthFor(file.sizeBytes);
    const start = firstPiece * length;
    const end = Math.min((firstPiece + count) * length, file.sizeBytes);
    for (let position = this.#paused.get(request.requestId) ?? start; position < end;) {
      if (this.#cancelled.has(request.requestId)) return { code: 'cancelled', message: 'Cancelled' };
      const sent = await this.#sendBuffer(request, file.sizeBytes, position, end);
      if (!sent.ok) return sent.problem;
      position += sent.value;
      if (position < end && !this.#mayGoOn(request)) {
        this.#paused.set(request.requestId, position);
        return this.#connection.isOpen ? 'paused' : undefined;
      }
    }
    return undefined;
  }

  /** Reads and sends what fits one buffer, once one is free. Returns how many bytes of the file that was. */
  async #sendBuffer(request: PieceRequest, size: number, from: number, end: number): Promise<Result<number>> {
    const buffer = await this.#freeBuffer();
    const blocks = layOut(buffer, size, from, end, this.#pacer.quantumBytes);
    const bytes = blocks.reduce((sum, { view }) => sum + view.length, 0);
    // Exactly what will be sent: whoever books more than that is slower than the limit.
    if (this.#pacer.isLimited) await this.#pacer.turn(bytes);
    // What was waited for may have taken long enough for it not to be served any more.
    const found = await this.#files.get(request.id);
    if (!found.ok) {
      this.#release(buffer);
      return found;
    }
    const file = found.value;
    const views = blocks.map(({ view }) => view);
    const read = await this.#files.read(file, views, from);
    // One write at a time: the stream would copy several together before it encrypts them.
    await this.#written;
    if (!read.ok || !this.#connection.isOpen) {
      this.#release(buffer);
      return read.ok ? closed : read;
    }
    let used = 0;
    for (const { piece, offset, view, headerAt, last } of blocks) {
      const header = { requestId: request.requestId, piece, offset, dataLength: view.length, last };
      this.#connection.session.writeBlock(buffer, headerAt, header);
      used = headerAt + blockHeaderBytes + view.length;
    }
    this.#written = new Promise((resolve) =>
      this.#connection.write(buffer.subarray(0, used), () => {
        resolve();
        this.#release(buffer);
      }),
    );
    this.#sent(request.id, bytes);
    file.offer?.sent(bytes);
    return { ok: true, value: bytes };
  }

  #sent(id: ContentId, bytes: number): void {
    this.#patience.sent(id, bytes);
    this.#events.sent(id, bytes);
  }

  /** For whole files: the turn of so many bytes. */
  async #takeTurn(bytes: number): Promise<Buffer | undefined> {
    const [request] = this.#small;
    if (!request || !this.#mayGoOn(request)) return undefined;
    if (this.#pacer.isLimited) await this.#pacer.turn(bytes);
    return this.#freeBuffer();
  }

  async #freeBuffer(): Promise<Buffer> {
    this.#buffers ??= Array.from({ length: sendBuffers }, () => Buffer.allocUnsafeSlow(sendBufferBytes));
    for (;;) {
      const buffer = this.#buffers.pop();
      if (buffer) return buffer;
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  #release(buffer: Buffer): void {
    if (this.#buffers && this.#buffers.length < sendBuffers) this.#buffers.push(buffer);
    this.#wake?.();
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
