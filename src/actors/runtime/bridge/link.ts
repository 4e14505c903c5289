/** One end of the connection between two threads: turns what its actors say into frames and frames into that. */
import { MessagePort } from 'node:worker_threads';
import type { ActorPath, AskFailure, StopReason } from '../actor.ts';
import type { Reply } from '../ask.ts';
import { QuestionEnvelope } from '../envelope.ts';
import type { Handle } from '../handle.ts';
import type { Kernel } from '../kernel.ts';
import { Codec, handOver, type Frame, type HandleTable } from './codec.ts';
import { Outbox, type Sender } from './outbox.ts';
import { Questions } from './questions.ts';
import { Refs, type WrittenRef } from './refs.ts';
import { Relay } from './relay.ts';
import type { Carrier, RemoteRef } from './remote-ref.ts';
import { RemoteReply } from './remote-reply.ts';
import { itemsPerOp, op, type Control, type Op } from './wire.ts';

export interface LinkPort {
  postMessage(frame: Frame, transfer: ReturnType<typeof handOver>): void;
}

export class Link implements HandleTable, Carrier, Sender {
  readonly kernel: Kernel;
  readonly refs: Refs;
  readonly #port: LinkPort;
  readonly #path: ActorPath;
  readonly #control: (control: Control) => void;
  readonly #codec: Codec;
  readonly #outbox: Outbox;
  readonly #questions: Questions;
  #open = true;

  /** `path` is the placed actor's, for dead letters; `control` gets what concerns it. */
  constructor(kernel: Kernel, path: ActorPath, port: LinkPort, control: (control: Control) => void) {
    this.kernel = kernel;
    this.#path = path;
    this.#port = port;
    this.#control = control;
    this.#codec = new Codec(this);
    this.#outbox = new Outbox(this.#codec, this);
    this.refs = new Refs(this, this.#outbox);
    this.#questions = new Questions(
      (operation, id, payload) => this.#outbox.push(operation, id, payload),
      (value) => kernel.deadLetters.add(path, value, 'late-reply'),
    );
  }

  /** Handles and questions on the tables; for tests of leaks. */
  get held(): { exports: number; imports: number; questions: number } {
    return { ...this.refs.held, questions: this.#questions.open };
  }

  /** Throws when `value` cannot cross. */
  check(value: unknown): void {
    this.#codec.encode(value);
  }

  send(control: Control): void {
    this.#outbox.push(op.control, 0, control);
  }

  carry(ref: RemoteRef, entry: unknown): void {
    if (entry instanceof QuestionEnvelope) this.#outbox.push(op.ask, ref.id, entry.message);
    else if (!(entry instanceof Relay)) this.#outbox.tell(ref.id, entry);
    else if (entry.reply === undefined) this.#outbox.tell(ref.id, entry.message);
    else this.#outbox.push(op.ask, ref.id, entry.message);
  }

  /** Takes a frame that has just come; to be called from the event loop. */
  receive(frame: Frame): void {
    const items = this.#codec.decode(frame) as unknown[];
    for (let at = 0; at < items.length; at += itemsPerOp)
      this.#operate(items[at] as Op, items[at + 1] as number, items[at + 2]);
    this.kernel.scheduler.turn();
  }

  /** Takes back what is in flight to a ref, questions included: they may be asked again elsewhere. */
  takeBack(ref: RemoteRef): unknown[] {
    const entries = ref.takeBack();
    const replies = entries.map((entry) =>
      entry instanceof QuestionEnvelope || entry instanceof Relay ? entry.reply : undefined,
    );
    this.#questions.withdraw(new Set(replies.filter((reply) => reply !== undefined)));
    return entries;
  }

  /** The other side is gone: its actors have ended, its questions are moot, ours will not be answered. */
  close(error: Error): void {
    if (!this.#open) return;
    this.#open = false;
    this.refs.close(error);
    this.#questions.close();
  }

  /** A port that would have gone with a frame to a side that is gone is closed: who holds its other end sees it. */
  post(frame: Frame): void {
    const given = handOver(frame);
    if (this.#open) this.#port.postMessage(frame, given);
    else for (const one of given) if (one instanceof MessagePort) one.close();
  }

  closing(): void {
    this.refs.report();
  }

  unsendable(operation: Op, id: number, payload: unknown, error: Error): readonly unknown[] {
    if (operation === op.control) return [op.control, 0, this.#describe(payload as Control, error)];
    const ref = operation === op.reply ? undefined : this.refs.imported(id);
    this.kernel.deadLetters.add(ref?.path ?? this.#path, payload, 'unsendable');
    ref?.unsent(payload);
    return operation === op.reply ? [op.unanswered, id, 'stopped'] : [];
  }

  writeRef(ref: Handle<never>): WrittenRef {
    return this.refs.write(ref);
  }

  readRef(written: unknown): Handle<never> {
    return this.refs.read(written as WrittenRef);
  }

  /** A reply is its number, negative when it is the receiver's own. */
  writeReply(reply: Reply<never>): number {
    if (reply instanceof RemoteReply && reply.link === this.#questions) return -reply.id;
    return this.#questions.ask(reply);
  }

  readReply(written: unknown): Reply<never> {
    const id = Math.abs(written as number);
    return written === id ? this.#questions.toAnswer(id) : this.#questions.own(id);
  }

  #operate(operation: Op, id: number, payload: unknown): void {
    switch (operation) {
      case op.tells:
        for (const message of payload as unknown[]) this.#relay(id, message, undefined);
        return undefined;
      case op.ask:
        return this.#relay(id, payload, (payload as { replyTo: Reply<never> }).replyTo);
      case op.taken:
        return this.refs.imported(id)?.taken(payload as number);
      case op.reply:
        return this.#questions.reply(id, payload);
      case op.unanswered:
        return this.#questions.fail(id, payload as AskFailure);
      case op.settled:
        return this.#questions.settled(id);
      case op.gone:
        return this.refs.ended(id, payload as StopReason);
      case op.forget:
        return this.refs.forget(id);
      case op.control:
        return this.#control(payload as Control);
    }
  }

  /** A control message in words where its contents cannot cross. */
  #describe(control: Control, error: Error): Control {
    if (control.type === 'dead-letter') return { ...control, message: String(control.message) };
    return { type: 'failure', path: this.#path, error };
  }

  #relay(id: number, message: unknown, reply: Reply<never> | undefined): void {
    const entry = this.refs.exported(id);
    if (entry === undefined) return this.kernel.deadLetters.add(this.#path, message, 'stopped');
    entry.handle.relay(new Relay(message, reply, entry.taken, entry.kept));
  }
}
