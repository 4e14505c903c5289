/**
 * The memory that a receiving thread shares with the thread that proves and writes pieces for it: slots for pieces,
 * and a ring of orders about them. Invariant: orders are carried out one after the other, in the order given; a
 * slot belongs to the writer from the count that orders it to the count that tells of it, else to the receiver.
 */
import { sinkSlots } from '../../../core/limits/tracker.ts';
import { leafBytes } from '../../../core/swarm/manifest.ts';
import { minPieceLength } from '../../../core/swarm/piece-length.ts';

/** One piece to be proved and written. */
export interface SinkOrder {
  readonly slot: number;
  readonly lengthBytes: number;
  /** The hash it must have. */
  readonly leaf: Uint8Array;
  /** Open for writing in this process, until it was told of. */
  readonly fd: number;
  readonly position: number;
}

/** What became of a piece: it was written, it is not what it should be, or the (negative) number of a system error. */
export type SinkOutcome = number;
export const sinkWritten = 0;
export const sinkWrong = 1;

/** What is handed to the other thread. */
export interface SinkShare {
  readonly slots: SharedArrayBuffer;
  readonly ring: SharedArrayBuffer;
}

/** Where in `#counts` they are: whether the writer is up, orders given, orders told of, whether somebody waits. */
const [readyAt, givenAt, toldAt, waitingAt] = [0, 1, 2, 3];
const countBytes = 16;
/** Position, then slot, length, descriptor and outcome, then the leaf. */
const orderBytes = 8 + 4 * 4 + leafBytes;

export class SinkMemory {
  readonly share: SinkShare;
  readonly #slots: readonly Buffer[];
  readonly #counts: Int32Array;
  readonly #positions: Float64Array;
  readonly #numbers: Int32Array;
  readonly #leaves: Uint8Array;

  constructor(share?: SinkShare) {
    this.share = share ?? {
      slots: new SharedArrayBuffer(sinkSlots * minPieceLength),
      ring: new SharedArrayBuffer(countBytes + sinkSlots * orderBytes),
    };
    const { slots, ring } = this.share;
    this.#slots = Array.from({ length: sinkSlots }, (_, at) =>
      Buffer.from(slots, at * minPieceLength, minPieceLength),
    );
    this.#counts = new Int32Array(ring, 0, countBytes / 4);
    this.#positions = new Float64Array(ring, countBytes, sinkSlots);
    this.#numbers = new Int32Array(ring, countBytes + sinkSlots * 8, sinkSlots * 4);
    this.#leaves = new Uint8Array(ring, countBytes + sinkSlots * 24, sinkSlots * leafBytes);
  }

  get slots(): readonly Buffer[] {
    return this.#slots;
  }

  get isReady(): boolean {
    return Atomics.load(this.#counts, readyAt) === 1;
  }

  /** How many orders have been told of, for `outcomeOf` and `told`. */
  get toldCount(): number {
    return Atomics.load(this.#counts, toldAt);
  }

  /** Gives an order; there are never more under way than slots, as each needs one. */
  give({ slot, lengthBytes, leaf, fd, position }: SinkOrder): void {
    const count = Atomics.load(this.#counts, givenAt);
    const at = placeOf(count);
    this.#positions[at] = position;
    this.#numbers.set([slot, lengthBytes, fd], at * 4);
    this.#leaves.set(leaf, at * leafBytes);
    Atomics.store(this.#counts, givenAt, (count + 1) | 0);
    Atomics.notify(this.#counts, givenAt);
  }

  outcomeOf(count: number): SinkOutcome {
    return this.#numbers[placeOf(count) * 4 + 3] ?? 0;
  }

  /** Has the writer say when it next tells of an order; what it told before is to be looked at afterwards. */
  wait(): void {
    Atomics.store(this.#counts, waitingAt, 1);
  }

  /**
   * For the writer: carries out one order after the other, for as long as its thread lives. `tell` is called after an
   * order when somebody waits.
   */
  carryOut(step: (order: SinkOrder) => SinkOutcome, tell: () => void): never {
    Atomics.store(this.#counts, readyAt, 1);
    for (let count = 0; ; count = (count + 1) | 0) {
      // Who gave the order before may wake us only now.
      while (Atomics.load(this.#counts, givenAt) === count) Atomics.wait(this.#counts, givenAt, count);
      const at = placeOf(count);
      this.#numbers[at * 4 + 3] = step(this.#orderAt(at));
      Atomics.store(this.#counts, toldAt, (count + 1) | 0);
      if (Atomics.exchange(this.#counts, waitingAt, 0) === 1) tell();
    }
  }

  #orderAt(at: number): SinkOrder {
    const [slot = 0, lengthBytes = 0, fd = 0] = this.#numbers.subarray(at * 4, at * 4 + 3);
    const leaf = this.#leaves.subarray(at * leafBytes, (at + 1) * leafBytes);
    return { slot, lengthBytes, leaf, fd, position: this.#positions[at] ?? 0 };
  }
}

/** Counts go round at 2^32, of which the ring's length is a divisor. */
const placeOf = (count: number): number => (count >>> 0) % sinkSlots;
