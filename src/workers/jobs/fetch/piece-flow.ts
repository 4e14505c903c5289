/** What is asked for of one content over one connection: the pieces that are wanted of it, in their order. */
import { maxPieceRequests, pieceRequestBytes, pieceRequestMs } from '../../../core/limits/tracker.ts';
import { maxSmallFileBytes } from '../../../core/limits/trees.ts';
import { maxPiecesPerRequest } from '../../../core/limits/wire.ts';
import { piecesOf } from '../../../core/swarm/piece-ranges.ts';
import type { Pipeline } from '../../../core/swarm/pipeline.ts';
import type { SharedRate } from '../../../core/rates/shared-rate.ts';
import type { SharedWeight } from '../../../core/rates/shared-weight.ts';
import type { Flow } from './asker.ts';
import { nowMs, type Connection } from '../connection.ts';
import type { FetchedContent } from './fetched-content.ts';

/** One request under way. */
export interface Asked {
  readonly requestId: number;
  readonly content: FetchedContent;
  readonly first: number;
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

/** What the contents that are fetched over one connection have in common. */
export interface PieceLine {
  readonly connection: Connection;
  readonly pipeline: Pipeline;
  /** Those under way, by their ids. */
  readonly requests: Map<number, Asked>;
  /** A request is about to be sent while none is under way. */
  began(): void;
}

export class PieceFlow implements Flow {
  readonly content: FetchedContent;
  readonly requestBytes = pieceRequestBytes;
  readonly #line: PieceLine;

  constructor(content: FetchedContent, line: PieceLine) {
    this.content = content;
    this.#line = line;
  }

  get rate(): SharedRate {
    return this.content.rate;
  }

  get weight(): SharedWeight {
    return this.content.weight;
  }

  get isSmall(): boolean {
    return this.content.manifest.sizeBytes <= maxSmallFileBytes;
  }

  get wantsMore(): boolean {
    return this.content.wantsMore && this.#line.requests.size < maxPieceRequests;
  }

  get askedBytes(): number {
    let bytes = 0;
    for (const asked of this.#line.requests.values())
      if (asked.content === this.content) bytes += asked.outstandingBytes;
    return bytes;
  }

  ask(mostBytes: number, weight: number): number {
    const { content } = this;
    const { connection, requests } = this.#line;
    const { pieceLength } = content.manifest;
    const bytes = content.rate.bytesPerSecond > 0 ? pieceLength : Math.min(mostBytes, this.#soonBytes());
    const max = Math.min(Math.max(1, Math.floor(bytes / pieceLength)), maxPiecesPerRequest);
    const { first, count } = content.firstRun(max);
    const end = first + count;
    const outstandingBytes = (count - 1) * pieceLength + content.sizeOf(end - 1);
    content.leave(piecesOf([{ first, count }]));
    const requestId = connection.session.nextRequestId();
    if (requests.size === 0) this.#line.began();
    requests.set(requestId, {
      requestId,
      content,
      first,
      end,
      piece: first,
      buffer: undefined,
      filled: 0,
      outstandingBytes,
      uncountedBytes: 0,
      isLastBlock: false,
    });
    connection.send({ type: 'get-pieces', requestId, id: content.id, firstPiece: first, count, weight });
    return outstandingBytes;
  }

  /** What comes in the time that one request is for. */
  #soonBytes(): number {
    return (this.#line.pipeline.bytesPerSecond(nowMs()) * pieceRequestMs) / 1000;
  }
}
