/**
 * What to ask for next over one connection: as far ahead as its speed deserves, contents in turn, those under a limit
 * a piece at a time. Invariant: the pipeline counts the bytes of exactly the requests under way.
 */
import { limitedPipelineMs, rateLookMs } from '../../core/limits/pipelining.ts';
import { maxPieceRequests, pieceRequestBytes, pieceRequestMs } from '../../core/limits/tracker.ts';
import { maxSmallFileBytes } from '../../core/limits/trees.ts';
import { maxPiecesPerRequest } from '../../core/limits/wire.ts';
import { piecesOf } from '../../core/piece-ranges.ts';
import type { Pipeline } from '../../core/pipeline.ts';
import { nowMs, type Connection } from './connection.ts';
import type { FetchedContent } from './fetched-content.ts';
import { nowUs } from './pacer.ts';

/** One request under way. */
export interface Asked {
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

export interface AskerEvents {
  /** Whether we wait in the source's queue. */
  isQueued(): boolean;
  /** A request is sent while none was under way. */
  began(): void;
  /** What had to wait for its limit may be asked for now. */
  isDue(): void;
}

export class PieceAsker {
  readonly #connection: Connection;
  readonly #pipeline: Pipeline;
  readonly #contents: ReadonlyMap<number, FetchedContent>;
  readonly #requests: Map<number, Asked>;
  readonly #events: AskerEvents;
  #turn = 0;
  #rateTimer: NodeJS.Timeout | undefined;

  constructor(
    connection: Connection,
    pipeline: Pipeline,
    contents: ReadonlyMap<number, FetchedContent>,
    requests: Map<number, Asked>,
    events: AskerEvents,
  ) {
    this.#connection = connection;
    this.#pipeline = pipeline;
    this.#contents = contents;
    this.#requests = requests;
    this.#events = events;
  }

  stop(): void {
    clearTimeout(this.#rateTimer);
  }

  /** Sends one request, contents in turn. False when no more can be asked for now. */
  askOnce(): boolean {
    if (!this.#connection.session.canAsk || this.#requests.size >= maxPieceRequests) return false;
    const now = nowMs();
    const roomBytes = this.#pipeline.roomBytes(now);
    // Few large requests rather than one for every piece that comes: each costs as much as a block.
    const hasRoom = roomBytes >= Math.min(pieceRequestBytes, this.#pipeline.windowBytes(now) / 4);
    // Small files are sent to those who wait for a slot, too: they must not wait behind what fills the pipeline.
    if (!hasRoom && !this.#events.isQueued()) return false;
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
    if (this.#requests.size === 0) this.#events.began();
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
    return Math.min(pieceRequestBytes, (this.#pipeline.bytesPerSecond(nowMs()) * pieceRequestMs) / 1000);
  }

  /** Whether more of a content under a limit may be asked for: not what will be its turn only much later. */
  #isDue(content: FetchedContent): boolean {
    const aheadMs = content.rate.aheadMs(nowUs());
    if (aheadMs > limitedPipelineMs) {
      this.#rateTimer ??= setTimeout(
        () => {
          this.#rateTimer = undefined;
          this.#events.isDue();
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
}
