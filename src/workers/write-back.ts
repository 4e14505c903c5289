/**
 * Has the system begin to write to the disk what was written to a file, which it otherwise does when the file is
 * flushed, all at once. It is `sync_file_range(2)`, which Node has not; its experimental `node:ffi` calls it where both
 * are there, and elsewhere nothing happens. Invariant: it claims nothing and takes no error from anybody; what is to
 * survive a power cut is flushed all the same.
 */
import { writeBackBytes } from '../core/limits/tracker.ts';

/** Begins to write what of an open file is not on the disk yet; may wait while the disk has enough to do. */
type BeginWriting = (fd: number) => void;

/** Begin, and wait for nothing. An error that is found while writing stays with the file, for its flush. */
const syncFileRangeWrite = 2;

/** The part of `node:ffi` that is used; newer than the types. */
interface Ffi {
  dlopen(
    library: null,
    symbols: Record<string, { readonly arguments: readonly string[]; readonly return: string }>,
  ): { readonly functions: Record<string, ((...values: (number | bigint)[]) => unknown) | undefined> };
}

/** Undefined where the system or Node does not have it. */
export function beginWritingOf(
  find: (id: string) => unknown = (id) => process.getBuiltinModule(id),
): BeginWriting | undefined {
  try {
    const ffi = find('node:ffi') as Ffi | undefined;
    const call = ffi?.dlopen(null, {
      sync_file_range: { arguments: ['int32', 'int64', 'int64', 'uint32'], return: 'int32' },
    }).functions['sync_file_range'];
    // From the start to wherever the end is. What it cannot do the flush does.
    return call && ((fd) => void call(fd, 0n, 0n, syncFileRangeWrite));
  } catch {
    return undefined;
  }
}

/** Counts what is written to each file, and begins to write it to the disk each time there is enough. */
export class WriteBack {
  readonly #begin: BeginWriting | undefined;
  /** By descriptor, of which there are never many; one that is another file's meanwhile is only early once. */
  readonly #bytes = new Map<number, number>();

  constructor(begin: BeginWriting | undefined) {
    this.#begin = begin;
  }

  wrote(fd: number, bytes: number): void {
    if (!this.#begin) return;
    const written = (this.#bytes.get(fd) ?? 0) + bytes;
    if (written >= writeBackBytes) this.#begin(fd);
    this.#bytes.set(fd, written >= writeBackBytes ? 0 : written);
  }
}
