/**
 * Which files wait to be hashed, and when: first those that have been quiet for long enough, in the order in
 * which they came. Invariant: a file is in at most one of waiting (for quiet), ready and active.
 */
import {
  hashBackoffMs,
  hashBatchBytes,
  hashBatchFiles,
  maxHashAttempts,
} from '../../../core/limits/library.ts';
import type { KnownFile } from './known-file.ts';

/** Files still to be hashed, those being hashed included. */
export interface Outstanding {
  readonly files: number;
  readonly bytes: number;
}

export class HashQueue {
  readonly #settleMs: number;
  readonly #waiting = new Map<KnownFile, number>();
  readonly #ready = new Set<KnownFile>();
  /** How far `#ready` has been taken from, and what comes next: to begin anew is to step over all that was taken. */
  #order: SetIterator<KnownFile> | undefined;
  #first: KnownFile | undefined;
  readonly #active = new Set<KnownFile>();
  readonly #attempts = new Map<KnownFile, number>();
  /** No waiting file is due before; it may be too early. */
  #earliestMs = Infinity;

  /** `settleMs`: how long a file must not have changed before it is hashed. */
  constructor(settleMs: number) {
    this.#settleMs = settleMs;
  }

  /** What is still to be hashed, what is being hashed included. */
  get outstanding(): Outstanding {
    let bytes = 0;
    for (const { bytes: inShare } of this.outstandingByRoot().values()) bytes += inShare;
    return { files: this.size, bytes };
  }

  /** How many files are outstanding. */
  get size(): number {
    return this.#waiting.size + this.#ready.size + this.#active.size;
  }

  /** The same for each shared folder that has any. */
  outstandingByRoot(): Map<string, Outstanding> {
    const byRoot = new Map<string, { files: number; bytes: number }>();
    const count = ({ sizeBytes, place }: KnownFile): void => {
      const sum = byRoot.get(place.root) ?? { files: 0, bytes: 0 };
      if (sum.files === 0) byRoot.set(place.root, sum);
      sum.files += 1;
      sum.bytes += sizeBytes;
    };
    // An iterator would make an object for each of hundreds of thousands, several times a second.
    this.#waiting.forEach((_due, file) => count(file));
    this.#ready.forEach(count);
    this.#active.forEach(count);
    return byRoot;
  }

  /** The shared folders that files are being hashed of. */
  activeRoots(): ReadonlySet<string> {
    return new Set(Array.from(this.#active, ({ place }) => place.root));
  }

  get active(): number {
    return this.#active.size;
  }

  /** When to look for ready files again, by the caller's clock; undefined when none waits. */
  get nextDueMs(): number | undefined {
    return this.#waiting.size > 0 ? this.#earliestMs : undefined;
  }

  /** A file that is still to be hashed; nothing when it is here already. */
  remains(file: KnownFile, nowMs: number): void {
    if (this.#active.has(file) || this.#ready.has(file) || this.#waiting.has(file)) return;
    this.#enqueue(file, nowMs, 0);
  }

  /** A file whose hashing came to nothing. False when it failed so often that the next full scan has to ask. */
  failed(file: KnownFile, nowMs: number): boolean {
    const attempts = (this.#attempts.get(file) ?? 0) + 1;
    this.#attempts.set(file, attempts);
    if (attempts >= maxHashAttempts) {
      this.#attempts.delete(file);
      return false;
    }
    this.#enqueue(file, nowMs, hashBackoffMs * 2 ** (attempts - 1));
    return true;
  }

  forget(file: KnownFile): void {
    this.#waiting.delete(file);
    this.#ready.delete(file);
    this.#attempts.delete(file);
    if (file === this.#first) this.#first = undefined;
  }

  /** The files of the next job: one, or several small ones. Empty when none is ready. */
  take(nowMs: number): readonly KnownFile[] {
    if (nowMs >= this.#earliestMs) this.#promote(nowMs);
    const batch: KnownFile[] = [];
    let bytes = 0;
    for (let file = this.#firstReady(); file; file = this.#firstReady()) {
      bytes += file.sizeBytes;
      if (batch.length > 0 && bytes > hashBatchBytes) break;
      batch.push(file);
      this.#ready.delete(file);
      this.#active.add(file);
      if (batch.length === hashBatchFiles) break;
    }
    return batch;
  }

  /** A job is over: its files are nowhere until something puts them back. */
  release(files: readonly KnownFile[]): void {
    for (const file of files) this.#active.delete(file);
  }

  succeeded(file: KnownFile): void {
    this.#attempts.delete(file);
  }

  #enqueue(file: KnownFile, nowMs: number, delayMs: number): void {
    const quietMs = nowMs - (file.quietSinceMs ?? 0);
    // A file from the future has been quiet for as long as we know it.
    const settleMs = quietMs < 0 ? this.#settleMs : Math.max(0, this.#settleMs - quietMs);
    const due = nowMs + Math.max(settleMs, delayMs);
    this.#waiting.delete(file);
    if (due <= nowMs) {
      this.#ready.add(file);
      return;
    }
    this.#waiting.set(file, due);
    this.#earliestMs = Math.min(this.#earliestMs, due);
  }

  #firstReady(): KnownFile | undefined {
    if (this.#first && this.#ready.has(this.#first)) return this.#first;
    this.#order ??= this.#ready.values();
    const { value, done } = this.#order.next();
    if (done) this.#order = undefined;
    this.#first = done ? undefined : value;
    return this.#first;
  }

  #promote(nowMs: number): void {
    this.#earliestMs = Infinity;
    for (const [file, due] of this.#waiting) {
      if (due > nowMs) {
        this.#earliestMs = Math.min(this.#earliestMs, due);
        continue;
      }
      this.#waiting.delete(file);
      this.#ready.add(file);
    }
  }
}
