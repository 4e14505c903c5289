/**
 * Fetches pieces of any number of contents over one connection: puts together, verifies and writes what comes.
 * Nothing per block leaves this thread, and nothing is allocated for one but views and headers.
 */
import { stallTimeoutMs } from '../../core/limits/connections.ts';
import { countBytes, maxPieceBufferBytes, pieceBacklogBytes } from '../../core/limits/tracker.ts';
import { piecesOf, type PieceRange } from '../../core/piece-ranges.ts';
import { Pipeline } from '../../core/pipeline.ts';
import type { Rate } from '../../core/shared-rate.ts';
import { problemOf } from '../../protocol/errors.ts';
import type { PeerMessageNamed } from '../../protocol/peer-messages.ts';
import { nowMs, type Connection } from './connection.ts';
import { ContentPacers } from './content-pacers.ts';
import type { FetchedContent } from './fetched-content.ts';
import type { Pace } from './pacer.ts';
import { PieceAsker, type Asked } from './piece-asker.ts';
import { PieceBuffers } from './piece-buffers.ts';

export class Downloader {
  readonly #connection: Connection;
  readonly #resumeReading: () => void;
  readonly #onBytes: () => void;
  readonly #contents = new Map<number, FetchedContent>();
  readonly #pacers: ContentPacers;
  readonly #requests = new Map<number, Asked>();
  /** The one whose data came last: most of the next is for it too. */
  #current: Asked | undefined;
  readonly #pipeline = new Pipeline(nowMs());
  readonly #asker: PieceAsker;
  readonly #buffers = new PieceBuffers(pieceBacklogBytes, maxPieceBufferBytes);
  /** When something last came, or could not have come. */
  #movedMs = nowMs();
  /** Since the last look at the clock. */
  #hasMoved = false;
  #queuePosition = 0;
  #isReading = true;
  #hasLanded = false;

  /** `rate`: the limit for all that comes over this connection. `onBytes` is called whenever some have come. */
  constructor(connection: Connection, rate: Rate, resumeReading: () => void, onBytes: () => void) {
    this.#connection = connection;
    this.#onBytes = onBytes;
    this.#resumeReading = resumeReading;
    this.#pacers = new ContentPacers(rate, () => this.#readOn());
    this.#asker = new PieceAsker(connection, this.#pipeline, this.#contents, this.#requests, {
      isQueued: () => this.#queuePosition > 0,
      began: () => (this.#movedMs = nowMs()),
      isDue: () => this.#ask(),
    });
    const watch = setInterval(() => this.#watchStall(), stallTimeoutMs / 6);
    void connection.ended.then(() => {
      clearInterval(watch);
      this.#asker.stop();
      this.#pacers.stop();
    });
  }

  get queuePosition(): number {
    return this.#queuePosition;
  }

  get contents(): Iterable<FetchedContent> {
    return this.#contents.values();
  }

  /** Whether more may be read from the network; when not, `resumeReading` is called later. */
  get mayRead(): boolean {
    this.#isReading = !this.#buffers.isShort && !this.#pacers.isWaiting;
    return this.#isReading;
  }

  /** How the contents that are on their way stand to their limits. */
  get pace(): Pace {
    // One that need not wait is enough, and asked for every chunk this must cost nothing.
    if (this.#current && !this.#pacers.isHeld(this.#current.content)) return 'due';
    return this.#pacers.paceOf(this.#requests.values());
  }

  /** The most to read at once, so that what is limited comes evenly. */
  get quantumBytes(): number {
    return this.#pacers.quantumBytes(this.#current?.content);
  }

  open(content: FetchedContent): void {
    this.#contents.set(content.content, content);
    this.#pacers.open(content, this.#resumeReading);
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
      const coming = [...piecesOf([{ first: asked.piece, count: asked.end - asked.piece }])];
      if (coming.every((piece) => left.has(piece))) this.#cancel(requestId, asked);
    }
    this.#ask();
  }

  /** Gives what was closed, once nothing is written to it any more. */
  async close(number: number): Promise<FetchedContent | undefined> {
    const content = this.#contents.get(number);
    if (!content) return undefined;
    this.#contents.delete(number);
    this.#pacers.close(content);
    this.#cancelAll(content);
    this.#ask();
    await content.close();
    return content;
  }

  async closeAll(): Promise<void> {
    await Promise.all([...this.#contents.keys()].map((number) => this.close(number)));
  }

  /** Lets go of all memory: nothing is read or written any more. */
  free(): void {
    this.#buffers.free();
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
    this.#buffers.hold(asked?.buffer);
    return asked?.buffer?.subarray(asked.filled, asked.filled + this.#connection.session.rawLeft);
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
    asked.buffer ??= this.#buffers.take(asked.content.sizeOf(piece), asked.content.sink);
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
    this.#pacers.came(bytes);
    if (asked.uncountedBytes >= countBytes || asked.content.rate.bytesPerSecond > 0) this.#count(asked);
    this.#onBytes();
  }

  /** Brings the books up to date: what has come of pieces under way is in the next reports of their contents. */
  countAll(): void {
    for (const asked of this.#requests.values()) if (asked.uncountedBytes > 0) this.#count(asked);
  }

  /** Keeps the books of what came: every so many bytes, not for each of a thousand small chunks. */
  #count(asked: Asked): void {
    const bytes = asked.uncountedBytes;
    asked.uncountedBytes = 0;
    this.#pipeline.came(bytes, nowMs());
    asked.content.received(bytes);
    this.#pacers.cameOf(asked.content, bytes);
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
    this.#buffers.filled(buffer);
    content.accept(piece, buffer, (isRight) => {
      this.#buffers.give(buffer);
      this.#movedMs = nowMs();
      // It is as old as swarming: who does not know it would take it for a broken connection.
      if (!isRight && this.#connection.session.isSwarming)
        this.#connection.send({ type: 'spoiled', id: content.id, piece });
      if (content.hasEnded) this.#cancelAll(content);
      this.#readOn();
    });
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
    if (asked.uncountedBytes > 0) this.#count(asked);
    this.#requests.delete(requestId);
    this.#current = undefined;
    this.#pipeline.settled(asked.outstandingBytes);
    if (asked.buffer) this.#buffers.give(asked.buffer);
  }

  #ask(): void {
    if (!this.#connection.isOpen) return;
    this.#connection.corked(() => {
      while (this.#asker.askOnce());
    });
    // What is asked for now may be of a content that need not wait, unlike what was asked for before.
    if (this.pace === 'due') this.#resumeReading();
  }

  #watchStall(): void {
    if (this.#hasMoved) this.#movedMs = nowMs();
    this.#hasMoved = false;
    if (this.#queuePosition > 0 || !this.#isReading || this.pace !== 'due') return;
    if (nowMs() - this.#movedMs < stallTimeoutMs) return;
    this.#connection.end({ code: 'timeout', message: `Nothing came for ${stallTimeoutMs / 1000} s` });
  }
}
