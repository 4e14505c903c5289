/**
 * A download as those see it who serve it to others, in memory that threads share: which pieces are there, how
 * much of it was sent, and whether it may be served at all.
 * Invariant: the one who downloads sets pieces and withdraws; those who serve only count what they send.
 */
import { Bitfield } from './bitfield.ts';

/** What crosses to another thread. */
export interface OfferMemory {
  readonly have: SharedArrayBuffer;
  readonly words: SharedArrayBuffer;
}

const sentWord = 0;
const withdrawnWord = 1;

export class PartialOffer {
  /** Pieces that are verified and on the disk. */
  readonly have: Bitfield;
  readonly memory: OfferMemory;
  readonly #words: BigInt64Array;

  constructor(pieces: number, have: SharedArrayBuffer, words: SharedArrayBuffer = new SharedArrayBuffer(16)) {
    this.have = new Bitfield(pieces, have);
    this.memory = { have, words };
    this.#words = new BigInt64Array(words);
  }

  get sentBytes(): number {
    return Number(Atomics.load(this.#words, sentWord));
  }

  sent(bytes: number): void {
    Atomics.add(this.#words, sentWord, BigInt(bytes));
  }

  get isWithdrawn(): boolean {
    return Atomics.load(this.#words, withdrawnWord) !== 0n;
  }

  /** Nothing more of it is served, whoever has it open. */
  withdraw(): void {
    Atomics.store(this.#words, withdrawnWord, 1n);
  }
}
