/**
 * The receiving side of the thread that proves and writes pieces: hands out slots, gives orders about them, tells
 * what became of each. There is one for a receiving thread, while something large is fetched on it.
 * Slots are touched only when those touched before are in use, so memory is used as far as the disk is behind.
 * Invariant: every order given is told of exactly once, also when the thread dies; then it takes no more. A slot that
 * is given back before is nobody's until then, or somebody would write over what is being written.
 */
import { getSystemErrorName } from 'node:util';
import { Worker } from 'node:worker_threads';
import {
  sinkEagerSlots,
  sinkLookMs,
  sinkOwnSlots,
  sinkYoungGenerationMb,
} from '../../../core/limits/tracker.ts';
import { threadFile } from '../../../core/thread-file.ts';
import { SinkMemory, sinkWritten, sinkWrong, type SinkOrder, type SinkOutcome } from './sink-memory.ts';
import { sinkReserve } from './sink-reserve.ts';

/** What became of a piece. An error is what the disk says. */
export type Stored = 'written' | 'wrong' | Error;

export type PieceOrder = Omit<SinkOrder, 'slot'>;

interface Waiting {
  readonly slot: Buffer;
  readonly done: (stored: Stored) => void;
}

export class PieceSink {
  readonly #memory = new SinkMemory();
  readonly #reserve = sinkReserve();
  /** Of those touched; the one used last is the next. */
  readonly #free: Buffer[] = [];
  #touchedCount = 0;
  /** Who is to be told of the orders under way, in their order. */
  readonly #waiting: Waiting[] = [];
  /** Slots of orders under way that were given back already. */
  readonly #left = new Set<Buffer>();
  readonly #worker: Worker;
  /** Orders told of and dealt with. */
  #dealtCount = 0;
  #timer: NodeJS.Timeout | undefined;
  #isOver = false;
  #isStopped = false;

  constructor() {
    this.#worker = new Worker(threadFile('../../sink-thread', import.meta.url), {
      workerData: this.#memory.share,
      // What it uses of Node that is experimental it can do without.
      execArgv: ['--disable-warning=ExperimentalWarning'],
      resourceLimits: { maxYoungGenerationSizeMb: sinkYoungGenerationMb },
    });
    // Whoever waits for a piece has something else to stay alive for.
    this.#worker.unref();
    this.#worker.on('message', () => this.#settle());
    this.#worker.on('error', () => undefined);
    this.#worker.on('exit', () => this.#over());
  }

  /** A slot for a piece, at most `minPieceLength` long; undefined when none is free or nobody would write it. */
  take(): Buffer | undefined {
    return this.#memory.isReady && !this.#isOver ? (this.#free.pop() ?? this.#touch()) : undefined;
  }

  /** Whether there is likely a slot to take. */
  get hasRoom(): boolean {
    return this.#memory.isReady && !this.#isOver && this.#freeCount > 0;
  }

  get #freeCount(): number {
    const touchable = this.#reserve.hasRoom ? this.#memory.slots.length : sinkOwnSlots;
    return this.#free.length + Math.max(0, touchable - this.#touchedCount);
  }

  #touch(): Buffer | undefined {
    const slot = this.#memory.slots[this.#touchedCount];
    if (!slot || (this.#touchedCount >= sinkOwnSlots && !this.#reserve.take())) return undefined;
    this.#touchedCount += 1;
    return slot;
  }

  /** Whether it is a slot of this. */
  owns(buffer: Buffer): boolean {
    return this.#memory.slots.includes(buffer);
  }

  give(slot: Buffer): void {
    if (this.#waiting.some((order) => order.slot === slot)) this.#left.add(slot);
    else this.#free.push(slot);
  }

  /** Proves and writes what is at the start of a slot; the slot is to be left alone until `done`. */
  store(slot: Buffer, order: PieceOrder, done: (stored: Stored) => void): void {
    if (this.#isOver) return done(gone());
    this.#waiting.push({ slot, done });
    this.#memory.give({ slot: this.#memory.slots.indexOf(slot), ...order });
    this.#settle();
  }

  /** Takes no more, and ends once nothing is under way. */
  stop(): void {
    this.#isOver = true;
    this.#isStopped = true;
    this.#endIfIdle();
  }

  #endIfIdle(): void {
    if (this.#isStopped && this.#waiting.length === 0) void this.#worker.terminate();
  }

  /**
   * Tells of what is done. While pieces come, the next one brings us here again, which costs less than a message for
   * each: only who is short of slots is called, or who has looked in vain for a moment.
   */
  #settle(): void {
    this.#deal();
    if (this.#freeCount < sinkEagerSlots) this.#wait();
    else if (this.#waiting.length > 0) this.#timer ??= setTimeout(() => this.#wait(), sinkLookMs);
  }

  /** Has the thread call when it next is done with an order. */
  #wait(): void {
    this.#timer = clearedTimeout(this.#timer);
    if (this.#waiting.length === 0) return;
    this.#memory.wait();
    this.#deal();
  }

  #deal(): void {
    while (this.#dealtCount !== this.#memory.toldCount) {
      const outcome = this.#memory.outcomeOf(this.#dealtCount);
      this.#dealtCount = (this.#dealtCount + 1) | 0;
      this.#tell(this.#waiting.shift(), storedOf(outcome));
    }
    this.#endIfIdle();
  }

  #tell(order: Waiting | undefined, stored: Stored): void {
    if (order === undefined) return;
    order.done(stored);
    if (this.#left.delete(order.slot)) this.#free.push(order.slot);
  }

  #over(): void {
    this.#isOver = true;
    this.#timer = clearedTimeout(this.#timer);
    this.#deal();
    for (const order of this.#waiting.splice(0)) this.#tell(order, gone());
    this.#reserve.give(Math.max(0, this.#touchedCount - sinkOwnSlots));
  }
}

function clearedTimeout(timer: NodeJS.Timeout | undefined): undefined {
  clearTimeout(timer);
}

function storedOf(outcome: SinkOutcome): Stored {
  if (outcome === sinkWritten) return 'written';
  return outcome === sinkWrong ? 'wrong' : systemError(getSystemErrorName(outcome));
}

const systemError = (code: string): Error => Object.assign(new Error(code), { code });

/** The thread died: like a disk that fails, it may be better at the next try. */
const gone = (): Error => systemError('EIO');

let shared: { readonly sink: PieceSink; users: number } | undefined;

/** The sink of this thread, started for its first user. To be let go of once nothing of it is used any more. */
export function useSink(): { readonly sink: PieceSink; readonly release: () => void } {
  const mine = (shared ??= { sink: new PieceSink(), users: 0 });
  mine.users += 1;
  const release = (): void => {
    mine.users -= 1;
    if (mine.users > 0) return;
    mine.sink.stop();
    if (shared === mine) shared = undefined;
  };
  return { sink: mine.sink, release };
}
