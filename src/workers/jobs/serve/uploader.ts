/**
 * Answers the requests for pieces and files of one connection, a part of one and then of another, while it has a slot:
 * reads large blocks into a few reused buffers and never has more unsent than these hold.
 * Invariant: every request taken ends exactly once, with its last block or an error.
 */
import type { ContentId } from '../../../core/ids.ts';
import { slotIdleMs } from '../../../core/limits/connections.ts';
import { maxSmallFileBytes } from '../../../core/limits/trees.ts';
import { Patience } from '../../../core/swarm/patience.ts';
import { pieceCount, pieceLengthFor } from '../../../core/swarm/piece-length.ts';
import { fail, type Problem, type Result } from '../../../core/result.ts';
import type { Revocations } from '../../../core/uploads/revocations.ts';
import type { Rate } from '../../../core/rates/shared-rate.ts';
import { blockHeaderBytes } from '../../../protocol/block-header.ts';
import type { ServedFile, SlotWants } from '../../transfer-contract.ts';
import { layOut } from './block-layout.ts';
import { nowMs, type Connection } from '../connection.ts';
import { FileSender } from './file-sender.ts';
import { SendPacer } from '../pacer.ts';
import { SendBuffers } from './send-buffers.ts';
import type { OpenServedFile, ServedFiles } from './served-files.ts';
import {
  UploadQueue,
  type FilesRequest,
  type PieceRequest,
  type Upload,
  type UploadRequest,
} from './upload-queue.ts';

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
  readonly #queue = new UploadQueue();
  /** Every request that is under way, and those of them that are not wanted any more. */
  readonly #requests = new Set<number>();
  readonly #cancelled = new Set<number>();
  /** Settles when the requests taken so far are known to be small or not. */
  #sorted: Promise<void> = Promise.resolve();
  /** Let go with the slot. */
  readonly #buffers = new SendBuffers();
  #hasSlot = false;
  #hasMinislot = false;
  #wants: SlotWants = { small: false, large: false };
  #isRunning = false;
  readonly #patience = new Patience(nowMs());
  /** Settles when what was written last is on its way. */
  #written: Promise<void> = Promise.resolve();
  #sentBytes = 0;
  #idle: NodeJS.Timeout | undefined;

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
      give: (buffer) => this.#buffers.give(buffer),
      sent: (id, bytes) => this.#sent(id, bytes),
      stale: (id, problem) => events.stale(id, problem),
    });
    void connection.ended.then(() => {
      clearTimeout(this.#idle);
      this.#pacer.stop();
      this.#buffers.wake();
    });
  }

  /** Takes a request of the remote. */
  add(request: UploadRequest): void {
    this.#requests.add(request.requestId);
    if (request.type === 'get-files') this.#wait(request, true);
    else if (request.firstPiece + request.count > maxPiecesOfSmall) this.#wait(request, false);
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
    this.#wait(request, isSmall);
  }

  #wait(request: UploadRequest, isSmall: boolean): void {
    if (!this.#connection.isOpen) return;
    this.#queue.add(request, isSmall);
    this.#want();
    this.#run();
  }

  /** Says what waits, when that is news. */
  #want(): void {
    const { small, large } = this.#queue.wants;
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
      if (!this.#hasSlot && !this.#hasMinislot) this.#buffers.drop();
      if (!this.#queue.isEmpty) this.#want();
      else this.#idle = setTimeout(() => this.#giveBack(), slotIdleMs);
    });
  }

  #giveBack(): void {
    this.#hasSlot = false;
    this.#hasMinislot = false;
    this.#buffers.drop();
    this.#want();
  }

  /** The request that a part may be sent of now. */
  #next(): Upload | undefined {
    const hasLeave = this.#hasSlot || this.#hasMinislot;
    return hasLeave && this.#connection.isOpen ? this.#queue.next(!this.#hasSlot) : undefined;
  }

  async #answerAll(): Promise<void> {
    for (let upload = this.#next(); upload; upload = this.#next()) {
      const { request } = upload;
      const problem = await this.#answer(upload);
      if (problem === 'more') continue;
      this.#queue.done(upload);
      this.#requests.delete(request.requestId);
      this.#cancelled.delete(request.requestId);
      if (problem && this.#connection.isOpen) this.#refuse(request, problem);
    }
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

  /** Sends a part of what is asked for. Undefined when that was the last; `more` when it is to have another turn. */
  async #answer(upload: Upload): Promise<Problem | 'more' | undefined> {
    const { request } = upload;
    if (this.#cancelled.has(request.requestId)) return { code: 'cancelled', message: 'Cancelled' };
    const sentBytes = this.#sentBytes;
    const outcome = await (request.type === 'get-files'
      ? this.#answerFiles(request)
      : this.#answerPieces(upload, request));
    this.#queue.sent(upload, this.#sentBytes - sentBytes);
    return outcome;
  }

  async #answerFiles(request: FilesRequest): Promise<Problem | 'more' | undefined> {
    const isBegun = this.#sender.isAnswering(request);
    const refusals = isBegun
      ? []
      : request.ids.map((each) => this.#patience.refusal(each, maxSmallFileBytes));
    return refusals.find(Boolean) ?? this.#sender.answer(request);
  }

  async #answerPieces(upload: Upload, request: PieceRequest): Promise<Problem | 'more' | undefined> {
    const { id, firstPiece, count } = request;
    const found = await this.#files.get(id);
    if (!found.ok) return found.problem;
    const file = found.value;
    const { sizeBytes } = file;
    const length = (upload.pieceLength = pieceLengthFor(sizeBytes));
    const refusal = upload.position === undefined ? this.#refusalOf(request, file) : undefined;
    if (refusal) return refusal;
    if (!this.#queue.fits(upload)) return 'more';
    const end = Math.min((firstPiece + count) * length, sizeBytes);
    const position = upload.position ?? firstPiece * length;
    const sent = await this.#sendBuffer(request, sizeBytes, position, end);
    if (!sent.ok) return sent.problem;
    upload.position = position + sent.value;
    return upload.position < end ? 'more' : undefined;
  }

  /** Why nothing is sent of what is asked for. */
  #refusalOf({ id, firstPiece, count }: PieceRequest, file: OpenServedFile): Problem | undefined {
    const refusal = this.#patience.refusal(id, file.sizeBytes);
    if (refusal) return refusal;
    if (count < 1 || firstPiece + count > pieceCount(file.sizeBytes))
      return { code: 'bad-request', message: 'There are no such pieces' };
    if (file.offer && (file.offer.have.firstMissing(firstPiece) ?? Infinity) < firstPiece + count)
      return { code: 'not-found', message: 'That piece is not here yet' };
    return undefined;
  }

  /** Reads and sends what fits one buffer, once one is free. Returns how many bytes of the file that was. */
  async #sendBuffer(request: PieceRequest, size: number, from: number, end: number): Promise<Result<number>> {
    const buffer = await this.#buffers.take();
    const blocks = layOut(buffer, size, from, end, this.#pacer.quantumBytes);
    const bytes = blocks.reduce((sum, { view }) => sum + view.length, 0);
    // Exactly what will be sent: whoever books more than that is slower than the limit.
    if (this.#pacer.isLimited) await this.#pacer.turn(bytes);
    // What was waited for may have taken long enough for it not to be served any more.
    const found = await this.#files.get(request.id);
    if (!found.ok) {
      this.#buffers.give(buffer);
      return found;
    }
    const file = found.value;
    const views = blocks.map(({ view }) => view);
    const read = await this.#files.read(file, views, from);
    // One write at a time: the stream would copy several together before it encrypts them.
    await this.#written;
    if (!read.ok || !this.#connection.isOpen) {
      this.#buffers.give(buffer);
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
        this.#buffers.give(buffer);
      }),
    );
    this.#sent(request.id, bytes);
    file.offer?.sent(bytes);
    return { ok: true, value: bytes };
  }

  #sent(id: ContentId, bytes: number): void {
    this.#sentBytes += bytes;
    this.#patience.sent(id, bytes);
    this.#events.sent(id, bytes);
  }

  async #takeTurn(bytes: number): Promise<Buffer> {
    if (this.#pacer.isLimited) await this.#pacer.turn(bytes);
    return this.#buffers.take();
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
