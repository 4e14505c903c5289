/**
 * One content that pieces are fetched of over one connection: what is still wanted, what became of what came.
 * Invariant: only a piece that was verified is written, and only one that was written is reported as verified.
 */
import { Bitfield } from '../../../core/swarm/bitfield.ts';
import { diskProblem } from '../../../core/disk-problem.ts';
import { bytesReportMs, maxEvenSpanMs } from '../../../core/limits/tracker.ts';
import type { Manifest } from '../../../core/swarm/manifest.ts';
import { pieceCount, pieceSize } from '../../../core/swarm/piece-length.ts';
import { piecesOf, toRanges, type PieceRange } from '../../../core/swarm/piece-ranges.ts';
import { PieceWriters } from '../../../core/swarm/piece-writers.ts';
import { ok, type Problem, type Result } from '../../../core/result.ts';
import { SharedRate } from '../../../core/rates/shared-rate.ts';
import { SharedWeight } from '../../../core/rates/shared-weight.ts';
import type { ContentReport, OpenedContent } from '../../transfer-contract.ts';
import type { PieceSink } from '../disk/piece-sink.ts';
import { PieceStore } from '../disk/piece-store.ts';

/** At what moment it is told, and the limit of the connection; 0 = unlimited. */
interface Evenly {
  readonly nowMs: number;
  readonly bytesPerSecond: number;
}

export class FetchedContent {
  readonly content: number;
  readonly id: OpenedContent['id'];
  readonly manifest: Manifest;
  readonly rate: SharedRate;
  readonly weight: SharedWeight;
  /** Whether it has to be told what the source has. */
  readonly isPartial: boolean;
  readonly #filePath: string;
  readonly #store: PieceStore;
  readonly #writers: PieceWriters;
  readonly #noteClosed: () => void;
  readonly #onNews: (isIdle: boolean) => void;
  /** In the order in which they are to be asked for. */
  readonly #wanted = new Set<number>();
  /** Wanted once, and neither written nor spoiled since. */
  readonly #unfinished = new Set<number>();
  #verified: number[] = [];
  #spoiled: number[] = [];
  #receivedBytes = 0;
  #reportedMs: number | undefined;
  /** Of a partial source: what it has, and what of it has not been reported. */
  #claim: Bitfield | 'everything' | undefined;
  #isClaimReported = true;
  #gained: number[] = [];
  #ended: ContentReport['ended'];
  #isEndReported = false;

  private constructor(opened: OpenedContent, store: PieceStore, onNews: (isIdle: boolean) => void) {
    this.content = opened.content;
    this.id = opened.id;
    this.manifest = opened.manifest;
    this.rate = new SharedRate(opened.rate);
    this.weight = new SharedWeight(opened.weight);
    this.isPartial = opened.isPartial;
    this.#filePath = opened.filePath;
    this.#store = store;
    this.#writers = new PieceWriters(opened.writers);
    this.#noteClosed = this.#writers.begin();
    this.#onNews = onNews;
  }

  /**
   * `onNews` is called when there is something to report; `isIdle` says that nothing more comes unless more is
   * wanted. `sink`: where its pieces are proved and written, if not here. Problems: what the disk says.
   */
  static async open(
    opened: OpenedContent,
    onNews: (isIdle: boolean) => void,
    sink?: PieceSink,
  ): Promise<Result<FetchedContent>> {
    try {
      const { filePath, manifest } = opened;
      return ok(new FetchedContent(opened, await PieceStore.open(filePath, manifest, sink), onNews));
    } catch (error) {
      return { ok: false, problem: diskProblem(error, opened.filePath) };
    }
  }

  get hasEnded(): boolean {
    return this.#ended !== undefined;
  }

  get wantsMore(): boolean {
    return this.#wanted.size > 0;
  }

  sizeOf(piece: number): number {
    return pieceSize(this.manifest.sizeBytes, piece);
  }

  /** Pieces that the content does not have are our own mistake. */
  want(ranges: readonly PieceRange[]): void {
    if (this.hasEnded) return;
    const pieces = pieceCount(this.manifest.sizeBytes);
    for (const piece of piecesOf(ranges)) {
      if (piece >= pieces) throw new RangeError(`Expected a piece below ${pieces}, got ${piece}`);
      this.#wanted.add(piece);
      this.#unfinished.add(piece);
    }
  }

