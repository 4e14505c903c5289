/**
 * The file of one download while it is worked on: opened when its manifest is known and there is room for it,
 * flushed as it grows, given its name in the end. When the disk refuses it waits, looks again, and goes on.
 * Invariant: until it has its name it is open, being opened, or has an obstacle and a time to look again.
 */
import { diskProbeMs } from '../../../core/backoff.ts';
import type { ContentTarget, RetryClass } from '../../../core/engine/engine-api.ts';
import * as limits from '../../../core/limits/downloads.ts';
import type { Manifest } from '../../../core/swarm/manifest.ts';
import { fail, type Problem, type Result } from '../../../core/result.ts';
import type { PartialFile } from '../../../profile/partial-file.ts';
import type { Pool } from '../../../workers/pool.ts';
import type { TransferJobs } from '../../../workers/transfer-contract.ts';
import type { ActorContext, ActorRef, AskFailure, Outcome } from '../../runtime/index.ts';
import { checkDoubted, finish, placeOf, prepare, type Place, type Prepared } from './download-disk.ts';
import type { DownloadHost } from './download-messages.ts';
import type { TransferRecord } from './transfer-record.ts';

/** What the download hands back to its file. */
export type FileMessage =
  | { readonly type: 'room'; readonly outcome: Outcome<Result<void>, AskFailure> }
  | { readonly type: 'prepared'; readonly outcome: Outcome<Result<Prepared>> }
  | { readonly type: 'flushed'; readonly outcome: Outcome<Result<void>> }
  | { readonly type: 'placed'; readonly outcome: Outcome<Result<string>> }
  /** Some of what was in doubt was read; gives the pieces that are wrong. */
  | {
      readonly type: 'checked';
      readonly partial: PartialFile;
      readonly outcome: Outcome<Result<readonly number[]>>;
    }
  /** From another file of this machine. */
  | { readonly type: 'copied'; readonly pieces: number }
  | { readonly type: 'probe' };

/** What the download is told of its file. */
export interface FileEvents {
  /** Pieces may be fetched into it. It may have fewer pieces than before. */
  opened(partial: PartialFile): void;
  /** Pieces that an earlier run had are wrong, and to be fetched again. */
  lost(pieces: readonly number[]): void;
  /** Nothing may be written to it until it is opened again. */
  blocked(): void;
  /** The whole file lies there under its name. */
  placed(path: string): void;
  /** It is given up. */
  failed(problem: Problem): void;
}

export interface FileNeeds {
  readonly ctx: ActorContext<FileMessage>;
  readonly host: ActorRef<DownloadHost>;
  readonly transfers: Pool<TransferJobs>;
  readonly record: TransferRecord<ContentTarget>;
  readonly now: () => number;
  readonly random: () => number;
  readonly events: FileEvents;
}

/** What keeps everything from going on, and when it is looked at again. */
export interface Obstacle {
  readonly problem: Problem;
  readonly untilMs: number;
  readonly retry: RetryClass;
  /** Looks in vain, in a row. */
  readonly attempts: number;
}

export class DownloadFile {
  /** Where it is to lie. Problems: `bad-name`, and then it is never opened. */
  readonly place: Result<Place>;
  readonly #needs: FileNeeds;
  /** Another file of this machine that should be the content. */
  copy: string | undefined;
  #copiedPieces = 0;
  #manifest: Manifest | undefined;
  #partial: PartialFile | undefined;
  #obstacle: Obstacle | undefined;
  #answerOnRoom: ((answer: Result<void>) => void) | undefined;
  #preparing: Promise<Result<Prepared>> | undefined;
  #isFlushing = false;
  /** What is being read of. */
  #checking: PartialFile | undefined;
  #flushedMs: number;
  #isPlacing = false;
  #attempts = 0;

  constructor(needs: FileNeeds) {
    this.#needs = needs;
    this.place = placeOf(needs.record.request);
    this.#flushedMs = needs.now();
  }

  /** Open for pieces, or complete and being given its name; undefined otherwise. */
  get partial(): PartialFile | undefined {
    return this.#obstacle ? undefined : this.#partial;
  }

