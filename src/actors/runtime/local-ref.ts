/** The ref of an actor of this thread. */
import type { ActorPath, StopReason } from './actor.ts';
import type { Reply } from './ask.ts';
import type { Relay } from './bridge/relay.ts';
import type { Cell } from './cell.ts';
import { QuestionEnvelope } from './envelope.ts';
import { Handle } from './handle.ts';
import { maxInFlightMessages } from './limits.ts';

export class LocalRef extends Handle<unknown> {
  readonly #cell: Cell;

  constructor(cell: Cell) {
    super();
    this.#cell = cell;
  }

  /** The cell behind a ref, undefined when the actor is not of this thread. */
  static cellOf(ref: object): Cell | undefined {
    return ref instanceof LocalRef ? ref.#cell : undefined;
  }

  get path(): ActorPath {
    return this.#cell.path;
  }

  tell(message: unknown): void {
    const cell = this.#cell;
    if (!cell.offer(message)) cell.kernel.deadLetters.add(cell.path, message, cell.refusal);
  }

  offer(message: unknown): boolean {
    return this.#cell.offer(message);
  }

  question(message: unknown, reply: Reply<never>): void {
    const cell = this.#cell;
    if (cell.offer(new QuestionEnvelope(message, reply))) return;
    const why = cell.refusal;
    queueMicrotask(() => reply.fail(why));
  }

  relay(relay: Relay): void {
    this.#cell.deliver(relay);
  }

  get window(): number {
    return Math.min(this.#cell.mailbox.capacity, maxInFlightMessages);
  }

  whenEnded(callback: (reason: StopReason) => void): () => void {
    return this.#cell.whenEnded(callback);
  }
}
