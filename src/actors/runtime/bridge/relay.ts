/** A message from another thread, in the mailbox of its actor: when it is taken, its sender may send another. */
import type { Reply } from '../ask.ts';
import { Envelope, nothing, type Opener } from '../envelope.ts';

export class Relay extends Envelope {
  readonly droppable = true;
  readonly message: unknown;
  /** For a question: where the answer goes. */
  readonly reply: Reply<never> | undefined;
  readonly #taken: () => void;
  readonly #kept: boolean;

  /** `kept`: the sender has kept it, and gets it back when it was not taken before the actor's end. */
  constructor(message: unknown, reply: Reply<never> | undefined, taken: () => void, kept: boolean) {
    super();
    this.message = message;
    this.reply = reply;
    this.#taken = taken;
    this.#kept = kept;
  }

  /** It has left the last mailbox but one; the next hop counts from here. */
  taken(): void {
    this.#taken();
  }

  open(by: Opener): unknown {
    this.#taken();
    if (this.reply === undefined) return this.message;
    if (this.reply.settled) return nothing;
    by.took(this.reply);
    return this.message;
  }

  discard(why: 'stopped' | 'full'): unknown {
    if (this.#kept && why === 'stopped') return nothing;
    this.#taken();
    if (this.reply === undefined) return this.message;
    this.reply.fail(why);
    return nothing;
  }
}
