/**
 * Fetches pieces of any number of contents over one connection: puts together, verifies and writes what comes.
 * Nothing per block leaves this thread, and nothing is allocated for one but views and headers.
 */
import { countBytes, maxPieceBufferBytes, pieceBacklogBytes } from '../../../core/limits/tracker.ts';
import { piecesOf, type PieceRange } from '../../../core/swarm/piece-ranges.ts';
import type { Pipeline } from '../../../core/swarm/pipeline.ts';
import { problemOf } from '../../../protocol/errors.ts';
import type { PeerMessageNamed } from '../../../protocol/peer-messages.ts';
import { nowMs, type Connection } from '../connection.ts';
import { ContentPacers } from './content-pacers.ts';
import type { FetchedContent } from './fetched-content.ts';
import type { Pace } from '../pacer.ts';
import type { Asker, FetchBase } from './asker.ts';
import { PieceBuffers } from '../disk/piece-buffers.ts';
import { PieceFlow, type Asked, type PieceLine } from './piece-flow.ts';

export class Downloader {
  readonly #connection: Connection;
  readonly #resumeReading: () => void;
  readonly #onBytes: () => void;
  readonly #flows = new Map<number, PieceFlow>();
  readonly #pacers: ContentPacers;
  readonly #requests = new Map<number, Asked>();
  /** The one whose data came last: most of the next is for it too. */
  #current: Asked | undefined;
  readonly #pipeline: Pipeline;
  readonly #asker: Asker;
  readonly #line: PieceLine;
  readonly #buffers = new PieceBuffers(pieceBacklogBytes, maxPieceBufferBytes);
  #queuePosition = 0;
  #isReading = true;
  #hasLanded = false;

  /** `onBytes` is called whenever some have come. */
  constructor(base: FetchBase, onBytes: () => void) {
    const { connection, pipeline, asker, rate, began, resumeReading } = base;
    this.#connection = connection;
    this.#pipeline = pipeline;
    this.#asker = asker;
    this.#onBytes = onBytes;
    this.#resumeReading = resumeReading;
    this.#pacers = new ContentPacers(rate, () => this.#readOn());
    this.#line = { connection, pipeline, requests: this.#requests, began };
    void connection.ended.then(() => this.#pacers.stop());
  }

  get queuePosition(): number {
    return this.#queuePosition;
  }

  get contents(): FetchedContent[] {
    return Array.from(this.#flows.values(), ({ content }) => content);
  }

  /** Whether more may be read from the network; when not, `resumeReading` is called later. */
  get mayRead(): boolean {
    this.#isReading = !this.#buffers.isShort && !this.#pacers.isWaiting;
    return this.#isReading;
  }

  /** What `mayRead` said last: whether the network is read, as far as this goes. */
  get isReading(): boolean {
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
    const flow = new PieceFlow(content, this.#line);
    this.#flows.set(content.content, flow);
    this.#asker.open(flow);
    this.#pacers.open(content, this.#resumeReading);
  }

  /** A content that has been closed meanwhile is no longer wanted. */
  want(number: number, ranges: readonly PieceRange[]): void {
    this.#flows.get(number)?.content.want(ranges);
    this.#asker.ask();
  }

  leave(number: number, ranges: readonly PieceRange[]): void {
    const content = this.#flows.get(number)?.content;
    if (!content) return;
    const left = new Set(piecesOf(ranges));
    content.leave(left);
    for (const [requestId, asked] of this.#requests) {
      if (asked.content !== content) continue;
      const coming = [...piecesOf([{ first: asked.piece, count: asked.end - asked.piece }])];
      const stillWanted = coming.filter((piece) => !left.has(piece));
      // What is on its way comes, and the others with it: of the rest only what is left is taken back.
      const isTakenBack =
        stillWanted.length === 0 || (stillWanted.length < coming.length && !hasBegun(asked));
      if (!isTakenBack) continue;
      this.#cancel(requestId, asked);
      content.wantFirst(stillWanted);
    }
    this.#asker.ask();
  }

  /** Gives what was closed, once nothing is written to it any more. */
  async close(number: number): Promise<FetchedContent | undefined> {
    const flow = this.#flows.get(number);
    if (!flow) return undefined;
    const { content } = flow;
    this.#flows.delete(number);
    this.#asker.close(flow);
    this.#pacers.close(content);
    this.#cancelAll(content);
    this.#asker.ask();
    await content.close();
    return content;
  }

  async closeAll(): Promise<void> {
    await Promise.all([...this.#flows.keys()].map((number) => this.close(number)));
  }

  /** Lets go of all memory: nothing is read or written any more. */
  free(): void {
    this.#buffers.free();
  }

  queued(position: number): void {
    this.#queuePosition = position;
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
    this.#asker.ask();
  }

  /** Whether the request was one for pieces. */
  refused(error: PeerMessageNamed<'error'>): boolean {
    const asked = this.#requests.get(error.requestId);
    if (!asked) return false;
    asked.content.end('source', problemOf(error));
    this.#cancelAll(asked.content);
    this.#asker.ask();
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
      // It is as old as swarming: who does not know it would take it for a broken connection.
      if (!isRight && this.#connection.session.isSwarming)
        this.#connection.send({ type: 'spoiled', id: content.id, piece });
      if (content.hasEnded) this.#cancelAll(content);
      this.#readOn();
    });
  }

  #readOn(): void {
    if (this.#isReading || !this.mayRead) return;
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
}

/** Whether anything of it has come. */
const hasBegun = ({ piece, first, filled }: Asked): boolean => piece > first || filled > 0;
