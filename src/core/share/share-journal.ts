/**
 * Which files of a share were touched since a tracker last acknowledged it, so that one that comes back is told of
 * these and of nothing else. In memory: a new process compares instead. Invariant: what `since` gives holds every
 * file that was touched after that commit, or is undefined.
 */
import type { SharedFile } from '../catalogue.ts';
import { maxJournalCommits, maxJournalFiles } from '../limits/tracker-link.ts';

export class ShareJournal {
  /** Oldest first; the first is number `#first`. */
  #touched: SharedFile[] = [];
  #first = 0;
  /** How many files had been touched when a generation was committed. */
  readonly #commits = new Map<number, number>();

  touch(file: SharedFile): void {
    if (this.#commits.size === 0) return;
    this.#touched.push(file);
    if (this.#touched.length <= maxJournalFiles) return;
    this.#first += this.#touched.length >> 1;
    this.#touched = this.#touched.slice(this.#touched.length >> 1);
    for (const [generation, at] of this.#commits) if (at < this.#first) this.#commits.delete(generation);
  }

  /** A commit of this generation is on its way, and may count without our hearing of it. */
  commit(generation: number): void {
    this.#commits.delete(generation);
    this.#commits.set(generation, this.#first + this.#touched.length);
    const [oldest] = this.#commits.keys();
    if (oldest !== undefined && this.#commits.size > maxJournalCommits) this.#commits.delete(oldest);
  }

  /** The files touched since that commit; undefined when that is not known any more, or never was. */
  since(generation: number): readonly SharedFile[] | undefined {
    const at = this.#commits.get(generation);
    if (at === undefined) return undefined;
    return this.#touched.slice(at - this.#first);
  }
}
