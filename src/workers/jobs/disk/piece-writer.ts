/**
 * Writes pieces at their places in one file: neighbours together, one write at a time, because a file takes one
 * at a time anyway and threads would only wait for one another.
 * Invariant: every piece given is told of exactly once, written or not.
 */
import { close, constants, open, writev } from 'node:fs';
import { promisify } from 'node:util';
import { maxWriteBytes } from '../../../core/limits/tracker.ts';

const openFile = promisify(open);
const closeFile = promisify(close);

interface Waiting {
  readonly position: number;
  readonly bytes: Uint8Array;
  /** The bytes may be reused. */
  readonly done: (error: Error | null) => void;
}

export class PieceWriter {
  readonly #fd: number;
  readonly #waiting: Waiting[] = [];
  #isWriting = false;
  #onDrained: (() => void) | undefined;

  private constructor(fd: number) {
    this.#fd = fd;
  }

  /** The file must exist and be no link. Throws what the disk says. */
  static async open(filePath: string): Promise<PieceWriter> {
    return new PieceWriter(await openFile(filePath, constants.O_WRONLY | constants.O_NOFOLLOW));
  }

  /** For who writes to it in another way; until `close`. */
  get fd(): number {
    return this.#fd;
  }

  write(position: number, bytes: Uint8Array, done: (error: Error | null) => void): void {
    this.#waiting.push({ position, bytes, done });
    this.#writeNext();
  }

  /** Waits for what was given. */
  async close(): Promise<void> {
    if (this.#isWriting) await new Promise<void>((resolve) => (this.#onDrained = resolve));
    await closeFile(this.#fd);
  }

  #writeNext(): void {
    if (this.#isWriting) return;
    const run = this.#takeRun();
    const [first] = run;
    if (!first) {
      this.#onDrained?.();
      return;
    }
    this.#isWriting = true;
    this.#writeAll(
      run.map(({ bytes }) => bytes),
      first.position,
      (error) => {
        this.#isWriting = false;
        for (const { done } of run) done(error);
        this.#writeNext();
      },
    );
  }

  /** The first that waits and those that follow it directly in the file. */
  #takeRun(): Waiting[] {
    const [first] = this.#waiting;
    if (!first) return [];
    let end = first.position;
    let count = 0;
    for (const { position, bytes } of this.#waiting) {
      if (position !== end || (count > 0 && end + bytes.length - first.position > maxWriteBytes)) break;
      end += bytes.length;
      count++;
    }
    return this.#waiting.splice(0, count);
  }

  #writeAll(parts: Uint8Array[], position: number, done: (error: Error | null) => void): void {
    writev(this.#fd, parts, position, (error, written) => {
      const left = error ? [] : after(parts, written);
      if (left.length === 0) done(error);
      else this.#writeAll(left, position + written, done);
    });
  }
}

/** What is left of the parts after so many bytes: a write may be cut short. */
function after(parts: readonly Uint8Array[], written: number): Uint8Array[] {
  let skip = written;
  return parts.flatMap((part) => {
    const left = part.subarray(Math.min(skip, part.length));
    skip = Math.max(0, skip - part.length);
    return left.length > 0 ? [left] : [];
  });
}
