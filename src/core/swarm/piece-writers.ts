/**
 * Who writes to one partial file and which pieces they have written, in memory that all threads see which fetch for it:
 * whoever ends a download knows without asking when nobody writes any more, and loses nothing that was not reported. Who
 * is not waited for any more sees there that it is to write nothing more.
 * Invariant: who writes is counted from before the first write until after the last, and a piece is noted only once all
 * of it is written and right.
 */
const countWord = 0;
const endedWord = 1;
const firstWord = 2;

export class PieceWriters {
  /** What other threads are given; they make their own `PieceWriters` of it. */
  readonly shared: SharedArrayBuffer;
  readonly #words: Int32Array;

  constructor(shared: SharedArrayBuffer) {
    this.shared = shared;
    this.#words = new Int32Array(shared);
  }

  /** Nobody writes at first. */
  static of(pieces: number): PieceWriters {
    const words = firstWord + Math.ceil(pieces / 32);
    return new PieceWriters(new SharedArrayBuffer(words * Int32Array.BYTES_PER_ELEMENT));
  }

  /** One more may write from now on, until what is returned is called; again, that does nothing. */
  begin(): () => void {
    let isOver = false;
    Atomics.add(this.#words, countWord, 1);
    return () => {
      if (isOver) return;
      isOver = true;
      Atomics.sub(this.#words, countWord, 1);
      Atomics.notify(this.#words, countWord);
    };
  }

  wrote(piece: number): void {
    Atomics.or(this.#words, firstWord + (piece >>> 5), 1 << (piece & 31));
  }

  /** What was written of it is wrong by now. Whether it was written at all. */
  forget(piece: number): boolean {
    const bit = 1 << (piece & 31);
    return (Atomics.and(this.#words, firstWord + (piece >>> 5), ~bit) & bit) !== 0;
  }

  /** Whoever writes to it begins no further write. */
  end(): void {
    Atomics.store(this.#words, endedWord, 1);
  }

  /** To be looked at before each write that nobody may wait for. */
  get haveEnded(): boolean {
    return Atomics.load(this.#words, endedWord) !== 0;
  }

  /** The pieces that have been written. */
  *written(): Generator<number> {
    for (let at = firstWord; at < this.#words.length; at++) {
      let word = Atomics.load(this.#words, at);
      while (word !== 0) {
        const bit = 31 - Math.clz32(word);
        yield (at - firstWord) * 32 + bit;
        word &= ~(1 << bit);
      }
    }
  }

  /** Waits until nobody writes, but no longer than this. Whether nobody does: who died writes for ever. */
  async areGone(timeoutMs: number): Promise<boolean> {
    const deadlineMs = performance.now() + timeoutMs;
    for (;;) {
      const count = Atomics.load(this.#words, countWord);
      if (count === 0) return true;
      const leftMs = deadlineMs - performance.now();
      if (leftMs <= 0) return false;
      const { async: waits, value } = Atomics.waitAsync(this.#words, countWord, count, leftMs);
      if (waits) await value;
    }
  }
}
