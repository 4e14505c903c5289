/**
 * Answers the requests for pieces and files of one connection, in order, while it has a slot: reads large blocks into a few
 * reused buffers and never has more unsent than these hold.
 * Invariant: every request taken ends exactly once, with its last block or an error.
 */
import type { ContentId } from '../../core/ids.ts';
import {
  maxBlockBytes,
  maxForbiddenRequests,
  sendBufferBytes,
  sendBuffers,
  slotIdleMs,
} from '../../core/limits.ts';
import { pieceCount, pieceLengthFor, pieceSize } from '../../core/piece-length.ts';
import { fail, type Problem, type Result } from '../../core/result.ts';
import type { Rate } from '../../core/shared-rate.ts';
import { blockHeaderBytes } from '../../protocol/block-header.ts';
import type { PeerMessageNamed } from '../../protocol/peer-messages.ts';
import type { ServedFile } from '../transfer-contract.ts';
import type { Connection } from './connection.ts';
import { FileSender, type FilesRequest } from './file-sender.ts';
import { SendPacer } from './pacer.ts';
import type { OpenServedFile, ServedFiles } from './served-files.ts';

export type PieceRequest = PeerMessageNamed<'get-pieces'>;
type UploadRequest = PieceRequest | FilesRequest;

export interface UploaderEvents {
  /** Asked for when there is something to send, given back when there was nothing for a while. */
  wantSlot(wanted: boolean): void;
  sent(id: ContentId, bytes: number): void;
  stale(id: ContentId, problem: Problem): void;
  /** Where these lie, in their order. */
  findAll(ids: readonly ContentId[]): Promise<readonly Result<ServedFile>[]>;
}

/** One block on its way: where it goes in the buffer and in the answer. */
interface Block {
  readonly piece: number;
  readonly offset: number;
  readonly view: Uint8Array;
  readonly headerAt: number;
  readonly last: boolean;
}

export class Uploader {
  readonly #connection: Connection;
  readonly #files: ServedFiles;
  readonly #events: UploaderEvents;
  readonly #pacer: SendPacer;
  readonly #sender: FileSender;
  readonly #queue: UploadRequest[] = [];
  readonly #cancelled = new Set<number>();
  /** Buffers not in use; made at the first need, let go with the slot. */
  #buffers: Buffer[] | undefined;
  /** Where in the file the request that lost its slot goes on. */
  #paused: { readonly requestId: number; readonly position: number } | undefined;
  #isGranted = false;
  #isRunning = false;
  #forbidden = 0;
  /** Settles when what was written last is on its way. */
  #written: Promise<void> = Promise.resolve();
  #idle: NodeJS.Timeout | undefined;
  #wake: (() => void) | undefined;

