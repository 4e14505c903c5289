/**
 * The open requests of one direction of a conversation. Invariant: a request is open from when it was asked
 * until its final answer or its error, an id stands for one open request at most, and their number is bounded.
 */

/** A message as the code that works for all requests sees it. */
export interface AnyMessage {
  readonly type: string;
  readonly requestId?: number;
}

export interface OpenRequest {
  readonly id: number;
  /** What was asked. */
  readonly message: AnyMessage;
  /** The types that answer it, beside `error`. */
  readonly answers: readonly string[];
  /** Who asked has lost interest. */
  isCancelled: boolean;
  /** Of searches: results that have come; of `get-files`: files. */
  results: number;
  /** Of `get-pieces`: the piece of the last block, -1 before the first, and where in it the block ended. */
  piece: number;
  offset: number;
}

export class Requests {
  readonly #max: number;
  readonly #open = new Map<number, OpenRequest>();

  constructor(max: number) {
    this.#max = max;
  }

  get count(): number {
    return this.#open.size;
  }

  get isFull(): boolean {
    return this.#open.size >= this.#max;
  }

  /** Whether the id may stand for a new request; 0 is the connection's. */
  isFree(id: number): boolean {
    return id !== 0 && !this.#open.has(id);
  }

  get(id: number): OpenRequest | undefined {
    return this.#open.get(id);
  }

  open(id: number, message: AnyMessage, answers: readonly string[]): void {
    this.#open.set(id, { id, message, answers, isCancelled: false, results: 0, piece: -1, offset: 0 });
  }

  /** Whether it was open. */
  cancel(id: number): boolean {
    const request = this.#open.get(id);
    if (request) request.isCancelled = true;
    return request !== undefined;
  }

  /** Whether it was open. */
  close(id: number): boolean {
    return this.#open.delete(id);
  }
}
