/**
 * The questions that cross a link, both ways, each known by a number for as long as it is open: an answer, a
 * timeout or the end of either side takes it off the table.
 */
import type { AskFailure } from '../actor.ts';
import type { Reply } from '../ask.ts';
import { RemoteReply, type Answering } from './remote-reply.ts';
import { op, type Op } from './wire.ts';

/** Stands for a question that had settled before it could cross. */
const settledId = 0;

export class Questions implements Answering {
  readonly #send: (operation: Op, id: number, payload: unknown) => void;
  readonly #late: (value: unknown) => void;
  readonly #asked = new Map<number, Reply<never>>();
  readonly #toAnswer = new Map<number, RemoteReply>();
  #lastId = 0;

  constructor(send: (operation: Op, id: number, payload: unknown) => void, late: (value: unknown) => void) {
    this.#send = send;
    this.#late = late;
  }

  /** Questions open in either direction. */
  get open(): number {
    return this.#asked.size + this.#toAnswer.size;
  }

  /** The number by which the other side may answer. */
  ask(reply: Reply<never>): number {
    if (reply.settled) return settledId;
    this.#lastId += 1;
    const id = this.#lastId;
    this.#asked.set(id, reply);
    reply.whenSettled(() => {
      if (this.#asked.delete(id)) this.#send(op.settled, id, 0);
    });
    return id;
  }

  /** Our own question, come back to us inside a message. */
  own(id: number): Reply<never> {
    const reply = this.#asked.get(id);
    return reply ?? this.#moot(id);
  }

  /** A question of the other side's. */
  toAnswer(id: number): RemoteReply {
    if (id === settledId) return this.#moot(id);
    const known = this.#toAnswer.get(id);
    if (known !== undefined) return known;
    const reply = new RemoteReply(this, id);
    this.#toAnswer.set(id, reply);
    return reply;
  }

  /** The other side has answered. */
  reply(id: number, value: unknown): void {
    const reply = this.#asked.get(id);
    this.#asked.delete(id);
    if (reply === undefined) this.#late(value);
    else reply.reply(value as never);
  }

  /** The other side will not answer. */
  fail(id: number, why: AskFailure): void {
    const reply = this.#asked.get(id);
    this.#asked.delete(id);
    reply?.fail(why);
  }

  /** The other side does not wait any more. */
  settled(id: number): void {
    const reply = this.#toAnswer.get(id);
    this.#toAnswer.delete(id);
    reply?.abandon();
  }

  answered(id: number, value: unknown): void {
    this.#toAnswer.delete(id);
    this.#send(op.reply, id, value);
  }

  unanswered(id: number, why: AskFailure): void {
    this.#toAnswer.delete(id);
    this.#send(op.unanswered, id, why);
  }

  late(value: unknown): void {
    this.#late(value);
  }

  /** These are not on their way any more, but still open. */
  withdraw(replies: ReadonlySet<Reply<never>>): void {
    for (const [id, reply] of this.#asked) if (replies.has(reply)) this.#asked.delete(id);
  }

  /** The other side is gone. */
  close(): void {
    for (const id of this.#asked.keys()) this.fail(id, 'stopped');
    for (const id of this.#toAnswer.keys()) this.settled(id);
  }

  /** A question that nobody waits for. */
  #moot(id: number): RemoteReply {
    const reply = new RemoteReply(this, id);
    reply.abandon();
    return reply;
  }
}
