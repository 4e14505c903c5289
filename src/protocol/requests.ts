/**
 * The open requests of one direction of a conversation. Invariant: a request is open from when it was asked
 * until its final answer or its error, and an id stands for one open request at most.
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
  /** Where the last block ended; -1 before the first. */
  piece: number;
  offset: number;
}

export class Requests {
  readonly #open = new Map<number, OpenRequest>();

  get count(): number {
    return this.#open.size;
  }

  get(id: number): OpenRequest | undefined {
    return this.#open.get(id);
  }

  open(id: number, message: AnyMessage, answers: readonly string[]): void {
    this.#open.set(id, { id, message, answers, isCancelled: false, piece: -1, offset: 0 });
  }

  close(id: number): void {
    this.#open.delete(id);
  }
}
