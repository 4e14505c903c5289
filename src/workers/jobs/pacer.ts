/**
 * Keeps what one connection sends or reads within its limits, a small portion at a time. Nothing is done where
 * there is no limit. Invariant: whoever waits here is woken by the end of the connection, too.
 */
import { RateTurn } from '../../core/rates/rate-turn.ts';
import type { Rate } from '../../core/rates/shared-rate.ts';

/** A clock that all threads share, in microseconds. */
export const nowUs = (): number => Number(process.hrtime.bigint() / 1000n);

/** For who sends: waits before each portion. */
export class SendPacer {
  readonly #turn: RateTurn;
  #wake: (() => void) | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isStopped = false;

  constructor(rates: readonly Rate[]) {
    this.#turn = new RateTurn(rates);
  }

  get isLimited(): boolean {
    return this.#turn.quantumBytes < Infinity;
  }

  /** The most to send in one portion. */
  get quantumBytes(): number {
    return this.#turn.quantumBytes;
  }

  /** Waits for the turn of this portion. One at a time. */
  async turn(bytes: number): Promise<void> {
    this.#turn.begin(bytes, nowUs());
    for (let ms = this.#turn.waitMs(nowUs()); ms > 0 && !this.#isStopped; ms = this.#turn.waitMs(nowUs()))
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        this.#timer = setTimeout(resolve, ms);
      });
  }

  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    this.#wake?.();
  }
}

/**
 * How what is on its way stands to its own limits: nothing is on its way; all of it has come too fast; or some has
 * not, and then reading goes on for its sake.
 */
export type Pace = 'idle' | 'held' | 'due';

/** The pace of what comes for these. */
export function paceOf(pacers: Iterable<ReadPacer | undefined>): Pace {
  let pace: Pace = 'idle';
  for (const pacer of pacers) {
    if (!pacer?.isWaiting) return 'due';
    pace = 'held';
  }
  return pace;
}

/** For who reads: books what came, and reads on when its turn has come. */
export class ReadPacer {
  readonly #turn: RateTurn;
  readonly #rate: Rate;
  readonly #resume: () => void;
  #unbookedBytes = 0;
  #timer: NodeJS.Timeout | undefined;

  /** `resume` is called when there is no need to wait any longer. */
  constructor(rate: Rate, resume: () => void) {
    this.#rate = rate;
    this.#turn = new RateTurn([rate]);
    this.#resume = resume;
  }

  get isWaiting(): boolean {
    return this.#timer !== undefined;
  }

  /** The most to read in one portion; no bound without a limit. */
  get quantumBytes(): number {
    return this.#turn.quantumBytes;
  }

  came(bytes: number): void {
    if (this.#rate.bytesPerSecond === 0 && !this.isWaiting) return;
    this.#unbookedBytes += bytes;
    if (!this.isWaiting) this.#waits(true);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** Whether it has to wait; `books`: gets in line with what came first. */
  #waits(books: boolean): boolean {
    if (books) {
      this.#turn.begin(this.#unbookedBytes, nowUs());
      this.#unbookedBytes = 0;
    }
    const ms = this.#turn.waitMs(nowUs());
    if (ms > 0) this.#timer = setTimeout(() => this.#look(), ms);
    return ms > 0;
  }

  #look(): void {
    this.#timer = undefined;
    if (!this.#waits(false) && !(this.#unbookedBytes > 0 && this.#waits(true))) this.#resume();
  }
}
