/**
 * The small files that are wanted of one tree over one connection, in the order in which they are to be asked for.
 * Invariant: each is given out once, to be asked for, or taken out again.
 */
import { maxFilesPerRequest } from '../../../core/limits/trees.ts';
import type { WantedFile } from '../../tree-contract.ts';

export class WantedFiles {
  #files: WantedFile[] = [];
  /** How many of them have been given out. */
  #given = 0;

  get areAny(): boolean {
    return this.#given < this.#files.length;
  }

  /** After those wanted before. */
  add(files: readonly WantedFile[]): void {
    this.#files = [...this.#files.slice(this.#given), ...files];
    this.#given = 0;
  }

  /** Those of the next request: of at most so many bytes, but one at least. */
  next(mostBytes: number): WantedFile[] {
    const files: WantedFile[] = [];
    let bytes = 0;
    for (let next = this.#files[this.#given]; next; next = this.#files[this.#given]) {
      bytes += next.sizeBytes;
      if (files.length > 0 && (bytes > mostBytes || files.length === maxFilesPerRequest)) break;
      files.push(next);
      this.#given++;
    }
    return files;
  }

  /** Takes out those of these numbers that are left, and gives their numbers. */
  drop(numbers: ReadonlySet<number>): number[] {
    const left = this.#files.slice(this.#given);
    this.#files = left.filter(({ file }) => !numbers.has(file));
    this.#given = 0;
    return left.filter(({ file }) => numbers.has(file)).map(({ file }) => file);
  }
}

/**
 * Of the requests that nothing has come for, oldest first, those that may be taken back so that their files come from
 * elsewhere. `hasOthers`: there were files that had not been asked for.
 */
export function withdrawable<Request>(
  requests: readonly Request[],
  isQueued: boolean,
  hasOthers: boolean,
): readonly Request[] {
  // In a queue nothing is on its way. The oldest keeps our place there while there is anything else to give.
  if (isQueued) return requests.slice(hasOthers || requests.length > 1 ? 1 : 0);
  return hasOthers ? [] : requests.slice(1);
}