  get obstacle(): Obstacle | undefined {
    return this.#obstacle;
  }

  get isOpening(): boolean {
    return this.#preparing !== undefined;
  }

  /** Whether it may soon have all that it needs without anybody being asked. */
  get isCopying(): boolean {
    return this.isOpening && this.copy !== undefined;
  }

  /** Of what an earlier run left, and nobody has read since. */
  get doubtedBytes(): number {
    const { manifest, doubted } = this.partial ?? {};
    return manifest && doubted ? Math.min(doubted.count * manifest.pieceLength, manifest.sizeBytes) : 0;
  }

  /** Reads some of what is in doubt, unless that is being done. */
  checkSome(): void {
    const { partial } = this;
    const { ctx, transfers } = this.#needs;
    if (!partial?.isInDoubt || this.#checking === partial) return;
    this.#checking = partial;
    ctx.pipe(checkDoubted(transfers, partial), (outcome) => ({ type: 'checked', partial, outcome }));
  }

  /** To be called once the manifest is known; again, it does nothing. */
  open(manifest: Manifest): void {
    if (this.#manifest) return;
    this.#manifest = manifest;
    this.#prepare();
  }

  flushIfDue(): void {
    const { partial } = this;
    const { ctx, now } = this.#needs;
    if (!partial || this.#isFlushing || this.#isPlacing || partial.unflushedPieces === 0) return;
    const isMuch = partial.unflushedPieces * partial.manifest.pieceLength >= limits.flushBytes;
    if (!isMuch && now() - this.#flushedMs < limits.flushEveryMs) return;
    this.#isFlushing = true;
    ctx.pipe(partial.flush(), (outcome) => ({ type: 'flushed', outcome }));
  }

  /** It has all its pieces and nobody writes to it any more. */
  giveName(): void {
    const { partial, place } = this;
    const { ctx, record, transfers } = this.#needs;
    if (!partial || !place.ok || this.#isPlacing) return;
    this.#isPlacing = true;
    const { outDir } = record.request;
    ctx.pipe(finish(transfers, partial, outDir, place.value), (outcome) => ({ type: 'placed', outcome }));
  }

  /** The disk, or another process at work on the same file, is in the way. */
  blockedBy(problem: Problem): void {
    const { ctx, record, now, random, events } = this.#needs;
    const isFinal = record.request.giveUpAfterMs !== undefined && problem.code !== 'busy';
    const isLasting = problem.code === 'bad-name' || problem.code === 'limit';
    if (isFinal || isLasting) return events.failed(problem);
    this.#attempts += 1;
    const waitMs = diskProbeMs(this.#attempts, random);
    // Another process at work on the same file is not the disk's fault.
    const retry = problem.code === 'busy' ? 'connection' : 'disk';
    this.#obstacle = { problem, untilMs: now() + waitMs, retry, attempts: this.#attempts };
    this.#isPlacing = false;
    ctx.timers.once('probe', waitMs, { type: 'probe' });
    events.blocked();
  }

  /** The user says that all is well: a folder that was gone may be made anew, and another in its place is right. */
  retry(): void {
    if (!this.#obstacle) return;
    this.#needs.record.folder = undefined;
    this.probe();
  }

  /** Looks now whether the obstacle is gone. */
  probe(): void {
    if (!this.#obstacle || this.isOpening) return;
    this.#needs.ctx.timers.cancel('probe');
    this.#obstacle = undefined;
    this.#prepare();
  }

  receive(message: FileMessage): void {
    switch (message.type) {
      case 'room':
        return this.#answerOnRoom?.(message.outcome.ok ? message.outcome.value : unanswered);
      case 'prepared':
        this.#preparing = undefined;
        return this.#prepared(valueOf(message.outcome));
      case 'flushed': {
        this.#isFlushing = false;
        this.#flushedMs = this.#needs.now();
        this.#noteKept();
        const flushed = valueOf(message.outcome);
        if (!flushed.ok && this.partial && !this.#isPlacing) this.blockedBy(flushed.problem);
        return;
      }
      case 'placed': {
        const placed = valueOf(message.outcome);
        if (!placed.ok) return this.blockedBy(placed.problem);
        this.#partial = undefined;
        return this.#needs.events.placed(placed.value);
      }
      case 'checked': {
        if (message.partial !== this.#checking) return;
        this.#checking = undefined;
        const checked = valueOf(message.outcome);
        if (message.partial !== this.partial) return;
        if (!checked.ok) return this.blockedBy(checked.problem);
        return checked.value.length > 0 ? this.#lost(checked.value) : undefined;
      }
      case 'copied':
        return this.#copied(message.pieces);
      case 'probe':
        return this.probe();
    }
  }

  /** Keeps what is there for another run, once those that write to it have stopped. */
  async close(): Promise<void> {
    // Nobody hears the answer any more.
    this.#answerOnRoom?.(unanswered);
    const late = await this.#preparing;
    if (late?.ok && late.value.kind === 'partial') this.#partial ??= late.value.partial;
    await this.#partial?.close(await this.#partial.settle());
    this.#noteKept();
  }

  #lost(pieces: readonly number[]): void {
    this.#needs.record.isCopy = false;
    this.#noteKept();
    this.#needs.events.lost(pieces);
  }

  /** Settles by the host's answer, or when the file is closed. */
  #askForRoom(sizeBytes: number): Promise<Result<void>> {
    const { ctx, host, record } = this.#needs;
    if (ctx.signal.aborted) return Promise.resolve(unanswered);
    const question = { type: 'room', transfer: record.transfer, sizeBytes } as const;
    ctx.ask(host, question, limits.sourceAnswerTimeoutMs, (outcome) => ({ type: 'room', outcome }));
    return new Promise((resolve) => (this.#answerOnRoom = resolve));
  }

  #prepare(): void {
    const { ctx, transfers, record } = this.#needs;
    const { place } = this;
    const manifest = this.#manifest;
    if (!manifest || !place.ok) return;
    const earlier = this.#partial;
    this.#partial = undefined;
    const open = async (): Promise<Result<Prepared>> => {
      await earlier?.close(await earlier.settle());
      const room = (): Promise<Result<void>> => this.#askForRoom(manifest.sizeBytes);
      const copied = (pieces: number): void => void ctx.self.offer({ type: 'copied', pieces });
      // Whenever it is opened next, all is fetched at once.
      const hangs = (): void => void (this.copy = undefined);
      const copy = this.copy === undefined ? undefined : { from: this.copy, copied, hangs };
      return prepare(transfers, record, place.value, manifest, { room, signal: ctx.signal, copy });
    };
    this.#preparing = open();
    ctx.pipe(this.#preparing, (outcome) => ({ type: 'prepared', outcome }));
  }

  #copied(pieces: number): void {
    const { record } = this.#needs;
    const { pieceLength = 0, sizeBytes = 0 } = this.#manifest ?? {};
    this.#copiedPieces += pieces;
    record.doneBytes = Math.min(sizeBytes, record.doneBytes + pieces * pieceLength);
  }

  #noteKept(): void {
    if (this.#partial) this.#needs.record.keptBytes = this.#partial.keptBytes;
  }

  #prepared(result: Result<Prepared>): void {
    if (!result.ok) return this.blockedBy(result.problem);
    if (result.value.kind === 'here') return this.#needs.events.placed(result.value.path);
    this.#partial = result.value.partial;
    // Whatever was said while it was being opened is of an earlier time.
    this.#obstacle = undefined;
    this.#attempts = 0;
    this.#noteKept();
    const { record } = this.#needs;
    record.isCopy = this.#copiedPieces > 0 && record.fetchedBytes === 0 && this.#partial.claimed.isFull;
    this.#needs.events.opened(this.#partial);
  }
}

const unanswered = fail('timeout', 'The download pool did not answer');

/** A promise of ours that rejects is a fault of ours. */
function valueOf<T>(outcome: Outcome<Result<T>>): Result<T> {
  if (!outcome.ok) throw outcome.error;
  return outcome.value;
}