  /** Pieces that were asked for and will not come are to be asked for again, before all others. */
  wantFirst(pieces: readonly number[]): void {
    const others = [...this.#wanted];
    this.#wanted.clear();
    for (const piece of [...pieces, ...others]) this.#wanted.add(piece);
  }

  leave(pieces: Iterable<number>): void {
    for (const piece of pieces) this.#wanted.delete(piece);
  }

  /** The first run of wanted pieces, at most `max` long. */
  firstRun(max: number): PieceRange {
    let first = -1;
    let count = 0;
    for (const piece of this.#wanted) {
      if (count === 0) first = piece;
      if (piece !== first + count || count === max) break;
      count++;
    }
    return { first, count };
  }

  /** Payload came. */
  received(bytes: number): void {
    this.#receivedBytes += bytes;
  }

  /** Where a piece of it is best put together, if not just anywhere. */
  get sink(): PieceSink | undefined {
    return this.#store.sink;
  }

  /** A piece came to its end, at the start of the buffer. `done` is called when that may be reused. */
  accept(piece: number, buffer: Buffer, done: (isRight: boolean) => void): void {
    if (this.hasEnded) return done(true);
    this.#store.store(piece, buffer, (stored) => {
      if (stored === 'wrong') this.spoiled(piece);
      else if (stored === 'written') this.#wrote(piece);
      else this.end('here', diskProblem(stored, this.#filePath));
      done(stored !== 'wrong');
    });
  }

  /** A piece came wrong or not whole: nothing more is taken from who sends such. */
  spoiled(piece: number): void {
    if (this.hasEnded) return;
    this.#spoiled.push(piece);
    this.#finished(piece);
    this.end('source', { code: 'piece-mismatch', message: 'It sent a piece that is wrong' });
  }

  /** The source says what it has; `undefined`: everything. */
  claimed(bitfield: Uint8Array | undefined): void {
    const pieces = pieceCount(this.manifest.sizeBytes);
    this.#claim = bitfield ? Bitfield.decode(bitfield, pieces) : 'everything';
    if (!this.#claim)
      return this.end('source', { code: 'protocol', message: 'Its bitfield has the wrong length' });
    this.#isClaimReported = false;
    this.#onNews(true);
  }

  /** The source has got more. */
  gained(ranges: readonly PieceRange[]): void {
    const claim = this.#claim;
    if (!(claim instanceof Bitfield)) return;
    if (ranges.some(({ first, count }) => first + count > claim.length))
      return this.end('source', { code: 'protocol', message: 'It claims pieces that there are not' });
    for (const piece of piecesOf(ranges)) if (claim.set(piece)) this.#gained.push(piece);
    this.#onNews(true);
  }

  /** Nothing more comes of it. The first reason counts. */
  end(at: 'source' | 'here', problem: Problem): void {
    this.#ended ??= { at, problem };
    this.#wanted.clear();
    this.#onNews(true);
  }

  /** Whether bytes came that are to be told of only when it would have been their turn. */
  get hasMore(): boolean {
    return this.#receivedBytes > 0;
  }

  /** What is new since the last time; undefined when nothing is. `evenly`: bytes only as its limit lets them come. */
  takeReport(evenly?: Evenly): ContentReport | undefined {
    const receivedBytes = this.#bytesToTell(evenly);
    const ended = this.#isEndReported ? undefined : this.#ended;
    const claim = this.#isClaimReported ? undefined : this.#claim;
    const news = this.#verified.length + this.#spoiled.length + this.#gained.length + receivedBytes;
    if (news === 0 && !ended && !claim) return undefined;
    const report = {
      content: this.content,
      verified: toRanges(this.#verified),
      spoiled: toRanges(this.#spoiled),
      receivedBytes,
      claim: claim instanceof Bitfield ? claim.encode() : claim,
      // What came before the claim is reported is in it.
      gained: claim ? [] : toRanges(this.#gained),
      ended,
    };
    this.#gained = [];
    this.#isClaimReported = true;
    this.#verified = [];
    this.#spoiled = [];
    this.#receivedBytes -= receivedBytes;
    this.#isEndReported = ended !== undefined || this.#isEndReported;
    return report;
  }

  /** However low a limit is, what comes is read many bytes at a time, and then nothing for seconds. */
  #bytesToTell(evenly: Evenly | undefined): number {
    const { nowMs, bytesPerSecond } = evenly ?? { nowMs: 0, bytesPerSecond: 0 };
    const spanMs = Math.min(nowMs - (this.#reportedMs ?? nowMs - bytesReportMs), maxEvenSpanMs);
    if (evenly) this.#reportedMs = nowMs;
    const limits = [this.rate.bytesPerSecond, bytesPerSecond].filter((limit) => limit > 0);
    if (!evenly || limits.length === 0 || this.hasEnded || this.#unfinished.size === 0)
      return this.#receivedBytes;
    return Math.min(this.#receivedBytes, Math.ceil((Math.min(...limits) * spanMs) / 1000));
  }

  /** Waits for writes under way. */
  async close(): Promise<void> {
    this.#wanted.clear();
    try {
      await this.#store.close();
    } finally {
      this.#noteClosed();
    }
  }

  #wrote(piece: number): void {
    this.#verified.push(piece);
    this.#writers.wrote(piece);
    this.#finished(piece);
  }

  #finished(piece: number): void {
    this.#unfinished.delete(piece);
    this.#onNews(this.#unfinished.size === 0);
  }
}
