/**
 * The files of a tree that its writer was told of and does not have. Most come over connections at once; others come
 * later if at all, one by one: copies of what is to come first, large files, and what its peer refused.
 * Invariant: no file set aside keeps a new folder, or a flush, waiting for it.
 */
import type { PlacedFile } from '../../tree-contract.ts';
import type { NewFolder } from '../disk/new-folder.ts';

export interface AwaitedFile {
  readonly placed: PlacedFile;
  /** The new folder that it is to be put into, which waits for it. */
  readonly folder: NewFolder | undefined;
}

export class AwaitedFiles {
  readonly #coming = new Map<number, AwaitedFile>();
  readonly #aside = new Map<number, AwaitedFile>();

  /** Whether any is to come with others: what has come is flushed together with it. */
  get areComing(): boolean {
    return this.#coming.size > 0;
  }

  get(file: number): AwaitedFile | undefined {
    return this.#coming.get(file) ?? this.#aside.get(file);
  }

  expect(placed: PlacedFile, folder: NewFolder | undefined): void {
    this.#coming.set(placed.file, { placed, folder });
  }

  expectAside(placed: PlacedFile): void {
    this.#aside.set(placed.file, { placed, folder: undefined });
  }

  /** They do not come with the others. Those that come nevertheless are taken. */
  setAside(files: readonly number[]): void {
    for (const file of files) {
      const awaited = this.#coming.get(file);
      if (!awaited) continue;
      this.remove(file);
      this.expectAside(awaited.placed);
    }
  }

  /** It has come, or will not. Undefined when it is not awaited any more. */
  remove(file: number): AwaitedFile | undefined {
    const awaited = this.get(file);
    this.#coming.delete(file);
    this.#aside.delete(file);
    if (awaited?.folder) awaited.folder.awaited--;
    return awaited;
  }
}