  /** `rate`: the limit for all that is sent over this connection. */
  constructor(connection: Connection, files: ServedFiles, rate: Rate, events: UploaderEvents) {
    this.#connection = connection;
    this.#files = files;
    this.#events = events;
    this.#pacer = new SendPacer([rate]);
    this.#sender = new FileSender(connection, (ids) => events.findAll(ids), {
      take: (bytes) => this.#takeTurn(bytes),
      give: (buffer) => this.#release(buffer),
      isCancelled: (requestId) => this.#cancelled.has(requestId),
      sent: (id, bytes) => events.sent(id, bytes),
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
    this.#queue.push(request);
    clearTimeout(this.#idle);
    if (this.#isGranted) this.#run();
    else if (this.#queue.length === 1) this.#events.wantSlot(true);
  }

  cancel(requestId: number): void {
    if (this.#queue.some((request) => request.requestId === requestId)) this.#cancelled.add(requestId);
  }

  /** A slot is ours, or is taken away: then what is being read is still sent. */
  grant(granted: boolean): void {
    this.#isGranted = granted;
    if (granted) this.#run();
  }

  #run(): void {
    if (this.#isRunning) return;
    this.#isRunning = true;
    void this.#answerAll().finally(() => {
      this.#isRunning = false;
      if (!this.#connection.isOpen || !this.#isGranted) return;
      if (this.#queue.length > 0) this.#run();
      else this.#idle = setTimeout(() => this.#giveBack(), slotIdleMs);
    });
  }

  #giveBack(): void {
    this.#isGranted = false;
    this.#buffers = undefined;
    this.#events.wantSlot(false);
  }

  async #answerAll(): Promise<void> {
    for (let request = this.#queue[0]; request && this.#mayGoOn(); request = this.#queue[0]) {
      const problem = await this.#answer(request);
      if (problem === 'paused') return;
      this.#queue.shift();
      this.#cancelled.delete(request.requestId);
      if (problem && this.#connection.isOpen) this.#refuse(request, problem);
    }
  }

  #mayGoOn(): boolean {
    return this.#isGranted && this.#connection.isOpen;
  }

  #refuse(request: UploadRequest, { code, message }: Problem): void {
    const { requestId } = request;
    this.#connection.send({ type: 'error', requestId, code, message, detail: '' });
    if (code === 'stale' && request.type === 'get-pieces') {
      this.#files.forget(request.id);
      this.#events.stale(request.id, { code, message });
    }
    if (code === 'bad-request' && ++this.#forbidden > maxForbiddenRequests)
      this.#connection.refuse({ code: 'limit', message: 'Too many requests for what is not there' });
  }

  /** Undefined when all was sent; `paused` when the slot was taken away: the rest is sent with the next one. */
  async #answer(request: UploadRequest): Promise<Problem | 'paused' | undefined> {
    if (request.type === 'get-files') return this.#sender.answer(request);
    const { id, firstPiece, count } = request;
    const found = await this.#files.get(id);
    if (!found.ok) return found.problem;
    const file = found.value;
    if (count < 1 || firstPiece + count > pieceCount(file.sizeBytes))
      return { code: 'bad-request', message: 'There are no such pieces' };
    if (file.offer?.isWithdrawn) return { code: 'not-shared', message: 'It is not downloaded here any more' };
    if (file.offer && (file.offer.have.firstMissing(firstPiece) ?? Infinity) < firstPiece + count)
      return { code: 'not-found', message: 'That piece is not here yet' };
    const length = pieceLengthFor(file.sizeBytes);
    const start = firstPiece * length;
    const end = Math.min((firstPiece + count) * length, file.sizeBytes);
    for (let position = this.#resumeAt(request, start); position < end;) {
      if (this.#cancelled.has(request.requestId)) return { code: 'cancelled', message: 'Cancelled' };
      const sent = await this.#sendBuffer(request, file, position, end);
      if (!sent.ok) return sent.problem;
      position += sent.value;
      if (position < end && !this.#mayGoOn()) {
        this.#paused = { requestId: request.requestId, position };
        return this.#connection.isOpen ? 'paused' : undefined;
      }
    }
    return undefined;
  }

  #resumeAt(request: PieceRequest, start: number): number {
    const paused = this.#paused;
    this.#paused = undefined;
    return paused?.requestId === request.requestId ? paused.position : start;
  }

  /** Reads and sends what fits one buffer, once one is free. Returns how many bytes of the file that was. */
  async #sendBuffer(
    request: PieceRequest,
    file: OpenServedFile,
    from: number,
    end: number,
  ): Promise<Result<number>> {
    const most = Math.min(end - from, this.#pacer.quantumBytes);
    if (this.#pacer.isLimited) await this.#pacer.turn(most);
    const buffer = await this.#freeBuffer();
    const blocks = layOut(buffer, file.sizeBytes, from, end, most);
    const read = await this.#files.read(
      file,
      blocks.map(({ view }) => view),
      from,
    );
    // One write at a time: the stream would copy several together before it encrypts them.
    await this.#written;
    if (!read.ok || !this.#connection.isOpen) {
      this.#release(buffer);
      return read.ok ? fail('closed', 'The connection is closed') : read;
    }
    let used = 0;
    let bytes = 0;
    for (const { piece, offset, view, headerAt, last } of blocks) {
      const header = { requestId: request.requestId, piece, offset, dataLength: view.length, last };
      this.#connection.session.writeBlock(buffer, headerAt, header);
      used = headerAt + blockHeaderBytes + view.length;
      bytes += view.length;
    }
    this.#written = new Promise((resolve) =>
      this.#connection.write(buffer.subarray(0, used), () => {
        resolve();
        this.#release(buffer);
      }),
    );
    this.#events.sent(request.id, bytes);
    file.offer?.sent(bytes);
    return { ok: true, value: bytes };
  }

  /** For whole files: the turn of at most so many bytes. */
  async #takeTurn(bytes: number): Promise<{ buffer: Buffer; most: number } | undefined> {
    if (!this.#mayGoOn()) return undefined;
    const most = Math.min(bytes, this.#pacer.quantumBytes);
    if (this.#pacer.isLimited) await this.#pacer.turn(most);
    return { buffer: await this.#freeBuffer(), most };
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

/** Divides what fits into the buffer from `from` on into blocks, each with room for its header before it. */
function layOut(buffer: Buffer, sizeBytes: number, from: number, end: number, most: number): Block[] {
  const length = pieceLengthFor(sizeBytes);
  const blocks: Block[] = [];
  for (let at = 0, position = from; position < end && at + blockHeaderBytes < buffer.length;) {
    const piece = Math.floor(position / length);
    const offset = position - piece * length;
    const left = pieceSize(sizeBytes, piece) - offset;
    const room = Math.min(buffer.length - at - blockHeaderBytes, from + most - position);
    const bytes = Math.min(left, maxBlockBytes, room);
    // A piece is begun in this buffer only if it fits or does not fit any: no slivers at a buffer's end.
    if (bytes <= 0 || (bytes < left && at > 0)) break;
    const dataAt = at + blockHeaderBytes;
    const last = position + bytes === end;
    blocks.push({ piece, offset, view: buffer.subarray(dataAt, dataAt + bytes), headerAt: at, last });
    at = dataAt + bytes;
    position += bytes;
  }
  return blocks;
}
