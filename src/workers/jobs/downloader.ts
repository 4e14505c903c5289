/**
 * Asks for pieces of any number of contents over one connection, as far ahead as its speed deserves, and puts
 * together, verifies and writes what comes. Nothing per block leaves this thread.
 * Invariant: the pipeline counts the bytes of exactly the requests in `#requests`.
 */
import {
  limitedPipelineMs,
  maxPieceBufferBytes,
  maxPieceRequests,
  maxPiecesPerRequest,
  maxSmallFileBytes,
  pieceRequestBytes,
  pieceRequestMs,
  rateLookMs,
  stallTimeoutMs,
} from '../../core/limits.ts';
import { piecesOf, type PieceRange } from '../../core/piece-ranges.ts';
import { Pipeline } from '../../core/pipeline.ts';
import type { Rate } from '../../core/shared-rate.ts';
import { problemOf } from '../../protocol/errors.ts';
import type { PeerMessageNamed } from '../../protocol/peer-messages.ts';
import { nowMs, type Connection } from './connection.ts';
import type { FetchedContent } from './fetched-content.ts';
import { nowUs, paceOf, ReadPacer, type Pace } from './pacer.ts';
import { PieceBuffers } from './piece-buffers.ts';

/** How exactly the bytes that come are counted. */
const countBytes = 64 * 1024;

/** One request under way. */
interface Asked {
  readonly requestId: number;
  readonly content: FetchedContent;
  readonly end: number;
  /** The next piece that is not complete yet. */
  piece: number;
  buffer: Buffer | undefined;
  filled: number;
  outstandingBytes: number;
  /** Came, and not yet in the books. */
  uncountedBytes: number;
  isLastBlock: boolean;
}

export class Downloader {
  readonly #connection: Connection;
  readonly #resumeReading: () => void;
  readonly #contents = new Map<number, FetchedContent>();
  /** What keeps each content within its own limit, and what keeps all of them within that of the connection. */
  readonly #pacers = new Map<FetchedContent, ReadPacer>();
  readonly #pacer: ReadPacer;
  readonly #requests = new Map<number, Asked>();
  /** The one whose data came last: most of the next is for it too. */
  #current: Asked | undefined;
  readonly #pipeline = new Pipeline(nowMs());
  readonly #buffers = new PieceBuffers(maxPieceBufferBytes);
  /** When something last came, or could not have come. */
  #movedMs = nowMs();
  /** Since the last look at the clock. */
  #hasMoved = false;
  #queuePosition = 0;
  #isReading = true;
  #rateTimer: NodeJS.Timeout | undefined;
  #turn = 0;
  #hasLanded = false;

