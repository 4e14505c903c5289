/**
 * What keeps the contents that come over one connection within their limits, each within its own and all within that
 * of the connection. Invariant: nothing is looked up but for the content at hand where no limit is set.
 */
import type { Rate } from '../../../core/rates/shared-rate.ts';
import type { FetchedContent } from './fetched-content.ts';
import { paceOf, ReadPacer, type Pace } from '../pacer.ts';

export class ContentPacers {
  readonly #all: ReadPacer;
  readonly #each = new Map<FetchedContent, ReadPacer>();

  /** `rate`: the limit for all; `resume` is called when these need not wait any longer. */
  constructor(rate: Rate, resume: () => void) {
    this.#all = new ReadPacer(rate, resume);
  }

  /** Whether all have to wait. */
  get isWaiting(): boolean {
    return this.#all.isWaiting;
  }

  /** `resume` is called when this one need not wait any longer. */
  open(content: FetchedContent, resume: () => void): void {
    this.#each.set(content, new ReadPacer(content.rate, resume));
  }

  close(content: FetchedContent): void {
    this.#each.get(content)?.stop();
    this.#each.delete(content);
  }

  /** Bytes came that count against the limit for all. */
  came(bytes: number): void {
    this.#all.came(bytes);
  }

  /** Bytes of this one came, and are counted against its own. */
  cameOf(content: FetchedContent, bytes: number): void {
    this.#each.get(content)?.came(bytes);
  }

  isHeld(content: FetchedContent): boolean {
    return this.#each.get(content)?.isWaiting === true;
  }

  /** How those that are on their way stand to their own limits. */
  paceOf(asked: Iterable<{ readonly content: FetchedContent }>): Pace {
    return paceOf(this.#pacersOf(asked));
  }

  /** The most to read at once while this one comes; no bound without a limit. */
  quantumBytes(content: FetchedContent | undefined): number {
    const own = content && this.#each.get(content);
    return Math.min(this.#all.quantumBytes, own?.quantumBytes ?? Infinity);
  }

  stop(): void {
    for (const pacer of [this.#all, ...this.#each.values()]) pacer.stop();
  }

  *#pacersOf(asked: Iterable<{ readonly content: FetchedContent }>): Generator<ReadPacer | undefined> {
    for (const { content } of asked) yield this.#each.get(content);
  }
}
