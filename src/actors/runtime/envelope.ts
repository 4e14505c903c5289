/**
 * What lies in a mailbox beside plain messages: things that are looked at once more when their turn has come,
 * because by then the incarnation they were meant for may be over.
 */
import type { Reply } from './ask.ts';

/** What `open` returns when there is nothing to deliver after all. */
export const nothing: unique symbol = Symbol('nothing');

/** The incarnation that opens an envelope. */
export interface Opener {
  /** Notes a question it has taken: it ends unanswered when the incarnation does. */
  took(reply: Reply<never>): void;
}

export abstract class Envelope {
  /** Whether `drop-oldest` may take it. */
  abstract readonly droppable: boolean;
  /** The message, or `nothing`. */
  abstract open(by: Opener): unknown;
  /** Called instead of `open` when nobody will. The message if that makes a dead letter, or `nothing`. */
  abstract discard(why: 'stopped' | 'full'): unknown;
}

/** A message an incarnation sends itself: a timer, an answer, a settled promise, a death it watched for. */
export class Delivery extends Envelope {
  readonly droppable = false;
  readonly #to: Opener;
  readonly #make: () => unknown;
  cancelled = false;

  constructor(to: Opener, make: () => unknown) {
    super();
    this.#to = to;
    this.#make = make;
  }

  open(by: Opener): unknown {
    return this.cancelled || by !== this.#to ? nothing : this.#make();
  }

  discard(): unknown {
    return nothing;
  }
}

/** A message that somebody waits to be answered. */
export class QuestionEnvelope extends Envelope {
  readonly droppable = true;
  readonly message: unknown;
  readonly reply: Reply<never>;

  constructor(message: unknown, reply: Reply<never>) {
    super();
    this.message = message;
    this.reply = reply;
  }

  open(by: Opener): unknown {
    if (this.reply.settled) return nothing;
    by.took(this.reply);
    return this.message;
  }

  discard(why: 'stopped' | 'full'): unknown {
    this.reply.fail(why);
    return nothing;
  }
}