  /** `rate`: the limit for all that comes over this connection. */
  constructor(connection: Connection, rate: Rate, resumeReading: () => void) {
    this.#connection = connection;
    this.#resumeReading = resumeReading;
    this.#pacer = new ReadPacer(rate, () => this.#readOn());
    const watch = setInterval(() => this.#watchStall(), stallTimeoutMs / 6);
    void connection.ended.then(() => {
      clearInterval(watch);
      clearTimeout(this.#rateTimer);
      for (const pacer of [this.#pacer, ...this.#pacers.values()]) pacer.stop();
    });
  }

  get queuePosition(): number {
    return this.#queuePosition;
  }

  get bytesPerSecond(): number {
    return this.#pipeline.bytesPerSecond(nowMs());
  }

  get contents(): Iterable<FetchedContent> {
    return this.#contents.values();
  }

  /** Whether more may be read from the network; when not, `resumeReading` is called later. */
  get mayRead(): boolean {
    this.#isReading = !this.#buffers.isShort && !this.#pacer.isWaiting;
    return this.#isReading;
  }

  /** How the contents that are on their way stand to their limits. */
  get pace(): Pace {
    return paceOf(this.#pacersOfRequests());
  }

  *#pacersOfRequests(): Generator<ReadPacer | undefined> {
    for (const { content } of this.#requests.values()) yield this.#pacers.get(content);
  }

  open(content: FetchedContent): void {
    this.#contents.set(content.content, content);
    this.#pacers.set(content, new ReadPacer(content.rate, () => this.#resumeReading()));
  }

  /** A content that has been closed meanwhile is no longer wanted. */
  want(number: number, ranges: readonly PieceRange[]): void {
    this.#contents.get(number)?.want(ranges);
    this.#ask();
  }

  leave(number: number, ranges: readonly PieceRange[]): void {
    const content = this.#contents.get(number);
    if (!content) return;
    const left = new Set(piecesOf(ranges));
    content.leave(left);
    for (const [requestId, asked] of this.#requests) {
      if (asked.content !== content) continue;
      let isNeeded = false;
      for (let piece = asked.piece; piece < asked.end; piece++) isNeeded ||= !left.has(piece);
      if (!isNeeded) this.#cancel(requestId, asked);
    }
    this.#ask();
  }

  /** Gives what was closed, once nothing is written to it any more. */
  async close(number: number): Promise<FetchedContent | undefined> {
    const content = this.#contents.get(number);
    if (!content) return undefined;
    this.#contents.delete(number);
    this.#pacers.get(content)?.stop();
    this.#pacers.delete(content);
    this.#cancelAll(content);
    this.#ask();
    await content.close();
    return content;
  }

  async closeAll(): Promise<void> {
    await Promise.all([...this.#contents.keys()].map((number) => this.close(number)));
  }

  queued(position: number): void {
    this.#queuePosition = position;
    this.#movedMs = nowMs();
  }

  /**
   * Where in a piece the next bytes from the network belong, if nothing but they come next. What is read there is
   * told by `landed`; until this is called again the memory is not used for anything else.
   */
  landing(): Uint8Array | undefined {
    const requestId = this.#connection.session.rawRequestId;
    const asked = requestId === undefined ? undefined : this.#find(requestId);
    const buffer = asked?.buffer;
    this.#buffers.hold(buffer);
    return buffer && asked && buffer.subarray(asked.filled, asked.filled + this.#connection.session.rawLeft);
  }

  /** Whether data was read to its place just now, so that likely the header of a block comes next. */
  get expectsHeader(): boolean {
    return this.#hasLanded && this.#requests.size > 0;
  }

  /** False when the data is not wanted any more: then it is to be received like any other. */
  landed(length: number): boolean {
    const asked = this.#current;
    if (!asked?.buffer || asked.buffer !== this.#buffers.held) return false;
    this.#hasLanded = true;
    this.#came(asked, length);
    this.#connection.tookRaw(length);
    return true;
  }

  block(header: PeerMessageNamed<'block'>): void {
    const asked = this.#requests.get(header.requestId);
    if (!asked) return;
    const { piece, offset, dataLength, last } = header;
    asked.isLastBlock = last;
    if (piece !== asked.piece) this.#skipTo(asked, piece);
    if (asked.content.hasEnded) return this.#cancelAll(asked.content);
    if (offset !== asked.filled || offset + dataLength > asked.content.sizeOf(piece)) {
      this.#connection.refuse({ code: 'protocol', message: 'A block does not fit its piece' });
      return;
    }
    asked.buffer ??= this.#buffers.take(asked.content.sizeOf(piece));
    if (!asked.buffer) this.#connection.refuse({ code: 'limit', message: 'Too many pieces begun at once' });
  }

  data(requestId: number, bytes: Uint8Array): void {
    const asked = this.#find(requestId);
    if (!asked?.buffer) return;
    this.#hasLanded = false;
    asked.buffer.set(bytes, asked.filled);
    this.#came(asked, bytes.length);
  }

  #find(requestId: number): Asked | undefined {
    if (this.#current?.requestId !== requestId) this.#current = this.#requests.get(requestId);
    return this.#current;
  }

  #came(asked: Asked, bytes: number): void {
    this.#hasMoved = true;
    asked.filled += bytes;
    asked.uncountedBytes += bytes;
    this.#pacer.came(bytes);
    if (asked.uncountedBytes >= countBytes || asked.content.rate.bytesPerSecond > 0) this.#count(asked);
  }

  /** Keeps the books of what came: every so many bytes, not for each of a thousand small chunks. */
  #count(asked: Asked): void {
    const bytes = asked.uncountedBytes;
    asked.uncountedBytes = 0;
    this.#pipeline.came(bytes, nowMs());
    asked.content.received(bytes);
    this.#pacers.get(asked.content)?.came(bytes);
    asked.outstandingBytes -= bytes;
    this.#pipeline.settled(bytes);
  }

  dataEnd(requestId: number): void {
    const asked = this.#requests.get(requestId);
    if (!asked) return;
    this.#count(asked);
    if (asked.filled === asked.content.sizeOf(asked.piece)) this.#completed(asked);
    if (asked.isLastBlock && this.#requests.has(requestId)) {
      this.#skipTo(asked, asked.end);
      this.#forget(requestId, asked);
    }
    if (asked.content.hasEnded) this.#cancelAll(asked.content);
    this.#ask();
  }

  /** Whether the request was one for pieces. */
  refused(error: PeerMessageNamed<'error'>): boolean {
    const asked = this.#requests.get(error.requestId);
    if (!asked) return false;
    asked.content.end('source', problemOf(error));
    this.#cancelAll(asked.content);
    this.#ask();
    return true;
  }

  #completed(asked: Asked): void {
    const { buffer, content, piece } = asked;
    asked.piece++;
    asked.filled = 0;
    asked.buffer = undefined;
    if (!buffer) return;
    const bytes = buffer.subarray(0, content.sizeOf(piece));
    const isRight = content.accept(piece, bytes, () => {
      this.#buffers.give(buffer);
      this.#movedMs = nowMs();
      if (content.hasEnded) this.#cancelAll(content);
      this.#readOn();
    });
    if (!isRight) this.#connection.send({ type: 'spoiled', id: content.id, piece });
  }

  #readOn(): void {
    if (this.#isReading || !this.mayRead) return;
    this.#movedMs = nowMs();
    this.#resumeReading();
  }

  /** The other side goes on to a later piece: those before it did not come whole. */
  #skipTo(asked: Asked, piece: number): void {
    for (; asked.piece < piece; asked.piece++) asked.content.spoiled(asked.piece);
    if (asked.buffer) this.#buffers.give(asked.buffer);
    asked.buffer = undefined;
    asked.filled = 0;
  }

  #cancelAll(content: FetchedContent): void {
    for (const [requestId, asked] of this.#requests)
      if (asked.content === content) this.#cancel(requestId, asked);
  }

  #cancel(requestId: number, asked: Asked): void {
    this.#connection.send({ type: 'cancel', requestId });
    this.#forget(requestId, asked);
  }

  #forget(requestId: number, asked: Asked): void {
    this.#requests.delete(requestId);
    this.#current = undefined;
    this.#pipeline.settled(asked.outstandingBytes);
    if (asked.buffer) this.#buffers.give(asked.buffer);
  }

  #ask(): void {
    if (!this.#connection.isOpen) return;
    this.#connection.corked(() => {
      while (this.#askOnce());
    });
    // What is asked for now may be of a content that need not wait, unlike what was asked for before.
    if (this.pace === 'due') this.#resumeReading();
  }

  /** Sends one request, contents in turn. False when no more can be asked for now. */
  #askOnce(): boolean {
    if (!this.#connection.session.canAsk || this.#requests.size >= maxPieceRequests) return false;
    const now = nowMs();
    const roomBytes = this.#pipeline.roomBytes(now);
    // Few large requests rather than one for every piece that comes: each costs as much as a block.
    const hasRoom = roomBytes >= Math.min(pieceRequestBytes, this.#pipeline.windowBytes(now) / 4);
    // Small files are sent to those who wait for a slot, too: they must not wait behind what fills the pipeline.
    const isQueued = this.#queuePosition > 0;
    if (!hasRoom && !isQueued) return false;
    const ready = [...this.#contents.values()].filter(
      (content) => content.wantsMore && (hasRoom || content.manifest.sizeBytes <= maxSmallFileBytes),
    );
    for (let tried = 0; tried < ready.length; tried++) {
      const content = ready[this.#turn++ % ready.length];
      if (content && this.#askFor(content, roomBytes)) return true;
    }
    return false;
  }

  #askFor(content: FetchedContent, roomBytes: number): boolean {
    const { pieceLength } = content.manifest;
    const isLimited = content.rate.bytesPerSecond > 0;
    if (isLimited && !this.#isDue(content)) return false;
    const bytes = isLimited ? pieceLength : Math.min(roomBytes, this.#requestBytes());
    const max = Math.min(Math.max(1, Math.floor(bytes / pieceLength)), maxPiecesPerRequest);
    const { first, count } = content.firstRun(max);
    const end = first + count;
    const outstandingBytes = (count - 1) * pieceLength + content.sizeOf(end - 1);
    content.leave(piecesOf([{ first, count }]));
    const requestId = this.#connection.session.nextRequestId();
    if (this.#requests.size === 0) this.#movedMs = nowMs();
    this.#pipeline.asked(outstandingBytes);
    const asked = {
      requestId,
      content,
      end,
      piece: first,
      buffer: undefined,
      filled: 0,
      outstandingBytes,
      uncountedBytes: 0,
      isLastBlock: false,
    };
    this.#requests.set(requestId, asked);
    this.#connection.send({ type: 'get-pieces', requestId, id: content.id, firstPiece: first, count });
    return true;
  }

  /** How much to ask for at once. */
  #requestBytes(): number {
    return Math.min(pieceRequestBytes, (this.bytesPerSecond * pieceRequestMs) / 1000);
  }

  /** Whether more of a content under a limit may be asked for: not what will be its turn only much later. */
  #isDue(content: FetchedContent): boolean {
    const aheadMs = content.rate.aheadMs(nowUs());
    if (aheadMs > limitedPipelineMs) {
      this.#rateTimer ??= setTimeout(
        () => {
          this.#rateTimer = undefined;
          this.#ask();
        },
        Math.min(aheadMs - limitedPipelineMs, rateLookMs),
      );
      return false;
    }
    let askedBytes = 0;
    for (const asked of this.#requests.values())
      if (asked.content === content) askedBytes += asked.outstandingBytes;
    return askedBytes < Math.max(1, (content.rate.bytesPerSecond * limitedPipelineMs) / 1000);
  }

  #watchStall(): void {
    if (this.#hasMoved) this.#movedMs = nowMs();
    this.#hasMoved = false;
    if (this.#queuePosition > 0 || !this.#isReading || this.pace !== 'due') return;
    if (nowMs() - this.#movedMs < stallTimeoutMs) return;
    this.#connection.end({ code: 'timeout', message: `Nothing came for ${stallTimeoutMs / 1000} s` });
  }
}
